import {
  currentTotals,
  forecastCoverCodec,
  limits,
  readSpan,
  rowCodec,
  scoreCodec,
  scoreLineCodec,
  scoreLineOf,
  slot,
  slotMax,
  type Computation,
  type RequestId,
  type Score,
  type ScoredReadings,
  type ScoreLine,
  type Slot,
} from '@flexledger/domain';
import { loadAmendments } from '../metering/amendment-store';
import { loadReadings } from '../metering/chain-store';
import { oracleKeys } from './oracle-keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

/** The versions of scores, each written once. */
export const scores = new RowKeeper(rowCodec(scoreCodec), oracleKeys.score);
/** What is set aside for forecasts. */
export const forecastCovers = new RowKeeper(rowCodec(forecastCoverCodec), oracleKeys.forecastCover);
const lineRow = rowCodec(scoreLineCodec);

/** The last version of the score of an answer; undefined while it has none. */
export async function lastScore(
  session: StoreSession,
  requestId: RequestId,
  mspId: string,
): Promise<Score | undefined> {
  let last: Score | undefined;
  for (;;) {
    const next = await scores.load(session, requestId, mspId, (last?.version ?? 0) + 1);
    if (next === undefined) {
      return last;
    }
    last = next;
  }
}

/** Saves a version of a score, and its short form in the place of the one before: no two answers share a row. */
export function saveScore(session: StoreSession, score: Score): void {
  const { firstSlot, mspId, requestId, version } = score;
  scores.save(session, score, requestId, mspId, version);
  session.save(oracleKeys.scoreLine(firstSlot, requestId, mspId), lineRow.encode(scoreLineOf(score)));
}

/** The totals in force of the quarter hours that a score needs, of every meter of a request. */
export async function loadScoredReadings(session: StoreSession, request: Computation): Promise<ScoredReadings> {
  const { fromSlot, toSlot } = readSpan(request);
  const loaded = await Promise.all(
    request.meterIds.map(async (meterId) => {
      const [readings, amendments] = await Promise.all([
        loadReadings(session, meterId, fromSlot, toSlot),
        loadAmendments(session, meterId, fromSlot, toSlot),
      ]);
      return [meterId, currentTotals(readings, amendments, fromSlot, toSlot)] as const;
    }),
  );
  return new Map(loaded);
}

/** One page of scores in short, in the order of time; for evaluates. */
export async function pageScoreLines(
  session: StoreSession,
  fromSlot: Slot,
  after: string | undefined,
): Promise<{ readonly rows: readonly ScoreLine[]; readonly bookmark: string | null }> {
  const first = oracleKeys.scoreLinesFrom(fromSlot);
  const next = after === undefined ? first : oracleKeys.scoreLinesAfter(after);
  const from = next > first ? next : first;
  const end = oracleKeys.scoreLinesFrom(slot(slotMax));
  const listed = from < end ? await session.firstRowsOfRange(from, end, limits.scoresPerPageMax) : [];
  return {
    rows: listed.map(({ row }) => lineRow.decode(row)),
    bookmark: listed.length < limits.scoresPerPageMax ? null : (listed.at(-1)?.parts.at(-1) ?? null),
  };
}
