import { demand, RuleError } from '../errors';
import type { SessionId } from '../ids';
import type { RuleSet } from '../rule-set';
import { productOf, type Product } from '../rule-set/products';
import { addSlots, type Slot } from '../time';
import type { Order, OrderStatus, Session } from './rows';

/** What is asked of a new session. */
export type SessionAsked = Pick<
  Session,
  'sessionId' | 'kind' | 'gridId' | 'firstSlot' | 'intervals' | 'gateOpenSlot' | 'gateCloseSlot' | 'publishDeadlineSlot'
>;

/** What the ledger knows when a session is opened. */
export interface OpeningKnown {
  readonly exists: boolean;
  /** The first interval that another session of this kind already trades. */
  readonly overlap: Slot | undefined;
  readonly gateBegun: boolean;
  /** The number of the last terms of the grid, where limits of the grid act and it has terms. */
  readonly gridTerms: number | undefined;
}

/** The product that a new session trades; refuses a kind that the rule set does not name (MARKET_PRODUCT_UNKNOWN). */
export function knownProduct(ruleSet: RuleSet, kind: SessionAsked['kind']): Product {
  const product = productOf(ruleSet, kind);
  if (product === undefined) {
    throw new RuleError('MARKET_PRODUCT_UNKNOWN', { kind });
  }
  return product;
}

/**
 * The slots that a new session claims, so that nothing is traded twice by mistake. A day-ahead session claims the first slot of every
 * interval. An intraday session claims its own first slot alone: the next one begins half an hour later and trades most of the same
 * intervals again, which is what it is for.
 */
export function claimedSlots(asked: Pick<SessionAsked, 'firstSlot' | 'intervals'>, product: Product): readonly Slot[] {
  const claims = product.kind === 'intraday' ? 1 : asked.intervals;
  return Array.from({ length: claims }, (_, interval) => addSlots(asked.firstSlot, interval * product.intervalSlots));
}

/** Opens a session of a product with the rule set in force, or refuses with the first code in precedence order. */
export function openSession(asked: SessionAsked, ruleSet: RuleSet, product: Product, known: OpeningKnown): Session {
  const { firstSlot, gateCloseSlot, gateOpenSlot, intervals, publishDeadlineSlot, sessionId } = asked;
  demand(!known.exists, 'MARKET_SESSION_EXISTS', { sessionId });
  demand(intervals <= product.intervalsMax, 'MARKET_SESSION_INTERVALS', { intervalsMax: product.intervalsMax });
  const hasPlace =
    firstSlot % product.intervalSlots === 0 &&
    (gateOpenSlot === undefined || gateOpenSlot < gateCloseSlot) &&
    gateCloseSlot < publishDeadlineSlot &&
    publishDeadlineSlot <= firstSlot;
  demand(hasPlace, 'MARKET_SESSION_PERIOD', { firstSlot, gateCloseSlot, publishDeadlineSlot });
  demand(known.overlap === undefined, 'MARKET_SESSION_OVERLAP', { slot: known.overlap ?? 0 });
  demand(!known.gateBegun, 'MARKET_GATE_PASSED', { gateCloseSlot });
  const terms = known.gridTerms === undefined ? {} : { gridTerms: known.gridTerms };
  return { ...asked, intervalSlots: product.intervalSlots, ...terms, ruleSet, state: 'OPEN' };
}

/** The session that was loaded, or a refusal. */
export function knownSession(session: Session | undefined, sessionId: SessionId): Session {
  if (session === undefined) {
    throw new RuleError('MARKET_SESSION_UNKNOWN', { sessionId });
  }
  return session;
}

/** What the ledger clock says about the gate of a session. */
export interface GateClock {
  /** True where the slot of its opening has begun, or where there is none. */
  readonly openBegun: boolean;
  /** True where the slot of its closing has begun. */
  readonly closeBegun: boolean;
}

/** Refuses where a session takes no orders: its gate has not opened yet or has closed, or it is no longer open. */
export function demandTakesOrders(session: Session, gate: GateClock): void {
  demand(gate.openBegun, 'MARKET_GATE_NOT_OPEN', { gateOpenSlot: session.gateOpenSlot ?? 0 });
  demand(!gate.closeBegun, 'MARKET_GATE_PASSED', { gateCloseSlot: session.gateCloseSlot });
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
