import { compareText } from '../../canonical';
import { exactFills, exactNetExports, excessOf, loadOf, rowBounds } from './rows';
import { priceOutcome, writeRowsOutcome } from './rows-outcome';
import { compareRational, plus, rational, times, zero, type Rational } from './rows-rational';
import type { ExactFill } from './rows-rounding';
import { feederTreeOf, namedRowsOf, type NamedRow } from './rows-tree';
import type {
  BindingLimit,
  ClearingGrid,
  ClearingHint,
  GridClearingRefusal,
  GridClearingRules,
  GridIntervalClearing,
  GridOrder,
} from './types';

/** A limit that holds the clearing back, with its exact dual: micro-units per kWh for one unit of the row's bound. */
export interface RowDual extends BindingLimit {
  readonly dual: Rational;
}

/** The outcome under general rows with its exact certificate, or why the hint is refused. */
export type RowsDerivation =
  | {
      readonly kind: 'cleared';
      readonly clearing: GridIntervalClearing;
      readonly duals: readonly RowDual[];
      /** The largest welfare in thousandths of a micro-unit, before fills are rounded; claims and rents sum to the same. */
      readonly optimalWelfareNano: Rational;
    }
  | { readonly kind: 'refused'; readonly code: GridClearingRefusal };

/**
 * Clears one interval under general rows (voltages, meshed grids, limits of branches) from the limits that a hint names, exactly, and
 * proves the outcome. Only the named rows act while the fills are derived; then every row must hold, and every named branch must be
 * at its limit (a row that is named without need changes nothing). The fills are unique (`exactFills`), and the prices are made from
 * the fills and from all rows at their bounds, so that a hint is refused or gives the same outcome as every other. Marginal orders of a
 * hint are not needed. Offers at the margin share pro rata, whatever curtailment the rules name.
 *
 * Rounding: orders by less than 1 Wh, prices by less than 1 micro-unit per kWh; see `roundFills` and `writeRowsOutcome`.
 *
 * @throws InvariantError when an order has no energy or stands at no bus of the grid
 */
export function deriveWithRows(
  orders: readonly GridOrder[],
  grid: ClearingGrid,
  hint: ClearingHint,
  rules: GridClearingRules,
): RowsDerivation {
  const tree = feederTreeOf(grid);
  const rows = namedRowsOf(grid, tree);
  const named = findNamed(rows, hint.bindingLimits);
  if (typeof named === 'string') return { kind: 'refused', code: named };
  const fills = exactFills(orders, named);
  if (fills === undefined) return { kind: 'refused', code: 'MARKET_CLEARING_ROWS_UNSUPPORTED' };
  const tight = tightRows(rows, named, fills);
  if (typeof tight === 'string') return { kind: 'refused', code: tight };
  const exact = tight.length > rowBounds.rowsMax ? undefined : priceOutcome(fills, grid.buses, tight, rules);
  if (exact === undefined) return { kind: 'refused', code: 'MARKET_CLEARING_ROWS_UNSUPPORTED' };
  const clearing = writeRowsOutcome(exact, grid.buses, tree);
  const duals = tight.flatMap(({ id, direction }, index): readonly RowDual[] => {
    const dual = exact.point.duals[index];
    return dual === undefined || dual.numerator === 0n ? [] : [{ id, direction, dual }];
  });
  return { kind: 'cleared', clearing, duals, optimalWelfareNano: welfareOf(fills) };
}

/** The named rows in the order of the grid, or why they are not. */
function findNamed(
  rows: readonly NamedRow[],
  limits: readonly BindingLimit[],
): readonly NamedRow[] | GridClearingRefusal {
  const keyOf = ({ id, direction }: BindingLimit): string => `${direction} ${id}`;
  const keys = new Set(limits.map(keyOf));
  if (keys.size < limits.length) return 'MARKET_CLEARING_LIMIT_TWICE';
  const named = rows.filter((row) => keys.has(keyOf(row)));
  return named.length < keys.size ? 'MARKET_CLEARING_LIMIT_UNKNOWN' : sortRows(named);
}

function sortRows(rows: readonly NamedRow[]): readonly NamedRow[] {
  return [...rows].sort(
    (left, right) => compareText(left.id, right.id) || compareText(left.direction, right.direction),
  );
}

/** All rows at their bounds, where none is passed and every named branch is among them. */
function tightRows(
  rows: readonly NamedRow[],
  named: readonly NamedRow[],
  fills: readonly ExactFill[],
): readonly NamedRow[] | GridClearingRefusal {
  const netExports = exactNetExports(fills);
  const sides = rows.map((row) => ({ row, side: compareRational(loadOf(row, netExports), rational(row.bound)) }));
  const tight = sides.filter(({ side }) => side === 0).map(({ row }) => row);
  const isIdle = named.some((row) => row.direction !== 'row' && !tight.includes(row));
  if (isIdle) return 'MARKET_CLEARING_LIMIT_NOT_REACHED';
  const passed = sides.filter(({ side }) => side > 0);
  if (passed.some(({ row }) => row.direction !== 'row')) return 'MARKET_CLEARING_LIMIT_EXCEEDED';
  return passed.length > 0 ? 'MARKET_CLEARING_ROW_EXCEEDED' : sortRows(tight);
}

function welfareOf(fills: readonly ExactFill[]): Rational {
  return fills.reduce((total, { order, exactWh }) => {
    const sign = order.side === 'buy' ? 1n : -1n;
    return plus(total, times(rational(sign * order.limitPriceMicroPerKwh), exactWh));
  }, zero);
}

/**
 * Finds the rows that bind, without an oracle: clears under no row, then adds the row that is passed by most (at its largest
 * coefficient), until none is. What is found is proven by `deriveWithRows` like any hint.
 *
 * @param roundsMax the most rows that are added
 * @returns undefined where that does not suffice, or the rows contradict each other
 */
export function searchRows(
  orders: readonly GridOrder[],
  grid: ClearingGrid,
  roundsMax: number,
): ClearingHint | undefined {
  const rows = sortRows(namedRowsOf(grid, feederTreeOf(grid)));
  const added = new Set<NamedRow>();
  for (let round = 0; round <= roundsMax; round += 1) {
    const acting = rows.filter((row) => added.has(row));
    const fills = exactFills(orders, acting);
    if (fills === undefined) return undefined;
    const netExports = exactNetExports(fills);
    const worst = mostPassed(rows, netExports);
    if (worst === undefined) {
      const tight = acting.filter((row) => compareRational(loadOf(row, netExports), rational(row.bound)) === 0);
      return { bindingLimits: tight.map(({ id, direction }) => ({ id, direction })) };
    }
    added.add(worst);
  }
  return undefined;
}

function mostPassed(rows: readonly NamedRow[], netExports: ReadonlyMap<string, Rational>): NamedRow | undefined {
  let worst: { readonly row: NamedRow; readonly excess: Rational } | undefined;
  for (const row of rows) {
    const excess = excessOf(row, netExports);
    if (excess === undefined) continue;
    if (worst === undefined || compareRational(excess, worst.excess) > 0) worst = { row, excess };
  }
  return worst?.row;
}
