import {
  applyChunk,
  clearGridSession,
  clearingInputsDigest,
  clearSession,
  contracts,
  countStatus,
  demand,
  demandClosed,
  demandOnce,
  knownOrders,
  limits,
  publishOrder,
  signalsOf,
  greenSellers,
  hasGridLimits,
  type Clearing,
  type GridSessionClearing,
  type Order,
  type OrderSet,
  type PostingSet,
  type Session,
  type SessionId,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { loadPosting, post } from '../../store/accounts/account-store';
import { hasBegun } from '../../store/clock-store';
import { found } from '../../store/found';
import { clearingRequests, saveSessionFlows } from '../../store/market/grid-market-store';
import { prefixes } from '../../store/keys';
import {
  buckets,
  clearingChunks,
  clearings,
  gridOutcomes,
  listAllOrders,
  loadOrders,
  orderContents,
  orderSets,
  sessions,
  tradePairs,
  trades,
} from '../../store/market/market-store';
import { savePosition } from '../../store/market/position-store';
import { loadAnswer, loadFlowsBeside, loadGridOf } from './session-inputs';
import { bookFills } from './sell-commitments';
import { loadSession, saveOrders, suspendedAtGate } from './market-session';
import { SessionContract } from './sessions';

const specs = contracts.market;

/** The part of the contract `market` that opens seals, clears sessions and applies what comes out. */
export abstract class ClearingContract extends SessionContract {
  /** Opens the seals of some orders. */
  @Transaction()
  @Returns('string')
  public async publishOrders(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.publishOrders, request, async ({ orderIds, sessionId }) => {
      const { session: store } = context;
      const session = await loadSession(context, sessionId);
      demandClosed(session);
      const late = await hasBegun(store, session.publishDeadlineSlot);
      demand(!late, 'MARKET_PUBLISH_DEADLINE_PASSED', { publishDeadlineSlot: session.publishDeadlineSlot });
      demandOnce(orderIds);
      const known = knownOrders(await loadOrders(store, sessionId, orderIds), orderIds);
      const sealed = known.filter((order) => order.status.kind === 'sealed');
      const contents = await Promise.all(sealed.map(({ orderId }) => orderContents.load(store, sessionId, orderId)));
      const suspended = await suspendedAtGate(context, session, sealed);
      const opened = sealed.map((order, index) =>
        publishOrder(session, order, contents[index], suspended.has(order.participantId)),
      );
      saveOrders(context, opened);
      const counts = {
        published: countStatus(opened, 'published'),
        void: countStatus(opened, 'void'),
        already: known.length - sealed.length,
      };
      context.record({ type: 'OrdersPublished', sessionId, ...counts });
      return counts;
    });
  }

  /** Clears a closed session. */
  @Transaction()
  @Returns('string')
  public async clear(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.clear, request, async ({ sessionId }) => {
      const { session: store } = context;
      const session = await loadSession(context, sessionId);
      demandClosed(session);
      const rows = await listAllOrders(store, sessionId);
      const sets = await orderSets.list(store, prefixes.orderSets(sessionId));
      const waiting = countStatus(rows, 'sealed') > 0;
      const late = waiting && (await hasBegun(store, session.publishDeadlineSlot));
      const result = hasGridLimits(session)
        ? await clearWithLimits(context, session, rows, sets, late)
        : clearSession(
            session,
            rows,
            sets.map((set) => set.participantId),
            late,
            greenSellers(session, sets),
          );
      const { clearing } = result;
      clearings.save(store, clearing, sessionId);
      for (const chunk of result.chunks) {
        clearingChunks.save(store, chunk, sessionId, chunk.chunk);
      }
      for (const bucket of result.buckets) {
        buckets.save(store, bucket, sessionId, bucket.bucket);
      }
      for (const row of result.pairs) {
        tradePairs.save(store, row, sessionId, row.interval, row.part);
      }
      sessions.save(store, { ...session, state: clearing.chunks === 0 ? 'APPLIED' : 'CLEARED' }, sessionId);
      context.record(clearedFact(clearing));
      return clearing;
    });
  }

  /** Applies one chunk of a clearing; a chunk that is applied is answered again and written once. */
  @Transaction()
  @Returns('string')
  public async applyClearing(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.applyClearing, request, async ({ chunk, sessionId }) => {
      const { session: store } = context;
      const session = await loadSession(context, sessionId);
      const cleared = session.state === 'CLEARED' || session.state === 'APPLIED';
      demand(cleared, 'MARKET_SESSION_NOT_CLEARED', { state: session.state });
      const clearing = found(await clearings.load(store, sessionId), 'MARKET_SESSION_NOT_CLEARED', { sessionId });
      const row = found(await clearingChunks.load(store, sessionId, chunk), 'MARKET_CHUNK_UNKNOWN', { chunk });
      const previous = chunk === 0 || (await chunkPosting(context, sessionId, chunk - 1)) !== undefined;
      demand(previous, 'MARKET_CHUNK_ORDER', { chunk });
      const sets = await Promise.all(
        row.participants.map((entry) => orderSets.load(store, sessionId, entry.participantId)),
      );
      const applied = applyChunk(
        session,
        clearing,
        row,
        sets.filter((set) => set !== undefined),
      );
      if ((await chunkPosting(context, sessionId, chunk)) === undefined) {
        await saveChunk(context, session, clearing, chunk, applied);
        await bookFills(context, session, row.participants);
      }
      return {
        chunk,
        chunks: clearing.chunks,
        trades: applied.trades.length,
        positions: applied.positions.length,
        releasedMicro: applied.releasedMicro,
        applied: session.state === 'APPLIED' || chunk === clearing.chunks - 1,
      };
    });
  }

  /** The clearing of a session. */
  @Transaction(false)
  @Returns('string')
  public async getClearing(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getClearing, request, async ({ sessionId }) => {
      await loadSession(context, sessionId);
      return { clearing: (await clearings.load(context.session, sessionId)) ?? null };
    });
  }

  /** Who is listed as trading with whom in a session. */
  @Transaction(false)
  @Returns('string')
  public async listPairs(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listPairs, request, async ({ bookmark, sessionId }) => {
      await loadSession(context, sessionId);
      return tradePairs.page(context.session, prefixes.tradePairs(sessionId), limits.postingRowsMax, bookmark);
    });
  }

  /** The trades of a session by interval and order. */
  @Transaction(false)
  @Returns('string')
  public async listTrades(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listTrades, request, async ({ bookmark, sessionId }) => {
      await loadSession(context, sessionId);
      return trades.page(context.session, prefixes.trades(sessionId), limits.listRowsMax, bookmark);
    });
  }
}

