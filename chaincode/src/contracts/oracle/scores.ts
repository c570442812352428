import {
  contracts,
  forecastEnd,
  isSameScore,
  scorable,
  scoreAnswer,
  slot,
  standingsOf,
  type RequestId,
  type Score,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { hasBegun } from '../../store/clock-store';
import { found } from '../../store/found';
import { computations, loadAnswer, loadAnswerOf } from '../../store/oracle/oracle-store';
import { lastScore, loadScoredReadings, pageScoreLines, saveScore, scores } from '../../store/oracle/score-store';
import type { StoreSession } from '../../store/session';
import { ClearingAnswerContract } from './clearing-answers';

const specs = contracts.oracle;

/** The part of the contract `oracle` that says how good forecasts were. */
export abstract class ScoreContract extends ClearingAnswerContract {
  /** Scores an answer; what is scored already and would not differ is answered again. */
  @Transaction()
  @Returns('string')
  public async scoreForecast(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.scoreForecast, request, async ({ mspId, requestId }) =>
      scoreOf(context, requestId, mspId),
    );
  }

  /** The score of an answer. */
  @Transaction(false)
  @Returns('string')
  public async getScore(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getScore, request, async ({ mspId, requestId, version }) => {
      const { session: store } = context;
      const asked = found(await computations.load(store, requestId), 'ORACLE_REQUEST_UNKNOWN', { requestId });
      const by = mspId ?? (await loadAnswer(store, asked)).head?.mspId;
      const score = by === undefined ? undefined : await loadScore(store, requestId, by, version);
      return found(score, 'ORACLE_SCORE_UNKNOWN', { requestId });
    });
  }

  /** A page of scores, added up. */
  @Transaction(false)
  @Returns('string')
  public async getScoreboard(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getScoreboard, request, async ({ bookmark: after, fromSlot, ...filter }) => {
      const { bookmark, rows } = await pageScoreLines(context.session, fromSlot ?? slot(0), after);
      return { standings: standingsOf(rows, filter), bookmark };
    });
  }
}

/** The score of an answer by the readings that are there now: the last version where they say the same, else the next one. */
export async function scoreOf(context: GridContext, requestId: RequestId, mspId: string | undefined): Promise<Score> {
  const { session: store } = context;
  const asked = await computations.load(store, requestId);
  const answer = asked === undefined ? undefined : await loadAnswerOf(store, asked, mspId);
  const hasEnded = asked !== undefined && (await hasBegun(store, forecastEnd(asked)));
  const { head, request } = scorable(asked, answer?.head, hasEnded);
  const previous = await lastScore(store, requestId, head.mspId);
  const readings = await loadScoredReadings(store, request);
  const series = answer?.series ?? [];
  const score = scoreAnswer({ request, head, series }, readings, (previous?.version ?? 0) + 1);
  if (previous !== undefined && isSameScore(previous, score)) {
    return previous;
  }
  saveScore(store, score);
  recordScore(context, score);
  return score;
}

function recordScore(context: GridContext, { answerDigest, model, mspId, requestId, total, version }: Score): void {
  const { coveragePpm = null, missing, nmaePpm = null, skillPpm = null } = total.imported;
  context.record({
    type: 'ForecastScored',
    requestId,
    answerDigest,
    version,
    mspId,
    model,
    missing,
    nmaePpm,
    coveragePpm,
    skillPpm,
  });
}

function loadScore(
  store: StoreSession,
  requestId: RequestId,
  mspId: string,
  version: number | undefined,
): Promise<Score | undefined> {
  return version === undefined ? lastScore(store, requestId, mspId) : scores.load(store, requestId, mspId, version);
}
