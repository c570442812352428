import { present } from '../../assert';
import { compareText } from '../../canonical';
import { apportion, greatest, least, sum } from '../../math';
import { ppmWhole } from '../../units';
import type { ClearingPrice } from '../types';
import { boundsFromFills, largestCoefficient } from './rows';
import { pointBetween, priceEnds, type PriceEnds, type PricePoint } from './rows-prices';
import { ceilingOf, compareRational, floorOf, plus, rational, times, zero, type Rational } from './rows-rational';
import { netExportsOf, rentOf, withoutLosingTrade } from './rows-rent';
import { roundFills, type ExactFill } from './rows-rounding';
import { busIdsBelow, type FeederTree, type NamedRow } from './rows-tree';
import type { BranchFlow, GridClearingRules, GridIntervalClearing, PricedLimit, ZonePrice } from './types';

/** Most pivots while the ends of the price interval are looked for. */
const pricePivotsMax = 5_000;

/** The exact optimum: fills, the rows that are at their bounds, and the prices that prove it. */
export interface ExactOutcome {
  readonly fills: readonly ExactFill[];
  readonly tightRows: readonly NamedRow[];
  /** For each bus its place among prices. */
  readonly placeOfBus: ReadonlyMap<string, number>;
  readonly ends: PriceEnds;
  /** The point at k, from which the clearing prices are rounded. */
  readonly point: PricePoint;
}

/**
 * Finds the prices of exact fills and proves with them that the fills are optimal: at these prices everybody with a gain is full, everybody
 * with a loss is empty, and welfare = Σ claims of the orders + Σ dual × bound, exactly.
 *
 * @param tightRows the rows that the fills bring to their bounds: all of them, so that the prices do not depend on what was named
 * @returns undefined where no prices support the fills
 */
export function priceOutcome(
  fills: readonly ExactFill[],
  buses: readonly string[],
  tightRows: readonly NamedRow[],
  rules: GridClearingRules,
): ExactOutcome | undefined {
  const placeOfBus = new Map<string, number>();
  const places: (readonly bigint[])[] = [];
  const placeOfText = new Map<string, number>();
  for (const busId of [...buses].sort(compareText)) {
    const coefficients = tightRows.map((row) => row.coefficients.get(busId) ?? 0n);
    const text = coefficients.join();
    const place = placeOfText.get(text) ?? places.push(coefficients) - 1;
    placeOfText.set(text, place);
    placeOfBus.set(busId, place);
  }
  const bounds = places.map((_, place) => {
    const { low, high } = boundsFromFills(fills.filter(({ order }) => placeOfBus.get(order.busId) === place));
    return { low, high, busCount: BigInt([...placeOfBus.values()].filter((value) => value === place).length) };
  });
  const limitPrices = fills.map(({ order }) => order.limitPriceMicroPerKwh);
  const floor = limitPrices.reduce(least, rules.priceFloorMicroPerKwh);
  const cap = limitPrices.reduce(greatest, rules.priceCapMicroPerKwh);
  const ends = priceEnds(places, bounds, { floor, cap }, pricePivotsMax);
  if (ends === undefined) return undefined;
  const outcome = { fills, tightRows, placeOfBus, ends, point: pointBetween(ends, rules.kPpm) };
  return isProven(outcome) ? outcome : undefined;
}

/** Strong duality: claims and rents at the prices are an upper bound of every welfare, and these fills reach it. */
function isProven({ fills, tightRows, placeOfBus, point }: ExactOutcome): boolean {
  let welfare = zero;
  let claims = zero;
  for (const { order, exactWh } of fills) {
    const sign = order.side === 'buy' ? 1n : -1n;
    welfare = plus(welfare, times(rational(sign * order.limitPriceMicroPerKwh), exactWh));
    const gain = times(
      rational(sign),
      plus(rational(order.limitPriceMicroPerKwh), times(rational(-1n), priceAt(point, placeOfBus, order.busId))),
    );
    if (gain.numerator > 0n) claims = plus(claims, times(gain, rational(order.energyWh)));
  }
  for (const [index, row] of tightRows.entries()) {
    const dual = point.duals[index] ?? zero;
    if (dual.numerator < 0n) return false;
    claims = plus(claims, times(dual, rational(row.bound)));
  }
  return compareRational(welfare, claims) === 0;
}

