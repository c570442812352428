import type { BiddingFrame, WantedOrder } from './order-strategy';
import { clipped, type NetQuantiles } from './forecast-quantiles';

/** What deviations from the position cost and bring, in micro-units per kWh: short is above long. */
export interface DeviationPrices {
  readonly shortMicroPerKwh: bigint;
  readonly longMicroPerKwh: bigint;
}

/** Most energy that may flow in an interval each way: the connection, or less where a set-point limits it. */
export interface FlowBounds {
  readonly importWh: bigint;
  readonly exportWh: bigint;
}

/** One interval for which a ladder of orders is made. */
export interface LadderInterval {
  readonly interval: number;
  /** Bought less sold already. */
  readonly positionWh: bigint;
  readonly net: NetQuantiles;
  readonly bounds: FlowBounds;
  /** Most energy of the orders of one side: what the ledger lets a connection trade in one session. */
  readonly sideWhMax: bigint;
  /** Most orders of the ladder, both sides together; at least 1. */
  readonly ordersMax: number;
  /** Only orders of this side; both where absent. */
  readonly side?: WantedOrder['side'];
}

const PERCENT_WHOLE = 100n;

/** A stretch of positions, with the probabilities that what is needed lies below its ends. */
interface Stretch {
  readonly fromWh: bigint;
  readonly toWh: bigint;
  readonly fromPercent: bigint;
  readonly toPercent: bigint;
}

/** Energy of one worth. */
interface Rung {
  readonly side: 'buy' | 'sell';
  readonly energyWh: bigint;
  /** What a kWh of it is worth, in micro-units. */
  readonly value: bigint;
}

/**
 * The orders that move a position to where it should be at any price that may come out. A kWh more in the position is worth what it
 * saves: short price x P(it is needed) + long price x P(it is not). At the price p the best position is the quantile
 * (short - p) / (short - long) of the net import (the newsvendor's fractile), so that a bid or offer for each stretch between two
 * quantiles at that value is the whole demand curve; the quantiles in between are read off straight lines. What is needed with more
 * than 90 % counts as 95, and so on. Values are whole, bids rounded down and offers up to a tick, both inside the supplier's
 * prices, beyond which nothing is gained. Bids are worth less than all offers, so that they never meet.
 */
export function ladderOrders(
  { bounds, interval, net, ordersMax, positionWh, side: only, sideWhMax }: LadderInterval,
  frame: BiddingFrame,
  prices: DeviationPrices,
): WantedOrder[] {
  const { highWh, lowWh, middleWh } = clipped(net, bounds.importWh, bounds.exportWh);
  const [lowerWh, upperWh] = [(lowWh + middleWh) / 2n, (middleWh + highWh) / 2n];
  const [belowAll, aboveAll] = [least(positionWh, lowWh), greatest(positionWh, highWh)];
  const stretches: readonly Stretch[] = [
    { fromWh: belowAll, toWh: lowWh, fromPercent: 5n, toPercent: 5n },
    { fromWh: lowWh, toWh: lowerWh, fromPercent: 10n, toPercent: 30n },
    { fromWh: lowerWh, toWh: middleWh, fromPercent: 30n, toPercent: 50n },
    { fromWh: middleWh, toWh: upperWh, fromPercent: 50n, toPercent: 70n },
    { fromWh: upperWh, toWh: highWh, fromPercent: 70n, toPercent: 90n },
    { fromWh: highWh, toWh: aboveAll, fromPercent: 95n, toPercent: 95n },
  ];
  // The stretch in which the position lies is cut there: what is below may be sold, what is above bought.
  const rungs = stretches.flatMap((stretch): Rung[] => {
    const soldTo = least(positionWh, stretch.toWh);
    const boughtFrom = greatest(positionWh, stretch.fromWh);
    return [
      rungOf('sell', stretch, stretch.fromWh, soldTo, prices),
      rungOf('buy', stretch, boughtFrom, stretch.toWh, prices),
    ];
  });
  const useful = rungs.filter(({ energyWh, side, value }) => {
    const gains = side === 'buy' ? value > frame.feedInPriceMicroPerKwh : value < frame.retailPriceMicroPerKwh;
    return energyWh > 0n && gains && (only ?? side) === side;
  });
  const sides = (['buy', 'sell'] as const).map((side) => ofSide(useful, side, sideWhMax));
  const orders = joinSmall(sides, frame.quantityMinWh, ordersMax).map(({ energyWh, side, value }) => ({
    side,
    interval,
    energyWh,
    limitPriceMicroPerKwh: limitPrice(side, value, frame),
  }));
  const bestBid = orders.reduce((best, { limitPriceMicroPerKwh: limit, side }) => {
    return side === 'buy' ? greatest(best, limit) : best;
  }, -1n);
  // Parts of a stretch that are next to the position may be worth the same to a tick.
  return orders.filter(({ limitPriceMicroPerKwh, side }) => side === 'buy' || limitPriceMicroPerKwh > bestBid);
}

