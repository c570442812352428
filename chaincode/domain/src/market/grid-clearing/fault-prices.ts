import { present } from '../../assert';
import { ppmWhole } from '../../units';
import type { ClearingPrice } from '../types';
import type { GridClearingFault } from './fault';
import { highest, lowest, type ZoneEdges } from './fault-edges';
import type { JudgedGrid, JudgedOrder } from './fault-grid';
import type { Ascent } from './fault-levels';
import type { GridClearingRules, GridIntervalClearing, PricedLimit, TreeLimit } from './types';

interface Bounds {
  low: bigint;
  high: bigint;
}

/**
 * Prices, shadow prices, rent and welfare. The price interval of a zone is what its own orders and, over the branches that stand at their
 * limits, those of all others leave: bounds are passed on until they rest.
 */
export function faultOfPrices(
  judged: JudgedGrid,
  edges: readonly ZoneEdges[],
  ascents: readonly Ascent[],
  clearing: GridIntervalClearing,
  rules: GridClearingRules,
): GridClearingFault | undefined {
  const bounds = boundsOf(judged, edges, ascents, rules);
  const prices = bounds.map(({ low, high }) => low + ((high - low) * rules.kPpm) / ppmWhole);
  return (
    faultOfZonePrices(bounds, clearing, rules) ??
    faultOfShadowPrices(judged, prices, clearing) ??
    faultOfWorth(judged, prices, clearing)
  );
}

function boundsOf(
  { orders }: JudgedGrid,
  edges: readonly ZoneEdges[],
  ascents: readonly Ascent[],
  rules: GridClearingRules,
): readonly Bounds[] {
  const limits = orders.map(({ order }) => order.limitPriceMicroPerKwh);
  const floor = limits.reduce((least, limit) => (limit < least ? limit : least), rules.priceFloorMicroPerKwh);
  const cap = limits.reduce((most, limit) => (limit > most ? limit : most), rules.priceCapMicroPerKwh);
  const bounds = edges.map(({ sold, unsold, bought, unbought }) => ({
    low: highest(sold, unbought) ?? floor,
    high: lowest(bought, unsold) ?? cap,
  }));
  for (let isMoved = true; isMoved;) {
    isMoved = false;
    for (const { from, to } of ascents) {
      const lower = present(bounds[from], 'Every zone has bounds.');
      const upper = present(bounds[to], 'Every zone has bounds.');
      isMoved ||= upper.low < lower.low || lower.high > upper.high;
      upper.low = upper.low < lower.low ? lower.low : upper.low;
      lower.high = lower.high > upper.high ? upper.high : lower.high;
    }
  }
  return bounds;
}

function faultOfZonePrices(
  bounds: readonly Bounds[],
  { zones, tradedWh }: GridIntervalClearing,
  rules: GridClearingRules,
): GridClearingFault | undefined {
  for (const [zone, { price }] of zones.entries()) {
    if (price === undefined || tradedWh === 0n) {
      if (price !== undefined) {
        return 'PRICE_WITHOUT_TRADE';
      }
      if (tradedWh > 0n) {
        return 'TRADE_WITHOUT_PRICE';
      }
      continue;
    }
    const fault = faultOfPrice(present(bounds[zone], 'Every zone has bounds.'), price, rules);
    if (fault !== undefined) {
      return fault;
    }
  }
  return undefined;
}

function faultOfPrice(
  { low, high }: Bounds,
  { lowMicroPerKwh, highMicroPerKwh, clearingMicroPerKwh }: ClearingPrice,
  rules: GridClearingRules,
): GridClearingFault | undefined {
  if (low > high || lowMicroPerKwh !== low || highMicroPerKwh !== high) {
    return 'PRICE_INTERVAL';
  }
  // The floor of k × width is the only integer whose distance below k × width is less than one.
  const below = (high - low) * rules.kPpm - (clearingMicroPerKwh - low) * ppmWhole;
  return below >= 0n && below < ppmWhole ? undefined : 'PRICE_NOT_K';
}

function faultOfShadowPrices(
  { stripped, zoneOfBus }: JudgedGrid,
  prices: readonly bigint[],
  { bindingLimits, rentNano }: GridIntervalClearing,
): GridClearingFault | undefined {
  const branchOf = new Map(stripped.map(({ branch }) => [branch.id, branch]));
  const priceAt = (busId: string): bigint => present(prices[zoneOfBus.get(busId) ?? -1], 'Every bus has a price.');
  let totalNano = 0n;
  for (const limit of bindingLimits) {
    const branch = present(branchOf.get(limit.id), 'A binding limit is at a branch.');
    const fault = faultOfShadowPrice(limit, branch, priceAt(branch.toBus) - priceAt(branch.fromBus));
    if (fault !== undefined) {
      return fault;
    }
    totalNano += limit.rentNano;
  }
  return totalNano === rentNano ? undefined : 'RENT_WRONG';
}

/** A limit is worth the rise of the price over it; one of zero both ways is named where prices rise, and forward where they do not. */
function faultOfShadowPrice(
  { direction, shadowPriceMicroPerKwh, rentNano }: PricedLimit,
  { forwardLimitWh, backwardLimitWh }: TreeLimit,
  rise: bigint,
): GridClearingFault | undefined {
  const [limitWh, rises] = direction === 'forward' ? [forwardLimitWh, rise] : [backwardLimitWh, -rise];
  if (shadowPriceMicroPerKwh < 0n || shadowPriceMicroPerKwh !== rises) {
    return 'SHADOW_PRICE_WRONG';
  }
  const isShut = forwardLimitWh === 0n && backwardLimitWh === 0n;
  if (isShut && rise === 0n && direction === 'backward') {
    return 'BINDING_LIMITS_WRONG';
  }
  return rentNano === shadowPriceMicroPerKwh * (limitWh ?? 0n) ? undefined : 'RENT_WRONG';
}

/**
 * The rent is what buyers pay more than sellers get. Strong duality: what every order could claim at the prices, and the rent, are an
 * upper bound of the welfare that any fills have, and these have it.
 */
function faultOfWorth(
  { orders }: JudgedGrid,
  prices: readonly bigint[],
  { welfareNano, rentNano }: GridIntervalClearing,
): GridClearingFault | undefined {
  let worthNano = 0n;
  let paidNano = 0n;
  let claimsNano = 0n;
  for (const judged of orders) {
    const price = present(prices[judged.zone], 'Every zone has a price.');
    const boughtWh = judged.order.side === 'buy' ? judged.filledWh : -judged.filledWh;
    worthNano += judged.order.limitPriceMicroPerKwh * boughtWh;
    paidNano += price * boughtWh;
    claimsNano += claimOf(judged, price);
  }
  if (welfareNano !== worthNano) {
    return 'WELFARE_WRONG';
  }
  if (paidNano !== rentNano) {
    return 'RENT_WRONG';
  }
  return worthNano === claimsNano + rentNano ? undefined : 'NOT_OPTIMAL';
}

/** What an order would gain at a price if it traded all that it would like to. */
function claimOf({ order }: JudgedOrder, price: bigint): bigint {
  const gain = order.side === 'buy' ? order.limitPriceMicroPerKwh - price : price - order.limitPriceMicroPerKwh;
  return gain > 0n ? gain * order.energyWh : 0n;
}