function priceAt(point: PricePoint, placeOfBus: ReadonlyMap<string, number>, busId: string): Rational {
  const place = present(placeOfBus.get(busId), 'An order stands at a bus of the grid.');
  return present(point.prices[place], 'Every place has a price.');
}

/**
 * Writes the outcome down in whole Wh and micro-units. Fills are rounded by `roundFills`, prices by `wholePrices`; where rounding the fills
 * leaves a rent below zero, `withoutLosingTrade` takes a few Wh back.
 */
export function writeRowsOutcome(
  exact: ExactOutcome,
  buses: readonly string[],
  tree: FeederTree,
): GridIntervalClearing {
  const rounded = roundFills(exact.fills, tree);
  const prices = wholePrices(exact, buses, netExportsOf(exact.fills, rounded));
  const priceOfBus = clearingOf(prices);
  const filled = withoutLosingTrade(exact.fills, rounded, priceOfBus);
  const netExports = netExportsOf(exact.fills, filled);
  const fills = [...filled]
    .filter(([, energyWh]) => energyWh > 0n)
    .map(([orderId, energyWh]) => ({ orderId, energyWh }))
    .sort((left, right) => compareText(left.orderId, right.orderId));
  const totals = totalsOf(exact.fills, filled);
  const written = { ...totals, fills, flows: flowsOf(tree, netExports), jainPpm: jainOf(exact, filled) };
  if (totals.tradedWh === 0n) {
    const zones = [{ busIds: [...buses].sort(compareText), price: undefined }];
    return { ...written, zones, bindingLimits: [], rentNano: 0n };
  }
  const rentNano = rentOf(netExports, priceOfBus);
  return { ...written, zones: zonesOf(prices), bindingLimits: pricedLimits(exact, rentNano), rentNano };
}

function totalsOf(
  fills: readonly ExactFill[],
  filled: ReadonlyMap<string, bigint>,
): { readonly tradedWh: bigint; readonly welfareNano: bigint } {
  let [tradedWh, welfareNano] = [0n, 0n];
  for (const { order } of fills) {
    const energyWh = filled.get(order.orderId) ?? 0n;
    welfareNano += (order.side === 'buy' ? 1n : -1n) * energyWh * order.limitPriceMicroPerKwh;
    if (order.side === 'buy') tradedWh += energyWh;
  }
  return { tradedWh, welfareNano };
}

/**
 * The prices in whole micro-units: rounded down everywhere; where that alone would pay sellers more than buyers pay, up at places that
 * import. Neither crosses anybody's limit, because limits are whole.
 */
function wholePrices(
  exact: ExactOutcome,
  buses: readonly string[],
  netExports: ReadonlyMap<string, bigint>,
): ReadonlyMap<string, ClearingPrice> {
  const down = new Map(buses.map((busId) => [busId, clearingPriceAt(exact, busId, floorOf)]));
  if (rentOf(netExports, clearingOf(down)) >= 0n) return down;
  const exportOfPlace = new Map<number, bigint>();
  for (const [busId, place] of exact.placeOfBus) {
    exportOfPlace.set(place, (exportOfPlace.get(place) ?? 0n) + (netExports.get(busId) ?? 0n));
  }
  const imports = (busId: string): boolean => (exportOfPlace.get(exact.placeOfBus.get(busId) ?? -1) ?? 0n) < 0n;
  return new Map(
    buses.map((busId) => [busId, clearingPriceAt(exact, busId, imports(busId) ? ceilingOf : floorOf)] as const),
  );
}

