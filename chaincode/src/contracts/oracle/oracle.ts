import {
  acceptAnswer,
  acceptExpiry,
  acceptRequest,
  contracts,
  demand,
  historyDigest,
  inputsOf,
  limits,
  requestIdCodec,
  type Computation,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { hasBegun } from '../../store/clock-store';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { answerParts, answers, computations, loadChunks, loadHistory, loadNextSlots } from '../../store/oracle-store';
import { meters } from '../../store/registry-store';
import { ClearingAnswerContract } from './clearing-answers';

const specs = contracts.oracle;

/** Requests for computations, and the answers of the oracles. */
export class OracleContract extends ClearingAnswerContract {
  public constructor() {
    super('oracle');
  }

  /** Asks the oracles for a computation over data that it freezes. */
  @Transaction()
  @Returns('string')
  public async requestComputation(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.requestComputation, request, async ({ commandId, ...asked }) => {
      const { session: store } = context;
      const requestId = requestIdCodec.decode(commandId, '/commandId');
      const isKnown = await Promise.all(asked.meterIds.map((meterId) => meters.exists(store, meterId)));
      const unknown = asked.meterIds.find((_, index) => isKnown[index] !== true);
      demand(unknown === undefined, 'METER_UNKNOWN', { meterId: unknown ?? '' });
      acceptRequest(asked, {
        historyEnded: await hasBegun(store, asked.historyToSlot),
        firstSlotBegun: await hasBegun(store, asked.firstSlot),
      });
      const nextSlots = await loadNextSlots(store, asked.meterIds, asked.historyFromSlot, asked.historyToSlot);
      const inputs = inputsOf(asked, nextSlots);
      const history = await Promise.all(
        inputs.map(({ meterId, toSlot }) => loadHistory(store, meterId, asked.historyFromSlot, toSlot)),
      );
      const computation: Computation = {
        requestId,
        ...asked,
        state: 'OPEN',
        inputs,
        dataDigest: historyDigest(history),
        fallback: 'own-history',
      };
      computations.save(store, computation, requestId);
      const { dataDigest, expirySlot, firstSlot, service, version } = computation;
      context.record({ type: 'ComputationRequested', requestId, service, version, firstSlot, expirySlot, dataDigest });
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
      const head = await answers.load(store, requestId, answerDigest);
      const answered = acceptAnswer(part, {
        request: asked,
        head,
        others: await loadChunks(store, head),
        mspId: caller.mspId,
        approved: rules.oracles.includes(caller.mspId),
        firstSlotBegun: asked !== undefined && (await hasBegun(store, asked.firstSlot)),
        expired: asked !== undefined && (await hasBegun(store, asked.expirySlot)),
      });
      answers.save(store, answered, requestId, answerDigest);
      answerParts.save(store, { requestId, answerDigest, chunk, series }, requestId, answerDigest, chunk);
      if (answered.complete && asked !== undefined) {
        computations.save(store, { ...asked, state: 'ANSWERED', answerDigest }, requestId);
      }
      const { chunks, complete, model, mspId } = answered;
      context.record({ type: 'ComputationAnswered', requestId, answerDigest, chunk, chunks, complete, model, mspId });
      return { requestId, answerDigest, received: answered.received.length, chunks, complete };
    });
  }

  /** Closes a request that nobody answered in time. */
  @Transaction()
  @Returns('string')
  public async expire(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.expire, request, async ({ requestId }) => {
      const { session: store } = context;
      const asked = await computations.load(store, requestId);
      const expired = acceptExpiry(asked, asked !== undefined && (await hasBegun(store, asked.expirySlot)));
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
      const { answerDigest } = asked;
      const head = answerDigest === undefined ? undefined : await answers.load(store, requestId, answerDigest);
      const chunks = await loadChunks(store, head);
      const series = [...chunks.values()].flat().filter((entry) => meterId === undefined || entry.meterId === meterId);
      return { request: asked, answer: head ?? null, series };
    });
  }
}
