import { assert, present } from '../assert';
import { compareText } from '../canonical';
import { digestOf } from '../digest';
import { demand } from '../errors';
import type { OrderId, ParticipantId } from '../ids';
import { limits } from '../limits';
import { sum } from '../math';
import { addSlots, type Slot } from '../time';
import { micro, microPerKwh, wh } from '../units';
import { clearInterval } from './clear';
import { zoneFillPrices } from './fill-prices';
import { listPairs, type PlaceOf } from './list-pairs';
import { positionOf, pricesOf } from './positions';
import {
  clearingChunkCodec,
  type Bucket,
  type Clearing,
  type ClearingChunk,
  type FillPrice,
  type IntervalOutcome,
  type Order,
  type OrderFill,
  type ParticipantFills,
  type Session,
  type TradePairs,
} from './rows';
import { greenSellers, type IsGreen } from './seller-assets';
import type { ClearingOrder, IntervalClearing } from './types';
import { findClearingFault } from './verify-clearing';

/** Everything that a clearing writes. */
export interface SessionClearing {
  readonly clearing: Clearing;
  readonly chunks: readonly ClearingChunk[];
  readonly buckets: readonly Bucket[];
  /** Who is listed as trading with whom, where an order has a wish. */
  readonly pairs: readonly TradePairs[];
}

/** An order that takes part in the clearing of an interval. */
export interface OpenOrder extends ClearingOrder {
  readonly orderId: OrderId;
  readonly participantId: ParticipantId;
  readonly interval: number;
}

/** What came out of one interval, and what went in. */
export interface IntervalResult {
  readonly orders: readonly OpenOrder[];
  readonly clearing: IntervalClearing;
  /** What fills pay or get, where it is not the one price of the interval for all, by order id. */
  readonly fillPrices: ReadonlyMap<string, FillPrice> | undefined;
  /** The limits of the grid that bind. */
  readonly bindingLimits: readonly string[];
}

/** The first slot of an interval of a session. */
export function intervalFirstSlot(session: Session, interval: number): Slot {
  return addSlots(session.firstSlot, interval * session.intervalSlots);
}

/**
 * Clears every interval of a session by itself and proves each result on the second path. The result depends on the orders alone, not
 * on the order in which they are read.
 *
 * @param orders every order row of the session
 * @param participantIds every participant that placed orders
 * @param deadlinePassed whether orders that are still sealed are void
 * @param isGreen whose energy counts as green in the pairs that are listed
 * @throws RuleError MARKET_ORDERS_UNPUBLISHED
 */
export function clearSession(
  session: Session,
  orders: readonly Order[],
  participantIds: readonly ParticipantId[],
  deadlinePassed: boolean,
  isGreen: IsGreen = greenSellers(session, []),
): SessionClearing {
  demandPublished(orders, deadlinePassed);
  const results = openOrders(session, orders).map((open, interval): IntervalResult => {
    const clearing = clearInterval(open, session.ruleSet.kPpm);
    const fault = findClearingFault(open, clearing, session.ruleSet.kPpm);
    assert(fault === undefined, `The clearing of interval ${interval} is right (${fault ?? 'no fault'}).`);
    return { orders: open, clearing, fillPrices: payAsBidPrices(session, open, clearing), bindingLimits: [] };
  });
  return joinIntervals(session, orders, participantIds, results, { placeOf: () => undefined, isGreen });
}

/** Refuses to clear while orders are sealed that may still be published (MARKET_ORDERS_UNPUBLISHED). */
export function demandPublished(orders: readonly Order[], deadlinePassed: boolean): void {
  const sealed = orders.filter((order) => order.status.kind === 'sealed');
  demand(deadlinePassed || sealed.length === 0, 'MARKET_ORDERS_UNPUBLISHED', { count: sealed.length });
}

/** The published orders of a session, interval by interval. */
export function openOrders(session: Session, orders: readonly Order[]): readonly (readonly OpenOrder[])[] {
  const open = orders.flatMap(toOpenOrder);
  return Array.from({ length: session.intervals }, (_, index) => open.filter(({ interval }) => interval === index));
}

/**
 * Joins the results of all intervals into what the clearing of a session writes.
 *
 * @param known where participants stand, as far as the session knows places, and whose energy is green
 */
export function joinIntervals(
  session: Session,
  orders: readonly Order[],
  participantIds: readonly ParticipantId[],
  results: readonly IntervalResult[],
  known: { readonly placeOf: PlaceOf; readonly isGreen: IsGreen },
): SessionClearing {
  const outcomes = results.map((result, interval) => outcomeOf(session, interval, result));
  const fills = new Map(participantIds.map((participantId) => [participantId, [] as OrderFill[]]));
  for (const { participantId, fill } of results.flatMap(fillsOf)) {
    present(fills.get(participantId), 'Who trades has placed orders.').push(fill);
  }
  const participants = [...fills]
    .map(([participantId, own]) => ({ participantId, fills: own }))
    .sort((left, right) => compareText(left.participantId, right.participantId));
  const chunks = chunksOf(session, participants);
  const buckets = bucketsOf(session, participants);
  const pairs = listPairs(
    session,
    orders,
    participants.flatMap((entry) => entry.fills),
    known.placeOf,
    known.isGreen,
  );
  return { clearing: headerOf(session, orders, outcomes, participants, chunks, buckets), chunks, buckets, pairs };
}