function chunkPosting(context: GridContext, sessionId: SessionId, chunk: number): Promise<PostingSet | undefined> {
  return loadPosting(context.session, { kind: 'clearing', sessionId, chunk });
}

/** Writes what a chunk makes; with the last chunk the session can be settled. */
async function saveChunk(
  context: GridContext,
  session: Session,
  clearing: Clearing,
  chunk: number,
  applied: ReturnType<typeof applyChunk>,
): Promise<void> {
  const { session: store } = context;
  const { sessionId } = session;
  await post(store, applied.postingSet);
  for (const trade of applied.trades) {
    trades.save(store, trade, sessionId, trade.interval, trade.orderId);
  }
  for (const position of applied.positions) {
    savePosition(store, session, position);
  }
  if (chunk === clearing.chunks - 1) {
    sessions.save(store, { ...session, state: 'APPLIED' }, sessionId);
  }
  const counts = { trades: applied.trades.length, positions: applied.positions.length };
  context.record({ type: 'ClearingApplied', sessionId, chunk, chunks: clearing.chunks, ...counts });
  if (session.ruleSet.deliverySignals === 'facts') {
    for (const signal of signalsOf(applied.positions)) {
      context.record({ type: 'DeliverySignalled', sessionId, ...signal });
    }
  }
}

/** Clears a session with the limits of its grid, from an oracle's answer or, once nobody can answer any more, without one. */
async function clearWithLimits(
  context: GridContext,
  session: Session,
  orders: readonly Order[],
  sets: readonly OrderSet[],
  late: boolean,
): Promise<GridSessionClearing> {
  const { session: store } = context;
  const { firstSlot, sessionId } = session;
  const asked = await clearingRequests.load(store, sessionId);
  if (asked === undefined) {
    demand(await hasBegun(store, firstSlot), 'MARKET_CLEARING_NOT_REQUESTED', { firstSlot });
  }
  const [known, flows] = await Promise.all([loadGridOf(store, session), loadFlowsBeside(store, session)]);
  const inputs = { session, orders, orderSets: sets, ...known, ...flows };
  // Where another session was cleared after the request, what the oracles know is no longer so: the contract goes by itself.
  const request = asked?.dataDigest === clearingInputsDigest(inputs) ? asked : undefined;
  if (request?.state === 'OPEN') {
    const { expirySlot } = request;
    demand(await hasBegun(store, expirySlot), 'MARKET_ANSWER_PENDING', { expirySlot });
  }
  const result = clearGridSession(inputs, late, await loadAnswer(store, request));
  for (const outcome of result.gridOutcomes) {
    gridOutcomes.save(store, outcome, sessionId, outcome.interval);
  }
  saveSessionFlows(store, session.gridId, result.flows);
  return result;
}

function clearedFact(clearing: Clearing) {
  const { chunks, fillsDigest, participants, publishedOrders, sessionId } = clearing;
  const bucketCount = clearing.bucketFirsts.length;
  const tradedWh = clearing.tradedWh.toString();
  return {
    type: 'SessionCleared',
    sessionId,
    publishedOrders,
    participants,
    chunks,
    buckets: bucketCount,
    tradedWh,
    fillsDigest,
  } as const;
}
