import {
  acceptOrders,
  applyChunk,
  clearSession,
  closeSession,
  collateralSet,
  contracts,
  countStatus,
  demand,
  demandClosed,
  demandOnce,
  demandTakesOrders,
  intervalStarts,
  knownOrders,
  knownSession,
  limits,
  openSession,
  publishOrder,
  reserveMicroPerSlot,
  spend,
  withdrawOrders,
  type Clearing,
  type Order,
  type PostingSet,
  type Session,
  type SessionId,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../grid-context';
import { GridContract } from '../grid-contract';
import { signingParticipant } from '../participant-command';
import { loadLimit, loadPosting, post, saveLimit } from '../store/account-store';
import { hasBegun } from '../store/clock-store';
import { found } from '../store/found';
import { prefixes } from '../store/keys';
import {
  buckets,
  clearingChunks,
  clearings,
  listAllOrders,
  loadOrders,
  orderContents,
  orders,
  orderSets,
  pageOrders,
  sessionIntervals,
  sessions,
  trades,
} from '../store/market-store';
import { positions } from '../store/position-store';
import { grids } from '../store/registry-store';

const specs = contracts.market;

/** Sessions, sealed orders, clearings, trades and positions. */
export class MarketContract extends GridContract {
  public constructor() {
    super('market');
  }

  /** Opens a session with the rule set in force. */
  @Transaction()
  @Returns('string')
  public async openSession(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.openSession, request, async ({ commandId: _command, ...asked }) => {
      const { rules, session: store } = context;
      const { gateCloseSlot, gridId, kind, sessionId } = asked;
      demand(await grids.exists(store, gridId), 'GRID_UNKNOWN', { gridId });
      const starts = intervalStarts(asked, rules.ruleSet);
      const claims = await Promise.all(starts.map((start) => sessionIntervals.exists(store, gridId, kind, start)));
      const session = openSession(asked, rules.ruleSet, {
        exists: await sessions.exists(store, sessionId),
        overlap: starts.find((_, index) => claims[index]),
        gateBegun: await hasBegun(store, gateCloseSlot),
      });
      for (const start of starts) {
        sessionIntervals.save(store, { sessionId }, gridId, kind, start);
      }
      sessions.save(store, session, sessionId);
      const { firstSlot, intervals, publishDeadlineSlot } = session;
      const facts = { sessionId, gridId, kind, firstSlot, intervals, gateCloseSlot, publishDeadlineSlot };
      context.record({ type: 'SessionOpened', ...facts });
      return session;
    });
  }

  /** Places all sealed orders of a participant and locks their collateral. */
  @Transaction()
  @Returns('string')
  public async placeOrders(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.placeOrders, request, async (asked, { orders: contents }) => {
      const { session: store } = context;
      const { collateralMicro, participantId, sealed, sessionId } = asked;
      const { connectionLimitW } = await signingParticipant(context, 'market', 'placeOrders', asked);
      const session = await sessionThatTakesOrders(context, sessionId);
      const placed = await orderSets.exists(store, sessionId, participantId);
      demand(!placed, 'MARKET_ORDERS_ALREADY_PLACED', { participantId });
      acceptOrders(session, { participantId, connectionLimitW, sealed, orders: contents, collateralMicro });
      const orderIds = sealed.map(({ orderId }) => orderId);
      const taken = (await loadOrders(store, sessionId, orderIds)).find((order) => order !== undefined);
      demand(taken === undefined, 'MARKET_ORDER_EXISTS', { orderId: taken?.orderId ?? '' });
      const limit = saveLimit(store, spend(await loadLimit(store, participantId), collateralMicro));
      await post(store, collateralSet(sessionId, participantId, collateralMicro));
      const reserve = reserveMicroPerSlot(connectionLimitW, session.ruleSet);
      const set = {
        sessionId,
        participantId,
        orderIds,
        connectionLimitW,
        collateralMicro,
        reserveMicroPerSlot: reserve,
      };
      orderSets.save(store, set, sessionId, participantId);
      for (const { commitment, orderId } of sealed) {
        orders.save(
          store,
          { sessionId, orderId, participantId, commitment, status: { kind: 'sealed' } },
          sessionId,
          orderId,
        );
      }
      for (const content of contents) {
        orderContents.save(store, content, sessionId, content.orderId);
      }
      context.record({ type: 'OrdersPlaced', sessionId, participantId, orders: sealed.length });
      return {
        sessionId,
        participantId,
        orders: sealed.length,
        collateralMicro,
        availableMicro: limit.availableMicro,
      };
    });
  }

  /** Withdraws sealed orders before the gate closes. */
  @Transaction()
  @Returns('string')
  public async withdrawOrders(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.withdrawOrders, request, async (asked) => {
      const { orderIds, participantId, sessionId } = asked;
      await signingParticipant(context, 'market', 'withdrawOrders', asked);
      await sessionThatTakesOrders(context, sessionId);
      demandOnce(orderIds);
      const known = knownOrders(await loadOrders(context.session, sessionId, orderIds), orderIds);
      saveOrders(context, withdrawOrders(known, participantId));
      context.record({ type: 'OrdersWithdrawn', sessionId, participantId, orders: orderIds.length });
      return { withdrawn: orderIds.length };
    });
  }

  /** Closes a session whose gate has closed. */
  @Transaction()
  @Returns('string')
  public async closeSession(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.closeSession, request, async ({ sessionId }) => {
      const session = await loadSession(context, sessionId);
      const closed = closeSession(session, await hasBegun(context.session, session.gateCloseSlot));
      sessions.save(context.session, closed, sessionId);
      context.record({ type: 'SessionClosed', sessionId });
      return closed;
    });
  }

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
      const opened = sealed.map((order, index) => publishOrder(session, order, contents[index]));
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
      const result = clearSession(
        session,
        rows,
        sets.map((set) => set.participantId),
        late,
      );
      const { clearing } = result;
      clearings.save(store, clearing, sessionId);
      for (const chunk of result.chunks) {
        clearingChunks.save(store, chunk, sessionId, chunk.chunk);
      }
      for (const bucket of result.buckets) {
        buckets.save(store, bucket, sessionId, bucket.bucket);
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

  /** A session and its rule set. */
  @Transaction(false)
  @Returns('string')
  public async getSession(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getSession, request, ({ sessionId }) => loadSession(context, sessionId));
  }

  /** The orders of a session as the channel knows them. */
  @Transaction(false)
  @Returns('string')
  public async listOrders(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listOrders, request, async ({ bookmark, sessionId }) => {
      await loadSession(context, sessionId);
      return pageOrders(context.session, sessionId, bookmark);
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

  /** The trades of a session by interval and order. */
  @Transaction(false)
  @Returns('string')
  public async listTrades(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listTrades, request, async ({ bookmark, sessionId }) => {
      await loadSession(context, sessionId);
      return trades.page(context.session, prefixes.trades(sessionId), limits.listRowsMax, bookmark);
    });
  }

  /** What a participant has bought and sold. */
  @Transaction(false)
  @Returns('string')
  public async getPositions(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getPositions, request, ({ bookmark, participantId }) =>
      positions.page(context.session, prefixes.positions(participantId), limits.listRowsMax, bookmark),
    );
  }

  /** What a participant has placed and locked in a session. */
  @Transaction(false)
  @Returns('string')
  public async getOrderSet(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getOrderSet, request, async ({ participantId, sessionId }) => {
      return { orderSet: (await orderSets.load(context.session, sessionId, participantId)) ?? null };
    });
  }
}

async function loadSession(context: GridContext, sessionId: SessionId): Promise<Session> {
  return knownSession(await sessions.load(context.session, sessionId), sessionId);
}

/** The session, after checking that its gate has not closed and that it is open. */
async function sessionThatTakesOrders(context: GridContext, sessionId: SessionId): Promise<Session> {
  const session = await loadSession(context, sessionId);
  demandTakesOrders(session, await hasBegun(context.session, session.gateCloseSlot));
  return session;
}

function saveOrders(context: GridContext, rows: readonly Order[]): void {
  for (const order of rows) {
    orders.save(context.session, order, order.sessionId, order.orderId);
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
    positions.save(store, position, position.participantId, position.firstSlot, sessionId);
  }
  if (chunk === clearing.chunks - 1) {
    sessions.save(store, { ...session, state: 'APPLIED' }, sessionId);
  }
  const counts = { trades: applied.trades.length, positions: applied.positions.length };
  context.record({ type: 'ClearingApplied', sessionId, chunk, chunks: clearing.chunks, ...counts });
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