function clearingOf(prices: ReadonlyMap<string, ClearingPrice>): ReadonlyMap<string, bigint> {
  return new Map([...prices].map(([busId, price]) => [busId, price.clearingMicroPerKwh]));
}

/** Away from trees the two ends may cross at a bus: there the smaller is called low. */
function clearingPriceAt(
  { ends, point, placeOfBus }: ExactOutcome,
  busId: string,
  round: (value: Rational) => bigint,
): ClearingPrice {
  const at = (ofPoint: PricePoint): bigint => round(priceAt(ofPoint, placeOfBus, busId));
  const [one, other] = [at(ends.low), at(ends.high)];
  return { lowMicroPerKwh: least(one, other), highMicroPerKwh: greatest(one, other), clearingMicroPerKwh: at(point) };
}

/** Buses of one price are one zone. */
function zonesOf(prices: ReadonlyMap<string, ClearingPrice>): readonly ZonePrice[] {
  const zones = new Map<string, { readonly busIds: string[]; readonly price: ClearingPrice }>();
  for (const [busId, price] of [...prices].sort(([left], [right]) => compareText(left, right))) {
    const key = [price.lowMicroPerKwh, price.highMicroPerKwh, price.clearingMicroPerKwh].join();
    const zone = zones.get(key);
    if (zone === undefined) zones.set(key, { busIds: [busId], price });
    else zone.busIds.push(busId);
  }
  return [...zones.values()];
}

/** All rows at their bounds; the rent is split among them as dual × bound has it, so that the parts sum to the whole. */
function pricedLimits(exact: ExactOutcome, rentNano: bigint): readonly PricedLimit[] {
  const priced = exact.tightRows.map((row, index) => ({ row, dual: exact.point.duals[index] ?? zero }));
  const weights = priced.map(({ row, dual }) => greatest(floorOf(times(dual, rational(row.bound))), 0n));
  const known = sum(weights) === 0n ? weights.map(() => 1n) : weights;
  const keyOf = ({ id, direction }: NamedRow): string => `${id} ${direction}`;
  const rents = apportion(
    rentNano,
    priced.map(({ row }, index) => ({ id: keyOf(row), weight: known[index] ?? 0n })),
  );
  return priced
    .map(({ row, dual }, index) => ({
      id: row.id,
      direction: row.direction,
      shadowPriceMicroPerKwh: floorOf(times(dual, rational(largestCoefficient(row)))),
      rentNano: rents[index] ?? 0n,
    }))
    .sort((left, right) => compareText(left.id, right.id) || compareText(left.direction, right.direction));
}

function flowsOf(tree: FeederTree, netExports: ReadonlyMap<string, bigint>): readonly BranchFlow[] {
  const below = busIdsBelow(tree);
  return [...tree.feedingBranchOf]
    .map(([busId, branch]): BranchFlow => {
      const outWh = sum((below.get(busId) ?? []).map((id) => netExports.get(id) ?? 0n));
      const forwardWh = branch.fromBus === busId ? outWh : -outWh;
      return { id: branch.id, forwardWh: greatest(forwardWh, 0n), backwardWh: greatest(-forwardWh, 0n) };
    })
    .sort((left, right) => compareText(left.id, right.id));
}

/** Jain's index of what offers that are filled in part are curtailed by, in millionths. */
function jainOf({ fills }: ExactOutcome, filled: ReadonlyMap<string, bigint>): bigint {
  let [count, total, squares] = [0n, 0n, 0n];
  for (const { order, exactWh } of fills) {
    const isPartial = exactWh.numerator > 0n && compareRational(exactWh, rational(order.energyWh)) < 0;
    if (order.side !== 'sell' || !isPartial) continue;
    const share = ((order.energyWh - (filled.get(order.orderId) ?? 0n)) * ppmWhole) / order.energyWh;
    [count, total, squares] = [count + 1n, total + share, squares + share * share];
  }
  return squares === 0n ? ppmWhole : (total * total * ppmWhole) / (count * squares);
}
