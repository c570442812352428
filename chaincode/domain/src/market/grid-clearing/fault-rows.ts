import { ppmWhole } from '../../units';
import type { ClearingPrice } from '../types';
import type { GridClearingFault } from './fault';
import type { JudgedOrder } from './fault-grid';
import { layRows, loadOf, magnitude, type JudgedRows } from './fault-rows-grid';
import { faultOfRowMoney } from './fault-rows-money';
import type { ClearingGrid, GridClearingRules, GridIntervalClearing, GridOrder } from './types';

/**
 * Checks an outcome that general rows have decided, without clearing: fills, conservation, flows and limits of branches, rows (up to
 * the rounding to whole Wh), prices that support every order, their ends and k, binding limits that are reached, shadow prices that explain
 * the differences of the prices, rent, welfare, and its optimality by duality up to the rounding of prices and duals; equals at one
 * bus share alike. It looks at whole numbers alone and calls nothing of `deriveWithRows`. What it cannot see is how a tie between different
 * buses is shared, and ends of a price interval that no order touches.
 *
 * @returns the first fault, or undefined
 */
export function findRowsClearingFault(
  orders: readonly GridOrder[],
  grid: ClearingGrid,
  clearing: GridIntervalClearing,
  rules: GridClearingRules,
): GridClearingFault | undefined {
  const laid = layRows(orders, grid, clearing);
  if (typeof laid === 'string') {
    return laid;
  }
  if (laid === undefined) {
    return faultOfNoTrade(clearing);
  }
  return faultOfPricing(laid, clearing, rules) ?? faultOfRowMoney(laid, grid, clearing) ?? faultOfShares(laid);
}

function faultOfNoTrade({ bindingLimits, rentNano, welfareNano, zones }: GridIntervalClearing) {
  if (zones.length !== 1 || zones[0]?.price !== undefined) {
    return 'PRICE_WITHOUT_TRADE' as const;
  }
  if (bindingLimits.length > 0) {
    return 'BINDING_LIMITS_WRONG' as const;
  }
  return rentNano === 0n && welfareNano === 0n ? undefined : ('RENT_WRONG' as const);
}

/** Prices lie between their ends at k, every order agrees with all of them, and what binds is reached. */
function faultOfPricing(
  { exports, isTrace, limits, orders, priceAt }: JudgedRows,
  { zones }: GridIntervalClearing,
  { kPpm }: GridClearingRules,
): GridClearingFault | undefined {
  for (const { price } of zones) {
    const fault = price === undefined ? undefined : faultOfEnds(price, kPpm);
    if (fault !== undefined) {
      return fault;
    }
  }
  for (const judged of orders) {
    const fault = faultOfOrder(judged, priceAt(judged.order.busId), isTrace);
    if (fault !== undefined) {
      return fault;
    }
  }
  const areReached = limits.every(({ row, total }) => loadOf(row.coefficients, exports) >= row.bound - total);
  return areReached || isTrace ? undefined : 'BINDING_LIMITS_WRONG';
}

/** Away from trees the two ends of the face of prices may cross at a bus, so that k may count from either; each number is rounded once. */
function faultOfEnds(price: ClearingPrice, kPpm: bigint): GridClearingFault | undefined {
  const { clearingMicroPerKwh: at, highMicroPerKwh: high, lowMicroPerKwh: low } = price;
  if (low > at || at > high) {
    return 'PRICE_INTERVAL';
  }
  const width = (high - low) * kPpm;
  const isNear = [(at - low) * ppmWhole - width, (high - at) * ppmWhole - width].some(
    (away) => magnitude(away) <= 2n * ppmWhole,
  );
  return isNear ? undefined : 'PRICE_NOT_K';
}

/** Whoever trades gains or breaks even at every price of the interval; whoever has a rest would not. */
function faultOfOrder(
  { filledWh, order }: JudgedOrder,
  { highMicroPerKwh: high, lowMicroPerKwh: low }: ClearingPrice,
  isTrace: boolean,
): GridClearingFault | undefined {
  const limit = order.limitPriceMicroPerKwh;
  const [gains, loses] = order.side === 'buy' ? [limit >= high, limit <= low] : [limit <= low, limit >= high];
  if (filledWh > 0n && !gains) {
    return 'LIMIT_PRICE_VIOLATED';
  }
  return filledWh < order.energyWh && !loses && !isTrace ? 'MERIT_ORDER' : undefined;
}

/** Orders that nothing tells apart get the same share, up to the rounding of each; at one price and bus nobody is left out on both sides. */
function faultOfShares({ isTrace, orders }: JudgedRows): GridClearingFault | undefined {
  const equals = new Map<string, JudgedOrder[]>();
  for (const judged of isTrace ? [] : orders) {
    const { busId, limitPriceMicroPerKwh, side } = judged.order;
    const key = `${side} ${limitPriceMicroPerKwh} ${busId}`;
    const group = equals.get(key);
    if (group === undefined) {
      equals.set(key, [judged]);
    } else {
      group.push(judged);
    }
  }
  for (const [key, group] of equals) {
    const others = key.startsWith('buy ') ? (equals.get(key.replace('buy', 'sell')) ?? []) : [];
    if (group.some(hasRest) && others.some(hasRest)) {
      return 'VOLUME_NOT_LARGEST';
    }
    if (!areShared(group)) {
      return 'MARGIN_NOT_SHARED';
    }
  }
  return undefined;
}

function hasRest({ filledWh, order }: JudgedOrder): boolean {
  return filledWh < order.energyWh;
}

/** There is a share of which each fill is less than a Wh away: the highest lower end is below the lowest upper end. */
function areShared(group: readonly JudgedOrder[]): boolean {
  const ends = (awayWh: bigint): readonly Share[] =>
    group.map(({ filledWh, order }) => ({ wh: filledWh + awayWh, ofWh: order.energyWh }));
  const highest = ends(-1n).reduce((left, right) => (isLess(left, right) ? right : left));
  const lowest = ends(1n).reduce((left, right) => (isLess(right, left) ? right : left));
  return isLess(highest, lowest);
}

interface Share {
  readonly wh: bigint;
  readonly ofWh: bigint;
}

function isLess(left: Share, right: Share): boolean {
  return left.wh * right.ofWh < right.wh * left.ofWh;
}
