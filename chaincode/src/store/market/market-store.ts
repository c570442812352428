import {
  bucketCodec,
  clearingChunkCodec,
  clearingCodec,
  gridOutcomeCodec,
  limits,
  object,
  orderCodec,
  orderContentCodec,
  orderSetCodec,
  rowCodec,
  sessionCodec,
  sessionIdCodec,
  tradeCodec,
  tradePairsCodec,
  type Order,
  type OrderId,
  type SessionId,
} from '@flexledger/domain';
import { keys, prefixes } from '../keys';
import { PrivateRowKeeper, RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

export const sessions = new RowKeeper(rowCodec(sessionCodec), keys.session);
/** Which session trades an interval. */
export const sessionIntervals = new RowKeeper(rowCodec(object({ sessionId: sessionIdCodec })), keys.sessionInterval);
export const orders = new RowKeeper(rowCodec(orderCodec), keys.order);
export const orderSets = new RowKeeper(rowCodec(orderSetCodec), keys.orderSet);
/** Confidential: what an order says, until it is published. */
export const orderContents = new PrivateRowKeeper('orders', rowCodec(orderContentCodec), keys.orderContent);
export const clearings = new RowKeeper(rowCodec(clearingCodec), keys.clearing);
export const clearingChunks = new RowKeeper(rowCodec(clearingChunkCodec), keys.clearingChunk);
/** What an interval that is cleared with the limits of the grid has beside its outcome. */
export const gridOutcomes = new RowKeeper(rowCodec(gridOutcomeCodec), keys.gridOutcome);
export const buckets = new RowKeeper(rowCodec(bucketCodec), keys.bucket);
/** Who is listed as trading with whom. */
export const tradePairs = new RowKeeper(rowCodec(tradePairsCodec), keys.tradePairs);
export const trades = new RowKeeper(rowCodec(tradeCodec), keys.trade);

/** The orders of these ids, in their order; undefined where there is none. */
export function loadOrders(
  session: StoreSession,
  sessionId: SessionId,
  orderIds: readonly OrderId[],
): Promise<readonly (Order | undefined)[]> {
  return Promise.all(orderIds.map((orderId) => orders.load(session, sessionId, orderId)));
}

/** All orders of a session, bucket by bucket. Only after the session has closed, when none can be added. */
export async function listAllOrders(session: StoreSession, sessionId: SessionId): Promise<readonly Order[]> {
  const rows: Order[] = [];
  for (const bucket of prefixes.orders(sessionId)) {
    rows.push(...(await orders.list(session, bucket)));
  }
  return rows;
}

/** One page of the orders of a session in the order of their ids; for evaluates. */
export async function pageOrders(
  session: StoreSession,
  sessionId: SessionId,
  bookmark: string | undefined,
): Promise<{ readonly rows: readonly Order[]; readonly bookmark: string | null }> {
  const rows: Order[] = [];
  for (const bucket of prefixes.orders(sessionId)) {
    const character = bucket.parts.at(-1) ?? '';
    if (bookmark === undefined || character >= bookmark.charAt(0)) {
      const after = character === bookmark?.charAt(0) ? bookmark : undefined;
      rows.push(...(await orders.page(session, bucket, limits.listRowsMax - rows.length, after)).rows);
    }
    if (rows.length === limits.listRowsMax) {
      return { rows, bookmark: rows.at(-1)?.orderId ?? null };
    }
  }
  return { rows, bookmark: null };
}
