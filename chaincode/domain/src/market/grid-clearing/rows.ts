import { assert, present } from '../../assert';
import { compareText } from '../../canonical';
import { greatest, least } from '../../math';
import { evenShares, type ShareCondition } from './rows-shares';
import { gainsOf, solveBlocks, type Block, type BlockProgramme, type BlockSolution } from './rows-programme';
import { compareRational, over, plus, rational, times, zero, type Rational } from './rows-rational';
import type { ExactFill } from './rows-rounding';
import type { NamedRow } from './rows-tree';
import type { GridOrder } from './types';

/** Bounds of the exact arithmetic; beyond them a hint is refused and the stated fallback applies. */
export const rowBounds = {
  /** Rows that may bind together. */
  rowsMax: 64,
  /** Steps of the dual simplex method. */
  pivotsMax: 2_000,
  /** Blocks that may tie at the margin, where the tie is not decided by the rows alone. */
  tiedBlocksMax: 200,
  /** Changes of the active set while a tie is shared. */
  tieRoundsMax: 2_000,
} as const;

/** Orders that the rows cannot tell apart, and the block that they make. */
interface Group {
  readonly block: Block;
  readonly orders: readonly GridOrder[];
}

/** Orders sorted into blocks, and the coefficients of each place in the rows. */
interface Grouped {
  readonly groups: readonly Group[];
  readonly places: readonly (readonly bigint[])[];
}

/**
 * The exact fills under the named rows alone: largest welfare; on a tie the largest volume; on a tie of that the smallest
 * Σ fill² ÷ energy (each in proportion to its energy as far as the rows let it). The last is strictly convex, so the fills are unique,
 * whoever names the rows and in whatever order. Fills are fractions of a Wh.
 *
 * @returns undefined where the rows contradict each other or a bound of `rowBounds` is reached
 */
export function exactFills(orders: readonly GridOrder[], rows: readonly NamedRow[]): readonly ExactFill[] | undefined {
  if (rows.length > rowBounds.rowsMax) return undefined;
  const { groups, places } = groupOrders(orders, rows);
  const programme: BlockProgramme = {
    blocks: groups.map(({ block }) => block),
    places,
    bounds: rows.map(({ bound }) => bound),
    volumeWeight: 1n,
  };
  const solution = solveBlocks(programme, rowBounds.pivotsMax);
  if (solution === undefined || solution === 'infeasible') return undefined;
  const values = shareTies(programme, solution);
  if (values === undefined) return undefined;
  return groups.flatMap(({ block, orders: own }, index) => {
    const share = over(values[index] ?? zero, rational(block.energyWh));
    return own.map((order) => ({ order, exactWh: times(share, rational(order.energyWh)) }));
  });
}

/** Places are numbered in the order of the bus ids of their first orders, so that nothing depends on the order of the orders. */
function groupOrders(orders: readonly GridOrder[], rows: readonly NamedRow[]): Grouped {
  const sorted = [...orders].sort(
    (left, right) => compareText(left.busId, right.busId) || compareText(left.orderId, right.orderId),
  );
  const placeOf = new Map<string, number>();
  const places: (readonly bigint[])[] = [];
  const groups = new Map<string, { block: Block; orders: GridOrder[] }>();
  for (const order of sorted) {
    const coefficients = rows.map((row) => row.coefficients.get(order.busId) ?? 0n);
    const text = coefficients.join();
    const place = placeOf.get(text) ?? places.push(coefficients) - 1;
    placeOf.set(text, place);
    const { side, limitPriceMicroPerKwh: limit, energyWh } = order;
    const key = `${side} ${place} ${limit}`;
    const group = groups.get(key) ?? { block: { side, place, limit, energyWh: 0n }, orders: [] };
    group.block = { ...group.block, energyWh: group.block.energyWh + energyWh };
    group.orders.push(order);
    groups.set(key, group);
  }
  return { groups: [...groups.values()], places };
}

