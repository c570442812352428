import { assert, present } from '../assert';
import { compareText } from '../canonical';
import { apportion, compareBigint, greatest, least, mulDivFloor, sum } from '../math';
import { ppmWhole } from '../units';
import { matchInNumbers, type Margin, type Matching } from './clear-in-numbers';
import type { ClearingOrder, ClearingPrice, Fill, IntervalClearing } from './types';

/** A side in merit order, and how much of it is traded. */
interface Merit {
  readonly orders: readonly ClearingOrder[];
  readonly tradedWh: bigint;
}

/**
 * Clears one interval as a uniform-price k-double auction. Bids stand by falling and offers by rising price; they are matched while
 * the bid is at least the offer, so that on a tie the largest volume is traded. Better than the margin is filled in full, worse not
 * at all; orders at the price of the margin share what is left in proportion to their energy (largest remainder, then order id).
 * With LAB and LAO the last accepted bid and offer, FRB and FRO the first rejected ones (or the unfilled rest of the last accepted),
 * the price interval is [max(LAO, FRB), min(LAB, FRO)], and the price is low + k × (high - low), rounded down to a whole micro-unit.
 * Source of the rule: R. Wilson, Econometrica 53 (1985), and the k-double auction of Chatterjee and Samuelson (1983).
 *
 * @param kPpm k in millionths, 0 to 1,000,000
 * @throws InvariantError when an order has no energy or an id stands twice: such orders never pass acceptance
 */
export function clearInterval(orders: readonly ClearingOrder[], kPpm: bigint): IntervalClearing {
  assert(
    idsRise(orders) || new Set(orders.map((order) => order.orderId)).size === orders.length,
    'An order is cleared once.',
  );
  assert(
    orders.every((order) => order.energyWh > 0n),
    'An order that is cleared has energy above zero.',
  );
  const quick = matchInNumbers(orders);
  const matching = quick === 'inexact' ? matchInMeritOrder(orders) : quick;
  if (matching === undefined) {
    return { tradedWh: 0n, price: undefined, fills: [] };
  }
  const { bid, offer, tradedWh } = matching;
  const fills = [...matching.fills];
  fills.sort((left, right) => compareText(left.orderId, right.orderId));
  return { tradedWh, price: priceOf(bid, offer, kPpm), fills };
}

/** True where each order id is after the one before it, as orders come from the ledger. */
function idsRise(orders: readonly ClearingOrder[]): boolean {
  return orders.every(
    (order, place) => place === 0 || compareText(orders[place - 1]?.orderId ?? '', order.orderId) < 0,
  );
}

/** The same on integers of any size: both curves are sorted and walked. */
function matchInMeritOrder(orders: readonly ClearingOrder[]): Matching | undefined {
  const bids = inMeritOrder(orders, 'buy');
  const offers = inMeritOrder(orders, 'sell');
  const tradedWh = matchedWh(bids, offers);
  if (tradedWh === 0n) {
    return undefined;
  }
  const fills = [...fillSide({ orders: bids, tradedWh }), ...fillSide({ orders: offers, tradedWh })];
  return { tradedWh, bid: margin({ orders: bids, tradedWh }), offer: margin({ orders: offers, tradedWh }), fills };
}

function inMeritOrder(orders: readonly ClearingOrder[], side: ClearingOrder['side']): readonly ClearingOrder[] {
  const direction = side === 'buy' ? -1 : 1;
  return orders
    .filter((order) => order.side === side)
    .sort(
      (left, right) =>
        direction * compareBigint(left.limitPriceMicroPerKwh, right.limitPriceMicroPerKwh) ||
        compareText(left.orderId, right.orderId),
    );
}

/** Walks both curves at once and adds up what trades. */
function matchedWh(bids: readonly ClearingOrder[], offers: readonly ClearingOrder[]): bigint {
  let tradedWh = 0n;
  let offerIndex = 0;
  let offerUsedWh = 0n;
  for (const bid of bids) {
    for (let bidRestWh = bid.energyWh; bidRestWh > 0n;) {
      const offer = offers[offerIndex];
      if (offer === undefined || bid.limitPriceMicroPerKwh < offer.limitPriceMicroPerKwh) {
        return tradedWh;
      }
      const stepWh = least(bidRestWh, offer.energyWh - offerUsedWh);
      tradedWh += stepWh;
      bidRestWh -= stepWh;
      offerUsedWh += stepWh;
      if (offerUsedWh === offer.energyWh) {
        offerIndex += 1;
        offerUsedWh = 0n;
      }
    }
  }
  return tradedWh;
}

/** The last order of a side that trades, and the first that does not or not wholly. */
function margin({ orders, tradedWh }: Merit): Margin {
  let throughWh = 0n;
  for (const [index, order] of orders.entries()) {
    throughWh += order.energyWh;
    if (throughWh >= tradedWh) {
      const rejected = throughWh > tradedWh ? order : orders[index + 1];
      return { last: order.limitPriceMicroPerKwh, rejected: rejected?.limitPriceMicroPerKwh };
    }
  }
  assert(false, 'A side has at least the energy that it trades.');
}

function priceOf(bid: Margin, offer: Margin, kPpm: bigint): ClearingPrice {
  const lowMicroPerKwh = greatest(offer.last, bid.rejected ?? offer.last);
  const highMicroPerKwh = least(bid.last, offer.rejected ?? bid.last);
  assert(lowMicroPerKwh <= highMicroPerKwh, 'The price interval is not empty where energy is traded.');
  const clearingMicroPerKwh = lowMicroPerKwh + mulDivFloor(highMicroPerKwh - lowMicroPerKwh, kPpm, ppmWhole);
  return { lowMicroPerKwh, highMicroPerKwh, clearingMicroPerKwh };
}

function fillSide(merit: Merit): readonly Fill[] {
  const { last } = margin(merit);
  const marginal = merit.orders.filter((order) => order.limitPriceMicroPerKwh === last);
  const firstMarginal = merit.orders.indexOf(present(marginal[0], 'The margin has an order.'));
  const better = merit.orders.slice(0, firstMarginal);
  const restWh = merit.tradedWh - sum(better.map((order) => order.energyWh));
  const parts = apportion(
    restWh,
    marginal.map((order) => ({ id: order.orderId, weight: order.energyWh })),
  );
  const shared = marginal.map((order, index) => ({ orderId: order.orderId, energyWh: parts[index] ?? 0n }));
  return [...better.map(({ orderId, energyWh }) => ({ orderId, energyWh })), ...shared].filter(
    (fill) => fill.energyWh > 0n,
  );
}