function toOpenOrder({ orderId, participantId, status }: Order): readonly OpenOrder[] {
  if (status.kind !== 'published') {
    return [];
  }
  const { side, interval, energyWh, limitPriceMicroPerKwh } = status;
  return [{ orderId, participantId, side, interval, energyWh, limitPriceMicroPerKwh }];
}

function outcomeOf(
  session: Session,
  interval: number,
  { bindingLimits, clearing: { price, tradedWh }, orders }: IntervalResult,
): IntervalOutcome {
  const buys = orders.filter((order) => order.side === 'buy');
  const sells = orders.filter((order) => order.side === 'sell');
  const prices =
    price === undefined
      ? {}
      : {
          price: {
            lowMicroPerKwh: microPerKwh(price.lowMicroPerKwh),
            highMicroPerKwh: microPerKwh(price.highMicroPerKwh),
            clearingMicroPerKwh: microPerKwh(price.clearingMicroPerKwh),
          },
        };
  return {
    interval,
    firstSlot: intervalFirstSlot(session, interval),
    buyOrders: buys.length,
    sellOrders: sells.length,
    demandWh: wh(sum(buys.map((order) => order.energyWh))),
    supplyWh: wh(sum(sells.map((order) => order.energyWh))),
    tradedWh: wh(tradedWh),
    ...prices,
    bindingLimits,
  };
}

/** What each fill pays or gets where the rule set pays as bid; undefined where one price is for all. */
function payAsBidPrices(
  { ruleSet }: Session,
  orders: readonly OpenOrder[],
  { fills, price }: IntervalClearing,
): ReadonlyMap<string, FillPrice> | undefined {
  if (ruleSet.mechanism !== 'pay-as-bid' || price === undefined) {
    return undefined;
  }
  const known = new Map<string, OpenOrder>(orders.map((order) => [order.orderId, order]));
  const filled = fills.map(({ orderId, energyWh }) => {
    return { ...present(known.get(orderId), 'A fill belongs to an order.'), energyWh };
  });
  return zoneFillPrices(ruleSet, filled, price.clearingMicroPerKwh);
}

function fillsOf({ clearing: { fills }, fillPrices, orders }: IntervalResult) {
  const known = new Map<string, OpenOrder>(orders.map((order) => [order.orderId, order]));
  return fills.map(({ energyWh, orderId: id }) => {
    const { interval, orderId, participantId, side } = present(known.get(id), 'A fill belongs to an order.');
    const own = fillPrices?.get(id);
    const fill = { orderId, interval, side, energyWh: wh(energyWh), ...(own === undefined ? {} : { price: own }) };
    return { participantId, fill };
  });
}

function split<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const parts: T[][] = [];
  for (let start = 0; start < list.length; start += size) {
    parts.push(list.slice(start, start + size));
  }
  return parts;
}

function chunksOf({ sessionId }: Session, participants: readonly ParticipantFills[]): readonly ClearingChunk[] {
  return split(participants, limits.participantsPerApplyMax).map((part, chunk) => ({
    sessionId,
    chunk,
    participants: part,
  }));
}

function bucketsOf({ sessionId }: Session, participants: readonly ParticipantFills[]): readonly Bucket[] {
  return split(participants, limits.accountsPerBucketMax).map((part, bucket) => ({
    sessionId,
    bucket,
    participantIds: part.map((entry) => entry.participantId),
  }));
}

function headerOf(
  session: Session,
  orders: readonly Order[],
  intervals: readonly IntervalOutcome[],
  participants: readonly ParticipantFills[],
  chunks: readonly ClearingChunk[],
  buckets: readonly Bucket[],
): Clearing {
  const count = (kind: Order['status']['kind']): number => orders.filter((order) => order.status.kind === kind).length;
  const prices = pricesOf(intervals);
  const positions = participants.flatMap((entry) =>
    intervals.map(({ interval }) => positionOf(session, prices, entry, interval)),
  );
  const buyMicro = sum(positions.map((position) => position.buyMicro));
  const sellMicro = sum(positions.map((position) => position.sellMicro));
  const gridFeeMicro = sum(positions.map((position) => position.gridFeeMicro ?? 0n));
  const lossMicro = sum(positions.map((position) => position.lossMicro ?? 0n));
  return {
    sessionId: session.sessionId,
    ruleSet: session.ruleSet.number,
    intervals,
    publishedOrders: count('published'),
    withdrawnOrders: count('withdrawn'),
    voidOrders: count('void'),
    unpublishedOrders: count('sealed'),
    participants: participants.length,
    tradedWh: wh(sum(intervals.map((entry) => entry.tradedWh))),
    buyMicro: micro(buyMicro),
    sellMicro: micro(sellMicro),
    dustMicro: micro(buyMicro - sellMicro - gridFeeMicro - lossMicro),
    feeMicro: micro(sum(positions.map((position) => position.feeMicro))),
    ...(gridFeeMicro > 0n ? { gridFeeMicro: micro(gridFeeMicro) } : {}),
    ...(lossMicro > 0n ? { lossMicro: micro(lossMicro) } : {}),
    chunks: chunks.length,
    bucketFirsts: buckets.map((bucket) => present(bucket.participantIds[0], 'A bucket has a participant.')),
    fillsDigest: digestOf(chunks.map((chunk) => clearingChunkCodec.encode(chunk))),
  };
}