/** The values of the blocks, with those that tie shared evenly. */
function shareTies(programme: BlockProgramme, solution: BlockSolution): readonly Rational[] | undefined {
  const gains = gainsOf(programme, solution);
  const tied = gains.flatMap(([welfare, volume], index) => (welfare === 0n && volume === 0n ? [index] : []));
  const values = solution.values.map((value) => rational(value, solution.denominator));
  const conditions = conditionsOf(programme, solution, tied);
  // As many free blocks as equalities: a vertex is then the only point.
  if (tied.length <= conditions.filter(({ kind }) => kind === 'equal').length) return values;
  if (tied.length > rowBounds.tiedBlocksMax) return undefined;
  const energies = tied.map((index) => present(programme.blocks[index], 'A tied block exists.').energyWh);
  const shares = evenShares(energies, conditions, rowBounds.tieRoundsMax);
  if (shares === undefined) return undefined;
  const sharedOf = new Map(tied.map((index, at) => [index, shares[at] ?? zero]));
  return values.map((value, index) => sharedOf.get(index) ?? value);
}

/** What the tied blocks must keep: the balance, rows with a dual as equations, the other rows as bounds. */
function conditionsOf(
  { blocks, places, bounds }: BlockProgramme,
  { values, denominator, duals }: BlockSolution,
  tied: readonly number[],
): readonly ShareCondition[] {
  const isTied = new Set(tied);
  const netOf = (
    coefficient: (place: number) => bigint,
    bound: bigint,
    kind: ShareCondition['kind'],
  ): ShareCondition => {
    let rest = bound;
    for (const [index, { side, place }] of blocks.entries()) {
      // Blocks that do not tie are full or empty, so that their values are whole.
      if (isTied.has(index)) continue;
      const value = (values[index] ?? 0n) / denominator;
      rest += (side === 'sell' ? -1n : 1n) * coefficient(place) * value;
    }
    const coefficients = tied.map((index) => {
      const { side, place } = present(blocks[index], 'A tied block exists.');
      return (side === 'sell' ? -1n : 1n) * coefficient(place);
    });
    return { kind, coefficients, bound: -rest };
  };
  return [
    netOf(() => 1n, 0n, 'equal'),
    ...bounds.map((bound, row) => {
      const [welfare, volume] = duals[row] ?? [0n, 0n];
      return netOf((place) => places[place]?.[row] ?? 0n, bound, welfare !== 0n || volume !== 0n ? 'equal' : 'atLeast');
    }),
  ];
}

/** The net export of each bus in Wh, exactly; a bus without orders is absent. */
export function exactNetExports(fills: readonly ExactFill[]): ReadonlyMap<string, Rational> {
  const net = new Map<string, Rational>();
  for (const { order, exactWh } of fills) {
    const signed = order.side === 'sell' ? exactWh : times(rational(-1n), exactWh);
    net.set(order.busId, plus(net.get(order.busId) ?? zero, signed));
  }
  return net;
}

/** Σ coefficient × net export of a row. */
export function loadOf({ coefficients }: NamedRow, netExports: ReadonlyMap<string, Rational>): Rational {
  let load = zero;
  for (const [busId, net] of netExports) {
    const coefficient = coefficients.get(busId) ?? 0n;
    if (coefficient !== 0n && net.numerator !== 0n) load = plus(load, times(rational(coefficient), net));
  }
  return load;
}

/** How far a row is passed, in Wh at its largest coefficient so that rows can be compared; undefined where it holds. */
export function excessOf(row: NamedRow, netExports: ReadonlyMap<string, Rational>): Rational | undefined {
  const load = loadOf(row, netExports);
  if (compareRational(load, rational(row.bound)) <= 0) return undefined;
  return over(plus(load, rational(-row.bound)), rational(largestCoefficient(row)));
}

/** The largest coefficient of a row without its sign; 1 of a row without coefficients. */
export function largestCoefficient({ coefficients }: NamedRow): bigint {
  let largest = 0n;
  for (const value of coefficients.values()) largest = greatest(largest, value < 0n ? -value : value);
  return largest === 0n ? 1n : largest;
}

/** What the fills at the given buses say of a price there. */
export function boundsFromFills(fills: readonly ExactFill[]): { readonly low?: bigint; readonly high?: bigint } {
  let low: bigint | undefined;
  let high: bigint | undefined;
  for (const { order, exactWh } of fills) {
    const { limitPriceMicroPerKwh: limit, side, energyWh } = order;
    const isNone = exactWh.numerator === 0n;
    const isFull = compareRational(exactWh, rational(energyWh)) === 0;
    assert(!(isNone && isFull), 'An order has energy.');
    const [isFloor, isCeiling] = side === 'buy' ? [!isFull, !isNone] : [!isNone, !isFull];
    if (isFloor) low = low === undefined ? limit : greatest(low, limit);
    if (isCeiling) high = high === undefined ? limit : least(high, limit);
  }
  return { ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) };
}
