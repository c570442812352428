import {
  knownSession,
  present,
  wasSuspendedIn,
  type Order,
  type ParticipantId,
  type Session,
  type SessionId,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { orders, sessions } from '../../store/market/market-store';
import { participants } from '../../store/registry/registry-store';

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

/** Whose orders are void because the member was suspended in the slot of the gate: rows that say so no longer change. */
export async function suspendedAtGate(
  context: GridContext,
  session: Session,
  rows: readonly Order[],
): Promise<ReadonlySet<ParticipantId>> {
  if (session.ruleSet.suspendedOrdersVoid !== true) {
    return new Set();
  }
  const participantIds = [...new Set(rows.map((order) => order.participantId))];
  const members = await Promise.all(participantIds.map((id) => participants.load(context.session, id)));
  return new Set(
    participantIds.filter((_, index) =>
      wasSuspendedIn(present(members[index], 'Who placed orders is registered.'), session.gateCloseSlot),
    ),
  );
}
