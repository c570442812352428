import { digestOf } from '../digest';
import { demand, type ErrorCode } from '../errors';
import { sum } from '../math';
import type { ParticipantId, SessionId } from '../ids';
import { isBackstopPrice } from '../rule-set/backstop';
import type { MemberLimits } from '../rule-set/member-limits';
import { micro, type Micro } from '../units';
import { connectionWh, costMicro, feeMicro, sessionReserveMicroPerSlot } from './money';
import { pairingCodec } from './pairing';
import { type OrderContent, type SealedOrder, type Session } from './rows';

/** What is asked of the participant who places orders. */
export interface Placing {
  readonly participantId: ParticipantId;
  readonly connectionLimitW: bigint;
  readonly sealed: readonly SealedOrder[];
  readonly orders: readonly OrderContent[];
  readonly collateralMicro: bigint;
}

/**
 * The seal of an order: the digest of all it says, whose it is and for which session, so that it opens to nothing else and is
 * worthless under another name.
 */
export function orderCommitment(sessionId: SessionId, participantId: ParticipantId, order: OrderContent): string {
  const { energyWh, expirySlot, interval, limitPriceMicroPerKwh, orderId, pairing, salt, side } = order;
  return digestOf({
    energyWh: energyWh.toString(),
    interval,
    limitPriceMicroPerKwh: limitPriceMicroPerKwh.toString(),
    orderId,
    participantId,
    salt,
    sessionId,
    side,
    // An order that says nothing more is sealed as it was before orders could say more.
    ...(pairing === undefined ? {} : { pairing: pairingCodec.encode(pairing) }),
    ...(expirySlot === undefined ? {} : { expirySlot }),
  });
}

/** What is wrong with one order under the session's rule set, or undefined. Checked when it is placed and when it is published. */
export function findOrderFault(session: Session, order: OrderContent): ErrorCode | undefined {
  const { ruleSet } = session;
  const price = order.limitPriceMicroPerKwh;
  if (order.interval >= session.intervals) {
    return 'MARKET_INTERVAL_UNKNOWN';
  }
  if (price < ruleSet.priceFloorMicroPerKwh || price > ruleSet.priceCapMicroPerKwh) {
    return 'MARKET_PRICE_RANGE';
  }
  if (price % ruleSet.tickMicroPerKwh !== 0n) {
    return 'MARKET_PRICE_TICK';
  }
  return order.energyWh === 0n || order.energyWh < ruleSet.quantityMinWh ? 'MARKET_ENERGY_TOO_SMALL' : undefined;
}

/** True for the balancing supplier of a session with a backstop. */
function isBackstop({ ruleSet }: Session, participantId: ParticipantId): boolean {
  return ruleSet.backstop === true && ruleSet.balancingParticipantId === participantId;
}

/** What is wrong with the opening of a seal, or with the order in it. */
export function findOpeningFault(
  session: Session,
  participantId: ParticipantId,
  commitment: string,
  order: OrderContent,
): ErrorCode | undefined {
  if (orderCommitment(session.sessionId, participantId, order) !== commitment) {
    return 'MARKET_COMMITMENT_MISMATCH';
  }
  const fault = findOrderFault(session, order);
  if (fault !== undefined || !isBackstop(session, participantId)) {
    return fault;
  }
  return isBackstopPrice(session.ruleSet, order.side, order.limitPriceMicroPerKwh)
    ? undefined
    : 'MARKET_BACKSTOP_PRICE';
}

/** True where an order no longer stands when the gate of its session closes. */
export function hasExpired(session: Session, { expirySlot }: OrderContent): boolean {
  return expirySlot !== undefined && expirySlot <= session.gateCloseSlot;
}

/**
 * The collateral that a set of orders needs: every purchase at its limit with its fee, each rounded up, and the deviation reserve of
 * every slot of the session. A set that locks this much can never owe more than it locked.
 */
export function requiredCollateralMicro(
  session: Session,
  placing: Pick<Placing, 'connectionLimitW' | 'orders'>,
): Micro {
  const purchases = placing.orders
    .filter((order) => order.side === 'buy')
    .map((order) => {
      const cost = costMicro(order.energyWh, order.limitPriceMicroPerKwh);
      return cost + feeMicro(cost, session.ruleSet.feePpm);
    });
  const slots = BigInt(session.intervals * session.intervalSlots);
  return micro(sum(purchases) + slots * sessionReserveMicroPerSlot(placing.connectionLimitW, session));
}

