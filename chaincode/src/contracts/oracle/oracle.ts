import {
  acceptAnswer,
  acceptExpiry,
  acceptRefusal,
  acceptRequest,
  contracts,
  disagreementOf,
  historyDigest,
  inputsDigest,
  inputsOf,
  isBeyondAnswer,
  limits,
  requestIdCodec,
  settledBy,
  type AnswerHead,
  type Computation,
  type FeedInput,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { hasBegun } from '../../store/clock-store';
import { loadFeedInputs } from '../../store/oracle/feed-store';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import {
  answerParts,
  answers,
  computations,
  disagreements,
  loadAnswer,
  loadChunks,
  loadHistory,
  loadNextSlots,
  loadStands,
  refusals,
} from '../../store/oracle/oracle-store';
import { askedMeters } from './asked-meters';
import { FeedContract } from './feeds';

const specs = contracts.oracle;

/** Requests for computations, and the answers of the oracles. */
export class OracleContract extends FeedContract {
  public constructor() {
    super('oracle');
  }

  /** Asks the oracles for a computation over data that it freezes. */
  @Transaction()
  @Returns('string')
  public async requestComputation(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.requestComputation, request, async ({ commandId, feeds: quotes, ...named }) => {
      const { session: store } = context;
      const requestId = requestIdCodec.decode(commandId, '/commandId');
      const asked = { ...named, meterIds: await askedMeters(store, named) };
      const feeds = quotes === undefined ? undefined : await loadFeedInputs(store, quotes);
      acceptRequest(asked, {
        historyEnded: await hasBegun(store, asked.historyToSlot),
        firstSlotBegun: await hasBegun(store, asked.firstSlot),
      });
      const nextSlots = await loadNextSlots(store, asked.meterIds, asked.historyFromSlot, asked.historyToSlot);
      const inputs = inputsOf(asked, nextSlots);
      const history = await Promise.all(
        inputs.map(({ meterId, toSlot }) => loadHistory(store, meterId, asked.historyFromSlot, toSlot)),
      );
      const { answersNeeded = 1 } = context.rules.ruleSet.oracle ?? {};
      const computation: Computation = {
        requestId,
        ...asked,
        ...(answersNeeded === 1 ? {} : { answersNeeded }),
        state: 'OPEN',
        inputs,
        ...(feeds === undefined ? {} : { feeds }),
        dataDigest: inputsDigest(historyDigest(history), feeds),
        fallback: 'own-history',
      };
      computations.save(store, computation, requestId);
      const { dataDigest, expirySlot, firstSlot, service, version } = computation;
      const asksFor = { requestId, service, version, firstSlot, expirySlot, dataDigest };
      context.record({ type: 'ComputationRequested', ...asksFor, ...unusedFeeds(feeds) });
      return computation;
    });
  }

  /** Files one chunk of an answer. */
  @Transaction()
  @Returns('string')
  public async answer(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.answer, request, async ({ commandId: _command, requestId, ...part }) => {
      const { caller, rules, session: store } = context;
      const { answerDigest, chunk, series } = part;
      const asked = await computations.load(store, requestId);
      const { mspId } = caller;
      const head = await answers.load(store, requestId, mspId);
      const answered = acceptAnswer(part, {
        request: asked,
        head,
        others: await loadChunks(store, head),
        mspId,
        approved: rules.oracles.includes(mspId),
        firstSlotBegun: asked !== undefined && (await hasBegun(store, asked.firstSlot)),
        expired: asked !== undefined && (await hasBegun(store, asked.expirySlot)),
      });
      answers.save(store, answered, requestId, mspId);
      answerParts.save(store, { requestId, answerDigest, chunk, series, mspId }, requestId, mspId, chunk);
      const { chunks, complete, model } = answered;
      context.record({ type: 'ComputationAnswered', requestId, answerDigest, chunk, chunks, complete, model, mspId });
      if (complete && asked !== undefined) {
        await weighAnswer(context, asked, answered);
      }
      return { requestId, answerDigest, received: answered.received.length, chunks, complete };
    });
  }

  /** Records that an oracle will not answer. */
  @Transaction()
  @Returns('string')
  public async refuse(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.refuse, request, async ({ reason, requestId }) => {
      const { caller, rules, session: store } = context;
      const { mspId } = caller;
      const asked = await computations.load(store, requestId);
      const refusal = acceptRefusal(reason, {
        request: asked,
        head: await answers.load(store, requestId, mspId),
        refusal: await refusals.load(store, requestId, mspId),
        mspId,
        approved: rules.oracles.includes(mspId),
        expired: asked !== undefined && (await hasBegun(store, asked.expirySlot)),
      });
      refusals.save(store, refusal, requestId, mspId);
      context.record({ type: 'ComputationRefused', requestId, mspId, reason });
      return { requestId, mayExpire: asked !== undefined && (await isHopeless(context, asked)) };
    });
  }

  /** Closes a request that nobody answered in time. */
  @Transaction()
  @Returns('string')
  public async expire(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.expire, request, async ({ requestId }) => {
      const { session: store } = context;
      const asked = await computations.load(store, requestId);
      const isOver = async (open: Computation): Promise<boolean> =>
        (await hasBegun(store, open.expirySlot)) || (await isHopeless(context, open));
      const expired = acceptExpiry(asked, asked !== undefined && (await isOver(asked)));
      computations.save(store, expired, requestId);
      context.record({ type: 'ComputationExpired', requestId, fallback: expired.fallback });
      return expired;
    });
  }

  /** A computation request. */
  @Transaction(false)
  @Returns('string')
  public async getRequest(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getRequest, request, async ({ requestId }) => {
      return found(await computations.load(context.session, requestId), 'ORACLE_REQUEST_UNKNOWN', { requestId });
    });
  }

  /** Computation requests, all or those of one state. */
  @Transaction(false)
  @Returns('string')
  public async listRequests(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listRequests, request, async ({ bookmark, state }) => {
      const prefix = prefixes.computations();
      const page = await computations.page(context.session, prefix, limits.listRowsMax, bookmark);
      return { ...page, rows: page.rows.filter((row) => state === undefined || row.state === state) };
    });
  }

  /** The forecast that a request led to. */
  @Transaction(false)
  @Returns('string')
  public async getForecast(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getForecast, request, async ({ meterId, requestId }) => {
      const { session: store } = context;
      const asked = found(await computations.load(store, requestId), 'ORACLE_REQUEST_UNKNOWN', { requestId });
      const { head, series } = await loadAnswer(store, asked);
      const wanted = series.filter((entry) => meterId === undefined || entry.meterId === meterId);
      return { request: asked, answer: head ?? null, series: wanted };
    });
  }

  /** Who has answered a request, and who has refused it. */
  @Transaction(false)
  @Returns('string')
  public async getAnswers(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getAnswers, request, async ({ requestId }) => {
      const { session: store } = context;
      const asked = found(await computations.load(store, requestId), 'ORACLE_REQUEST_UNKNOWN', { requestId });
      const heads = await answers.page(store, prefixes.answersTo(requestId), limits.listRowsMax, undefined);
      const refused = await refusals.page(store, prefixes.refusalsOf(requestId), limits.listRowsMax, undefined);
      return { request: asked, answers: heads.rows, refusals: refused.rows };
    });
  }

  /** Requests to which oracles have given answers that differ. */
  @Transaction(false)
  @Returns('string')
  public async listDisagreements(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listDisagreements, request, ({ bookmark }) =>
      disagreements.page(context.session, prefixes.disagreements(), limits.listRowsMax, bookmark),
    );
  }
}

/** The feeds that a request names and goes without, for those who watch. */
function unusedFeeds(feeds: readonly FeedInput[] = []): { readonly unusedFeeds?: string[] } {
  const unused = feeds.filter(({ state }) => state !== 'USED').map(({ feedId }) => feedId);
  return unused.length === 0 ? {} : { unusedFeeds: unused };
}

/** Settles the request where this answer is one of enough equal ones, and records where it differs from the others. */
async function weighAnswer(context: GridContext, asked: Computation, answered: AnswerHead): Promise<void> {
  const { rules, session: store } = context;
  const { requestId } = asked;
  const stands = await loadStands(store, requestId, rules.oracles);
  const settled = settledBy(asked, answered, stands);
  if (settled !== asked) {
    computations.save(store, settled, requestId);
  }
  const disagreement = disagreementOf(answered, stands);
  if (disagreement !== undefined) {
    disagreements.save(store, disagreement, requestId);
    context.record({ type: 'AnswersDisagree', requestId, answers: disagreement.answers.map((one) => ({ ...one })) });
  }
}

async function isHopeless({ rules, session }: GridContext, asked: Computation): Promise<boolean> {
  return isBeyondAnswer(asked, await loadStands(session, asked.requestId, rules.oracles));
}
