import { greatest } from '../../math';
import type { Block } from './rows-programme';
import { solveBlocks } from './rows-programme';
import { minus, plus, rational, times, zero, type Rational } from './rows-rational';

/** What the fills at the buses of one place say of its price: it is not below and not above these, where they say so. */
export interface PlaceBounds {
  readonly low: bigint | undefined;
  readonly high: bigint | undefined;
  readonly busCount: bigint;
}

/** A point of the dual face: the price of each place in micro-units per kWh, and the dual of each row. */
export interface PricePoint {
  readonly prices: readonly Rational[];
  readonly duals: readonly Rational[];
}

/** The two ends of the price interval. */
export interface PriceEnds {
  readonly low: PricePoint;
  readonly high: PricePoint;
}

/**
 * The ends of the prices that support an outcome: of all λ - Σ dual × coefficient with duals >= 0 that keep the bounds of every place, the
 * ones with the least distance, summed over the buses, from the price floor (low end) and from the price cap (high end). Inside floor and
 * cap these are the smallest and the largest sum of prices. Every point between the two ends supports the outcome too.
 *
 * This programme's dual has the form of a clearing, in which one Wh of every bus is bought and sold at the floor, and the bounds are
 * orders without end; they get more energy than any vertex can use (Cramer's rule), which is the same.
 *
 * @param places of each place its coefficient in each row that is at its bound
 * @returns undefined where no price supports the outcome, so that it is not optimal, or after `pivotsMax` pivots
 */
export function priceEnds(
  places: readonly (readonly bigint[])[],
  bounds: readonly PlaceBounds[],
  { floor, cap }: { readonly floor: bigint; readonly cap: bigint },
  pivotsMax: number,
): PriceEnds | undefined {
  const low = endNearest(places, bounds, floor, pivotsMax);
  const high = low === undefined ? undefined : endNearest(places, bounds, cap, pivotsMax);
  return low === undefined || high === undefined ? undefined : { low, high };
}

function endNearest(
  places: readonly (readonly bigint[])[],
  bounds: readonly PlaceBounds[],
  target: bigint,
  pivotsMax: number,
): PricePoint | undefined {
  const rowCount = places[0]?.length ?? 0;
  const endless = endlessEnergy(places, bounds, rowCount + 1);
  const blocks = bounds.flatMap(({ low, high, busCount }, place): readonly Block[] => [
    { side: 'buy', place, limit: target, energyWh: busCount },
    { side: 'sell', place, limit: target, energyWh: busCount },
    ...(low === undefined ? [] : [{ side: 'buy', place, limit: low, energyWh: endless } as const]),
    ...(high === undefined ? [] : [{ side: 'sell', place, limit: high, energyWh: endless } as const]),
  ]);
  const zeroBounds = Array.from({ length: rowCount }, () => 0n);
  const solution = solveBlocks({ blocks, places, bounds: zeroBounds, volumeWeight: 0n }, pivotsMax);
  if (solution === undefined || solution === 'infeasible') return undefined;
  const point = {
    prices: solution.prices.map(([price]) => rational(price, solution.denominator)),
    duals: solution.duals.map(([dual]) => rational(dual, solution.denominator)),
  };
  return bounds.every((bound, place) => keeps(point.prices[place] ?? zero, bound)) ? point : undefined;
}

function keeps({ numerator, denominator }: Rational, { low, high }: PlaceBounds): boolean {
  return (
    (low === undefined || low * denominator <= numerator) && (high === undefined || numerator <= high * denominator)
  );
}

/** More than any basic value: 2 × buses × size! × (largest coefficient)^size. */
function endlessEnergy(places: readonly (readonly bigint[])[], bounds: readonly PlaceBounds[], size: number): bigint {
  let largest = 1n;
  for (const value of places.flat()) largest = greatest(largest, value < 0n ? -value : value);
  let product = 1n + 2n * bounds.reduce((total, { busCount }) => total + busCount, 0n);
  for (let factor = 1; factor <= size; factor += 1) product *= BigInt(factor) * largest;
  return product;
}

/** low + k × (high - low), of prices and duals. */
export function pointBetween({ low, high }: PriceEnds, kPpm: bigint): PricePoint {
  const share = rational(kPpm, 1_000_000n);
  const between = (from: readonly Rational[], to: readonly Rational[]): readonly Rational[] =>
    from.map((value, index) => plus(value, times(share, minus(to[index] ?? value, value))));
  return { prices: between(low.prices, high.prices), duals: between(low.duals, high.duals) };
}