/**
 * Accepts all orders of a participant in a session, or refuses with the first code in precedence order. Details name ids and fields
 * only: what an order says is confidential.
 */
export function acceptOrders(session: Session, placing: Placing): void {
  const { orders, sealed } = placing;
  const idsMatch =
    orders.length === sealed.length && orders.every((order, at) => order.orderId === sealed[at]?.orderId);
  demand(idsMatch, 'MARKET_ORDERS_MISMATCH');
  demand(new Set(sealed.map((order) => order.orderId)).size === sealed.length, 'MARKET_ORDER_TWICE');
  const ordersMax = session.ruleSet.ordersPerParticipantMax;
  demand(orders.length <= ordersMax, 'MARKET_ORDERS_TOO_MANY', { ordersMax });
  const faults = orders.map((order, at) => ({
    orderId: order.orderId,
    code: findOpeningFault(session, placing.participantId, sealed[at]?.commitment ?? '', order),
  }));
  demandNoFault(faults);
  demandCapacity(session, placing);
  demandPosition(session, placing);
  demandNoSelfTrade(orders);
  demand(placing.collateralMicro >= requiredCollateralMicro(session, placing), 'MARKET_COLLATERAL_TOO_SMALL');
  demandExposure(session, placing);
}

/** Codes of single orders, in precedence order. */
const orderFaults: readonly ErrorCode[] = [
  'MARKET_COMMITMENT_MISMATCH',
  'MARKET_INTERVAL_UNKNOWN',
  'MARKET_PRICE_RANGE',
  'MARKET_PRICE_TICK',
  'MARKET_ENERGY_TOO_SMALL',
  'MARKET_BACKSTOP_PRICE',
];

function demandNoFault(faults: readonly { readonly orderId: string; readonly code: ErrorCode | undefined }[]): void {
  for (const code of orderFaults) {
    const found = faults.find((fault) => fault.code === code);
    demand(found === undefined, code, { orderId: found?.orderId ?? '' });
  }
}

function demandCapacity(session: Session, { connectionLimitW, orders }: Placing): void {
  const limitWh = connectionWh(connectionLimitW, session.intervalSlots);
  const above = findAbove(orders, limitWh);
  demand(above === undefined, 'MARKET_ENERGY_ABOVE_LIMIT', { orderId: above?.orderId ?? '' });
}

/** The first order of a side and interval whose orders together are more than so much energy. */
function findAbove(orders: readonly OrderContent[], limitWh: bigint): OrderContent | undefined {
  const totals = new Map<string, { readonly first: OrderContent; readonly energyWh: bigint }>();
  for (const order of orders) {
    const group = `${order.side} ${order.interval}`;
    const known = totals.get(group);
    totals.set(group, { first: known?.first ?? order, energyWh: (known?.energyWh ?? 0n) + order.energyWh });
  }
  return [...totals.values()].find(({ energyWh }) => energyWh > limitWh)?.first;
}

/** The limits of the rule set for members; the balancing participant is held by its connection and collateral alone. */
function memberLimitsOf({ ruleSet }: Session, participantId: ParticipantId): MemberLimits {
  return ruleSet.balancingParticipantId === participantId ? {} : (ruleSet.memberLimits ?? {});
}

function demandPosition(session: Session, { orders, participantId }: Placing): void {
  const { positionWhMax } = memberLimitsOf(session, participantId);
  const above = positionWhMax === undefined ? undefined : findAbove(orders, positionWhMax);
  demand(above === undefined, 'MARKET_POSITION_ABOVE_LIMIT', { orderId: above?.orderId ?? '' });
}

function demandExposure(session: Session, { collateralMicro, participantId }: Placing): void {
  const { exposureMicroMax } = memberLimitsOf(session, participantId);
  const holds = exposureMicroMax === undefined || collateralMicro <= exposureMicroMax;
  demand(holds, 'MARKET_EXPOSURE_ABOVE_LIMIT', { exposureMicroMax: (exposureMicroMax ?? 0n).toString() });
}

/** A purchase and a sale of one participant must never meet: in every interval it buys only below the price at which it sells. */
function demandNoSelfTrade(orders: readonly OrderContent[]): void {
  for (const bid of orders.filter((order) => order.side === 'buy')) {
    const met = orders.find(
      (offer) =>
        offer.side === 'sell' &&
        offer.interval === bid.interval &&
        offer.limitPriceMicroPerKwh <= bid.limitPriceMicroPerKwh,
    );
    demand(met === undefined, 'MARKET_SELF_TRADE', { orderId: bid.orderId });
  }
}
