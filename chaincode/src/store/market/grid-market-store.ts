import {
  addSlots,
  clearingAnswerChunkCodec,
  clearingAnswerHeadCodec,
  clearingRequestCodec,
  gridTermsCodec,
  gridTermsHeadCodec,
  intervalSlotsMax,
  limits,
  rowCodec,
  sessionFlowCodec,
  slot,
  slotsPerHour,
  type ClearingAnswerHead,
  type GridTerms,
  type IntervalAnswer,
  type ListAnswer,
  type SessionFlow,
  type Slot,
} from '@flexledger/domain';
import { keys } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

/** The terms of a grid, by number: written once. */
export const gridTerms = new RowKeeper(rowCodec(gridTermsCodec), keys.gridTerms);
/** Which terms of a grid are the last. */
export const gridTermsHeads = new RowKeeper(rowCodec(gridTermsHeadCodec), keys.gridTermsHead);
export const clearingRequests = new RowKeeper(rowCodec(clearingRequestCodec), keys.clearingRequest);
export const clearingAnswers = new RowKeeper(rowCodec(clearingAnswerHeadCodec), keys.clearingAnswer);
export const clearingAnswerParts = new RowKeeper(rowCodec(clearingAnswerChunkCodec), keys.clearingAnswerChunk);

const sessionFlowRow = rowCodec(sessionFlowCodec);
const sessionFlows = new RowKeeper(sessionFlowRow, keys.sessionFlow);

/** Writes what a cleared session carries through its grid. */
export function saveSessionFlows(session: StoreSession, gridId: string, flows: readonly SessionFlow[]): void {
  for (const flow of flows) {
    sessionFlows.save(session, flow, gridId, flow.firstSlot, flow.sessionId);
  }
}

/**
 * What cleared sessions carry through a grid in some quarter hours, and in intervals that begin shortly before. In a submit a session that is
 * cleared at the same time for one of these quarter hours is a conflict, as it must be: both could not have known of each other.
 */
export async function loadClearedFlows(
  session: StoreSession,
  gridId: string,
  firstSlot: Slot,
  slots: number,
): Promise<readonly SessionFlow[]> {
  const rows = await session.rangeOfRows(
    keys.sessionFlowsFrom(gridId, firstStart(firstSlot)),
    keys.sessionFlowsFrom(gridId, addSlots(firstSlot, slots)),
  );
  return rows.map(({ row }) => sessionFlowRow.decode(row));
}

/** One page of what cleared sessions carry through a grid in the hour that begins in a slot; for evaluates. */
export async function pageClearedFlows(
  session: StoreSession,
  gridId: string,
  hour: Slot,
  after: string | undefined,
): Promise<ListAnswer<SessionFlow>> {
  const first = keys.sessionFlowsFrom(gridId, firstStart(hour));
  const next = after === undefined ? first : keys.sessionFlowsAfter(gridId, after);
  const end = keys.sessionFlowsFrom(gridId, addSlots(hour, slotsPerHour));
  const from = next > first ? next : first;
  const listed = from < end ? await session.firstRowsOfRange(from, end, limits.listRowsMax) : [];
  return {
    rows: listed
      .map(({ row }) => sessionFlowRow.decode(row))
      .filter(({ firstSlot, intervalSlots }) => hour < firstSlot + intervalSlots),
    bookmark: listed.length < limits.listRowsMax ? null : (listed.at(-1)?.parts.at(-1) ?? null),
  };
}

/** Where an interval that covers a slot can begin at the earliest. */
function firstStart(firstSlot: Slot): Slot {
  return slot(Math.max(0, firstSlot - intervalSlotsMax + 1));
}

/** The last terms of a grid; undefined where it has none. */
export async function loadLastTerms(session: StoreSession, gridId: string): Promise<GridTerms | undefined> {
  const head = await gridTermsHeads.load(session, gridId);
  return head === undefined ? undefined : gridTerms.load(session, gridId, head.number);
}

/** The intervals of the chunks of an answer that are there, by chunk. */
export async function loadAnswerParts(
  session: StoreSession,
  head: ClearingAnswerHead | undefined,
): Promise<ReadonlyMap<number, readonly IntervalAnswer[]>> {
  const parts = new Map<number, readonly IntervalAnswer[]>();
  if (head === undefined) {
    return parts;
  }
  const { answerDigest, mspId, sessionId } = head;
  for (const chunk of head.received) {
    const part = await clearingAnswerParts.load(session, sessionId, mspId, answerDigest, chunk);
    parts.set(chunk, part?.intervals ?? []);
  }
  return parts;
}
