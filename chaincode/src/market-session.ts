import { knownSession, type Order, type Session, type SessionId } from '@flexledger/domain';
import type { GridContext } from './grid-context';
import { orders, sessions } from './store/market-store';

/** The session of an id; refuses with MARKET_SESSION_UNKNOWN. */
export async function loadSession(context: GridContext, sessionId: SessionId): Promise<Session> {
  return knownSession(await sessions.load(context.session, sessionId), sessionId);
}

/** Writes orders back under their keys. */
export function saveOrders(context: GridContext, rows: readonly Order[]): void {
  for (const order of rows) {
    orders.save(context.session, order, order.sessionId, order.orderId);
  }
}
