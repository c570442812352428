import { present } from '../assert';
import { apportion, exactNumber, exactSignedNumber } from '../math';
import type { ClearingOrder, Fill, Side } from './types';

/** Prices are whole numbers below this, so that the middle of two of them is exact; energies of one side sum to less than twice it. */
const exactMax = 2 ** 52;
const exactMaxInteger = BigInt(exactMax);

/** The margin of a side: the worst limit that trades, and the best one that is left out or not filled wholly. */
export interface Margin {
  readonly last: bigint;
  readonly rejected: bigint | undefined;
}

/** What trades, before the price is chosen. Fills are in the order of the orders that came in. */
export interface Matching {
  readonly tradedWh: bigint;
  readonly bid: Margin;
  readonly offer: Margin;
  readonly fills: readonly Fill[];
}

/**
 * One side of a market as plain numbers. A rank is a limit price turned so that the higher one trades first: the limit of a bid, minus
 * the limit of an offer.
 */
class Curve {
  private readonly energies: Float64Array;
  private readonly ranks: Float64Array;
  private readonly sign: number;
  /** The energy of all orders, in Wh; at or above the limit it need not be exact. */
  public readonly totalWh: number;
  /** The best and the worst rank. */
  public readonly best: number;
  public readonly worst: number;

  public constructor(orders: readonly ClearingOrder[], side: Side) {
    const own = orders.filter((order) => order.side === side);
    this.sign = side === 'buy' ? 1 : -1;
    this.energies = new Float64Array(own.length);
    this.ranks = new Float64Array(own.length);
    let totalWh = 0;
    let best = -exactMax;
    let worst = exactMax;
    own.forEach((order, place) => {
      const rank = this.sign * exactSignedNumber(order.limitPriceMicroPerKwh);
      this.ranks[place] = rank;
      this.energies[place] = exactNumber(order.energyWh);
      totalWh += this.energies[place] ?? 0;
      best = Math.max(best, rank);
      worst = Math.min(worst, rank);
    });
    this.best = best;
    this.worst = worst;
    this.totalWh = totalWh;
  }

  /** The energy of all orders of this rank or a better one, in Wh. */
  public energyFrom(rank: number): number {
    const { energies, ranks } = this;
    let sum = 0;
    for (let place = 0; place < ranks.length; place += 1) {
      sum += (ranks[place] ?? 0) >= rank ? (energies[place] ?? 0) : 0;
    }
    return sum;
  }

  /** The margin of this side where it trades so much energy, as ranks. */
  public margin(tradedWh: number): { readonly last: number; readonly rejected: number | undefined } {
    const last = lastWhere(this.worst, this.best + 1, (rank) => this.energyFrom(rank) >= tradedWh);
    if (this.energyFrom(last) > tradedWh) {
      return { last, rejected: last };
    }
    let next = -Infinity;
    for (const rank of this.ranks) {
      next = rank < last && rank > next ? rank : next;
    }
    return { last, rejected: next === -Infinity ? undefined : next };
  }

  /** The limit price of a rank. */
  public limitOf(rank: number): bigint {
    return BigInt(this.sign * rank);
  }
}

/** The last whole number from `first` on, below `end`, for which a condition holds that holds at `first` and never again once it fails. */
function lastWhere(first: number, end: number, holds: (value: number) => boolean): number {
  let good = first;
  let bad = end;
  while (bad - good > 1) {
    const middle = good + Math.floor((bad - good) / 2);
    if (holds(middle)) {
      good = middle;
    } else {
      bad = middle;
    }
  }
  return good;
}

/**
 * Matches a market by bisection over the price instead of by merit order. The largest volume is where demand and supply cross, and a
 * pass over plain numbers costs a nanosecond an order where sorting large integers costs a microsecond. Every number is whole and below
 * 2^53, so nothing is ever rounded.
 *
 * @returns what trades, undefined where nothing does, or 'inexact' where a number of this market would not be exact as a plain one
 */
export function matchInNumbers(orders: readonly ClearingOrder[]): Matching | 'inexact' | undefined {
  if (!orders.every(isSmall)) {
    return 'inexact';
  }
  const bids = new Curve(orders, 'buy');
  const offers = new Curve(orders, 'sell');
  if (bids.totalWh >= exactMax || offers.totalWh >= exactMax) {
    return 'inexact';
  }
  const tradedWh = largestVolume(bids, offers);
  if (tradedWh === 0) {
    return undefined;
  }
  const sides = { buy: marginOf(bids, tradedWh), sell: marginOf(offers, tradedWh) };
  return {
    tradedWh: BigInt(tradedWh),
    bid: sides.buy,
    offer: sides.sell,
    fills: fillsOf(orders, BigInt(tradedWh), sides),
  };
}

function isSmall({ energyWh, limitPriceMicroPerKwh: limit }: ClearingOrder): boolean {
  return energyWh < exactMaxInteger && limit < exactMaxInteger && limit > -exactMaxInteger;
}

/** Where supply passes demand: the volume at the last price at which demand is larger, or at the next one. */
function largestVolume(bids: Curve, offers: Curve): number {
  if (bids.best < -offers.best) {
    return 0;
  }
  const below = -offers.best - 1;
  const last = lastWhere(below, bids.best + 1, (price) => bids.energyFrom(price) > offers.energyFrom(-price));
  return Math.max(offers.energyFrom(-last), bids.energyFrom(last + 1));
}

function marginOf(curve: Curve, tradedWh: number): Margin {
  const { last, rejected } = curve.margin(tradedWh);
  return { last: curve.limitOf(last), rejected: rejected === undefined ? undefined : curve.limitOf(rejected) };
}

/** Better than the margin is filled in full, worse not at all, and the margin shares what is left. */
function fillsOf(
  orders: readonly ClearingOrder[],
  tradedWh: bigint,
  margins: Readonly<Record<Side, Margin>>,
): readonly Fill[] {
  const rests: Record<Side, bigint> = { buy: tradedWh, sell: tradedWh };
  const marginal: Record<Side, ClearingOrder[]> = { buy: [], sell: [] };
  const fills: Fill[] = [];
  for (const order of orders) {
    const { limitPriceMicroPerKwh: limit, orderId, side } = order;
    const { last } = margins[side];
    if (limit === last) {
      marginal[side].push(order);
    } else if (limit > last === (side === 'buy')) {
      rests[side] -= order.energyWh;
      fills.push({ orderId, energyWh: order.energyWh });
    }
  }
  for (const side of ['buy', 'sell'] as const) {
    const shares = marginal[side].map((order) => ({ id: order.orderId, weight: order.energyWh }));
    apportion(rests[side], shares).forEach((energyWh, place) => {
      if (energyWh > 0n) {
        fills.push({ orderId: present(shares[place], 'A part belongs to a share.').id, energyWh });
      }
    });
  }
  return fills;
}