/** The part of a stretch between two positions, at the value in its middle. */
function rungOf(side: Rung['side'], stretch: Stretch, fromWh: bigint, toWh: bigint, prices: DeviationPrices): Rung {
  const energyWh = toWh - fromWh;
  if (energyWh <= 0n) return { side, energyWh: 0n, value: 0n };
  const { longMicroPerKwh, shortMicroPerKwh } = prices;
  const whole = 2n * (stretch.toWh - stretch.fromWh);
  const inside = fromWh + toWh - 2n * stretch.fromWh;
  const percentTimesWhole = stretch.fromPercent * whole + (stretch.toPercent - stretch.fromPercent) * inside;
  const spread = (shortMicroPerKwh - longMicroPerKwh) * percentTimesWhole;
  return { side, energyWh, value: shortMicroPerKwh - spread / (whole * PERCENT_WHOLE) };
}

/** The rungs of a side, the most useful first, as far as the side may trade. */
function ofSide(rungs: readonly Rung[], side: Rung['side'], mostWh: bigint): Rung[] {
  const own = rungs.filter((rung) => rung.side === side);
  if (side === 'sell') own.reverse();
  let leftWh = mostWh;
  return own.flatMap((rung) => {
    const energyWh = least(rung.energyWh, leftWh);
    leftWh -= energyWh;
    return energyWh > 0n ? [{ ...rung, energyWh }] : [];
  });
}

/** Joins rungs that are too small or too many, those that are smallest together first; a side that is too small at all is left out. */
function joinSmall(sides: readonly Rung[][], quantityMinWh: bigint, ordersMax: number): Rung[] {
  const large = sides.map((side) => {
    let rungs = side;
    while (rungs.length > 1 && rungs.some(({ energyWh }) => energyWh < quantityMinWh)) rungs = joinSmallest(rungs);
    return rungs.filter(({ energyWh }) => energyWh >= quantityMinWh);
  });
  for (let orders = large.flat(); orders.length > ordersMax; orders = large.flat()) {
    const most = large.reduce(
      (longest, side, index) => (side.length > (large[longest]?.length ?? 0) ? index : longest),
      0,
    );
    const rungs = large[most] ?? [];
    large[most] = rungs.length > 1 ? joinSmallest(rungs) : [];
  }
  return large.flat();
}

/** Joins the two neighbours that are smallest together, at the mean of their values weighted by energy. */
function joinSmallest(rungs: readonly Rung[]): Rung[] {
  let at = 0;
  const togetherWh = (index: number): bigint => (rungs[index]?.energyWh ?? 0n) + (rungs[index + 1]?.energyWh ?? 0n);
  for (let index = 1; index + 1 < rungs.length; index += 1) {
    if (togetherWh(index) < togetherWh(at)) at = index;
  }
  const [one, two] = [rungs[at], rungs[at + 1]];
  if (one === undefined || two === undefined) return [...rungs];
  const energyWh = one.energyWh + two.energyWh;
  const value = (one.energyWh * one.value + two.energyWh * two.value) / energyWh;
  return [...rungs.slice(0, at), { side: one.side, energyWh, value }, ...rungs.slice(at + 2)];
}

function limitPrice(side: Rung['side'], value: bigint, frame: BiddingFrame): bigint {
  const { feedInPriceMicroPerKwh: feedIn, retailPriceMicroPerKwh: retail, tickMicroPerKwh: tick } = frame;
  const inside = greatest(feedIn, least(value, retail));
  const down = inside - (inside % tick);
  return side === 'buy' || down === inside ? down : down + tick;
}

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

function greatest(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
