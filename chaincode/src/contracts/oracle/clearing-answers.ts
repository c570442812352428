import {
  answeredRequest,
  answerHeadWith,
  clearingInputsDigest,
  contracts,
  demand,
  intervalMarkets,
  limits,
  present,
  provenBy,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { GridContract } from '../../grid-contract';
import { loadSession } from '../market/market-session';
import { loadSessionInputs } from '../market/session-inputs';
import { hasBegun } from '../../store/clock-store';
import {
  clearingAnswerParts,
  clearingAnswers,
  clearingRequests,
  loadAnswerParts,
} from '../../store/market/grid-market-store';
import { prefixes } from '../../store/keys';

const specs = contracts.oracle;

/** The part of the contract `oracle` that is about clearings with the limits of a grid. */
export abstract class ClearingAnswerContract extends GridContract {
  /** Files one chunk of an answer, after proving every interval of it. */
  @Transaction()
  @Returns('string')
  public async answerClearing(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.answerClearing, request, async ({ commandId: _command, ...part }) => {
      const { caller, rules, session: store } = context;
      const { answerDigest, chunk, intervals, sessionId } = part;
      const { mspId } = caller;
      const asked = await clearingRequests.load(store, sessionId);
      const head = await clearingAnswers.load(store, sessionId, mspId, answerDigest);
      const session = asked === undefined ? undefined : await loadSession(context, sessionId);
      const known = {
        request: asked,
        isCleared: session?.state === 'CLEARED' || session?.state === 'APPLIED',
        head,
        others: await loadAnswerParts(store, head),
        mspId,
        approved: rules.oracles.includes(mspId),
        expired: asked !== undefined && (await hasBegun(store, asked.expirySlot)),
      };
      const open = answeredRequest(part, known);
      const inputs = await loadSessionInputs(store, present(session, 'A request belongs to a session.'));
      // Orders, grid and contracts stand; another session of the grid may have been cleared since, and then nobody can answer any more.
      demand(clearingInputsDigest(inputs) === open.dataDigest, 'ORACLE_DATA_MISMATCH', { dataDigest: open.dataDigest });
      const markets = intervalMarkets(inputs);
      for (const answer of intervals) {
        provenBy(present(markets[answer.interval], 'The session has the interval.'), answer);
      }
      const answered = answerHeadWith(part, known, open.intervals);
      clearingAnswers.save(store, answered, sessionId, mspId, answerDigest);
      const row = { sessionId, mspId, answerDigest, chunk, intervals };
      clearingAnswerParts.save(store, row, sessionId, mspId, answerDigest, chunk);
      if (answered.complete && open.state === 'OPEN') {
        clearingRequests.save(store, { ...open, state: 'ANSWERED', answer: { mspId, answerDigest } }, sessionId);
      }
      const { chunks, complete, solver } = answered;
      context.record({ type: 'ClearingAnswered', sessionId, answerDigest, chunk, chunks, complete, solver, mspId });
      return { sessionId, answerDigest, received: answered.received.length, chunks, complete };
    });
  }

  /** Requests for clearings. */
  @Transaction(false)
  @Returns('string')
  public async listClearingRequests(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listClearingRequests, request, async ({ bookmark, state }) => {
      const prefix = prefixes.clearingRequests();
      const page = await clearingRequests.page(context.session, prefix, limits.listRowsMax, bookmark);
      return { ...page, rows: page.rows.filter((row) => state === undefined || row.state === state) };
    });
  }
}
