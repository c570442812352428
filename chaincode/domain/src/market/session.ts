import { demand, RuleError } from '../errors';
import type { SessionId } from '../ids';
import type { RuleSet } from '../rule-set';
import { slotRange, type Slot } from '../time';
import type { Order, OrderStatus, Session } from './rows';

/** What is asked of a new session. */
export type SessionAsked = Pick<
  Session,
  'sessionId' | 'kind' | 'gridId' | 'firstSlot' | 'intervals' | 'gateCloseSlot' | 'publishDeadlineSlot'
>;

/** What the ledger knows when a session is opened. */
export interface OpeningKnown {
  readonly exists: boolean;
  /** The first interval that another session of this kind already trades. */
  readonly overlap: Slot | undefined;
  readonly gateBegun: boolean;
}

/** The first slot of each interval of a period. */
export function intervalStarts(
  asked: Pick<SessionAsked, 'firstSlot' | 'intervals'>,
  ruleSet: RuleSet,
): readonly Slot[] {
  const slots = asked.intervals * ruleSet.marketTimeUnitSlots;
  return slotRange(asked.firstSlot, slots).filter((_, index) => index % ruleSet.marketTimeUnitSlots === 0);
}

/** Opens a session with the rule set in force, or refuses with the first code in precedence order. */
export function openSession(asked: SessionAsked, ruleSet: RuleSet, known: OpeningKnown): Session {
  const { firstSlot, gateCloseSlot, publishDeadlineSlot, sessionId } = asked;
  demand(!known.exists, 'MARKET_SESSION_EXISTS', { sessionId });
  const hasPlace =
    firstSlot % ruleSet.marketTimeUnitSlots === 0 &&
    gateCloseSlot < publishDeadlineSlot &&
    publishDeadlineSlot <= firstSlot;
  demand(hasPlace, 'MARKET_SESSION_PERIOD', { firstSlot, gateCloseSlot, publishDeadlineSlot });
  demand(known.overlap === undefined, 'MARKET_SESSION_OVERLAP', { slot: known.overlap ?? 0 });
  demand(!known.gateBegun, 'MARKET_GATE_PASSED', { gateCloseSlot });
  return { ...asked, intervalSlots: ruleSet.marketTimeUnitSlots, ruleSet, state: 'OPEN' };
}

/** The session that was loaded, or a refusal. */
export function knownSession(session: Session | undefined, sessionId: SessionId): Session {
  if (session === undefined) {
    throw new RuleError('MARKET_SESSION_UNKNOWN', { sessionId });
  }
  return session;
}

/** Refuses where a session takes no orders: its gate has closed on the ledger clock, or it is no longer open. */
export function demandTakesOrders(session: Session, gateBegun: boolean): void {
  demand(!gateBegun, 'MARKET_GATE_PASSED', { gateCloseSlot: session.gateCloseSlot });
  demand(session.state === 'OPEN', 'MARKET_SESSION_NOT_OPEN', { state: session.state });
}

/** Closes a session whose gate has closed on the ledger clock. */
export function closeSession(session: Session, gateBegun: boolean): Session {
  demand(session.state === 'OPEN', 'MARKET_SESSION_NOT_OPEN', { state: session.state });
  demand(gateBegun, 'MARKET_GATE_NOT_REACHED', { gateCloseSlot: session.gateCloseSlot });
  return { ...session, state: 'CLOSED' };
}

/** Refuses where a session is not between its closing and its clearing. */
export function demandClosed(session: Session): void {
  const cleared = session.state === 'CLEARED' || session.state === 'APPLIED';
  demand(!cleared, 'MARKET_ALREADY_CLEARED', { sessionId: session.sessionId });
  demand(session.state === 'CLOSED', 'MARKET_SESSION_NOT_CLOSED', { state: session.state });
}

/** Refuses a list that names an order twice. */
export function demandOnce(orderIds: readonly string[]): void {
  const twice = orderIds.find((orderId, index) => orderIds.indexOf(orderId) !== index);
  demand(twice === undefined, 'MARKET_ORDER_TWICE', { orderId: twice ?? '' });
}

/** The orders that were loaded, or a refusal where one is unknown. */
export function knownOrders(orders: readonly (Order | undefined)[], orderIds: readonly string[]): readonly Order[] {
  return orders.map((order, index) => {
    if (order === undefined) {
      throw new RuleError('MARKET_ORDER_UNKNOWN', { orderId: orderIds[index] ?? '' });
    }
    return order;
  });
}

/** Withdraws a participant's own sealed orders, all or none. */
export function withdrawOrders(orders: readonly Order[], participantId: string): readonly Order[] {
  const foreign = orders.find((order) => order.participantId !== participantId);
  demand(foreign === undefined, 'MARKET_ORDER_NOT_OWN', { orderId: foreign?.orderId ?? '' });
  const unsealed = orders.find((order) => order.status.kind !== 'sealed');
  demand(unsealed === undefined, 'MARKET_ORDER_NOT_SEALED', { orderId: unsealed?.orderId ?? '' });
  return orders.map((order): Order => ({ ...order, status: { kind: 'withdrawn' } }));
}

/** How many orders have this status. */
export function countStatus(orders: readonly Order[], kind: OrderStatus['kind']): number {
  return orders.filter((order) => order.status.kind === kind).length;
}
