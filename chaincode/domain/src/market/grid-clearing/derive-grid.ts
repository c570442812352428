import { deriveTreeClearing } from './derive';
import { deriveWithRows, searchRows } from './rows-derive';
import { searchTreeLimits } from './search';
import type { ClearingGrid, ClearingHint, GridClearingRules, GridDerivation, GridLimitRow, GridOrder } from './types';

/** Most steps of the search that shows that a row is needed. */
const searchRoundsMax = 64;

/**
 * Clears one interval on a radial grid, exactly, from the limits that a hint names, and proves the outcome. Where no general row (a bus
 * voltage) is named, the tree decides (`deriveTreeClearing`) and all rows must hold. Rows may be named only where the outcome
 * of the tree, found without the hint, does not keep them; then `deriveWithRows` decides, with offers at the margin pro rata. So every
 * hint that is not refused gives the same outcome.
 *
 * @param orders with effective limit prices
 * @throws InvariantError when the grid is no tree, an order has no energy, stands twice or stands at no bus of the grid
 */
export function deriveGridClearing(
  orders: readonly GridOrder[],
  grid: ClearingGrid,
  hint: ClearingHint,
  rules: GridClearingRules,
): GridDerivation {
  const namedRows = hint.bindingLimits.filter(({ direction }) => direction === 'row');
  if (namedRows.length === 0) {
    return deriveTreeClearing(orders, grid, hint, rules);
  }
  const known = new Set((grid.rows ?? []).map(({ id }) => id));
  if (namedRows.some(({ id }) => !known.has(id))) {
    return { kind: 'refused', code: 'MARKET_CLEARING_LIMIT_UNKNOWN' };
  }
  const treeHint = searchTreeLimits(orders, grid, rules, searchRoundsMax);
  const onTree = treeHint === undefined ? undefined : deriveTreeClearing(orders, grid, treeHint, rules);
  if (onTree?.kind === 'cleared') {
    return { kind: 'refused', code: 'MARKET_CLEARING_LIMIT_NOT_NEEDED' };
  }
  if (onTree?.code !== 'MARKET_CLEARING_ROW_EXCEEDED') {
    return { kind: 'refused', code: 'MARKET_CLEARING_ROWS_UNSUPPORTED' };
  }
  const derivation = deriveWithRows(orders, grid, hint, rules);
  return derivation.kind === 'refused' ? derivation : { kind: 'cleared', clearing: derivation.clearing };
}

/**
 * Finds the limits that bind, without an oracle: those of the tree; where their outcome does not keep the general rows, those and the
 * rows together. `deriveGridClearing` proves what is found like any hint.
 *
 * @param roundsMax the most steps of the search
 * @returns undefined where the steps do not suffice
 * @throws InvariantError as `deriveGridClearing`
 */
export function searchBindingLimits(
  orders: readonly GridOrder[],
  grid: ClearingGrid,
  rules: GridClearingRules,
  roundsMax: number,
): ClearingHint | undefined {
  const hint = searchTreeLimits(orders, grid, rules, roundsMax);
  if (hint === undefined || grid.rows === undefined || grid.rows.length === 0) {
    return hint;
  }
  const onTree = deriveTreeClearing(orders, grid, hint, rules);
  const isPassed = onTree.kind === 'refused' && onTree.code === 'MARKET_CLEARING_ROW_EXCEEDED';
  return isPassed ? withSomeRow(searchRows(orders, grid, roundsMax), grid.rows) : hint;
}

/** Where only the rounding of the tree's outcome passes a row, no row binds; one is named all the same, so that rows decide. */
function withSomeRow(hint: ClearingHint | undefined, rows: readonly GridLimitRow[]): ClearingHint | undefined {
  const [first] = rows;
  if (hint === undefined || first === undefined || hint.bindingLimits.some(({ direction }) => direction === 'row')) {
    return hint;
  }
  return { bindingLimits: [...hint.bindingLimits, { id: first.id, direction: 'row' }] };
}
