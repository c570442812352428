import { present } from '../../assert';
import { openBook } from './book';
import { hangOnSlack, type GridTree } from './grid-tree';
import { orderLevels } from './level-order';
import { cutAtNamed, cutAtReached } from './named-cuts';
import { exportsOf, writeOutcome, type ProvenZones } from './outcome';
import type {
  ClearingGrid,
  ClearingHint,
  GridClearingRefusal,
  GridClearingRules,
  GridDerivation,
  GridIntervalClearing,
  GridOrder,
} from './types';
import { solveZones, type Cuts } from './zones';
import type { Book } from './book';

/**
 * Clears one interval on a radial grid, exactly, from the limits that a hint names, and proves the outcome. The tree is cut at
 * the named limits; in every zone that is left the level rises until the zone gives what flows over its cuts. The outcome is refused if a flow is
 * beyond its limit, if a zone cannot give what a named limit asks, or if there are no levels that rise over every limit that is
 * reached. Those three are the optimality conditions of a strictly convex problem, whose solution is the only one: any hint gives the
 * same outcome or is refused. General rows do not act; the outcome is refused where it does not keep them. docs/market.md has the rule.
 *
 * @param orders with effective limit prices; where they are equal in price, the curtailment of the rules says how offers share
 * @throws InvariantError when the grid is no tree, an order has no energy, stands twice or stands at no bus of the grid
 */
export function deriveTreeClearing(
  orders: readonly GridOrder[],
  grid: ClearingGrid,
  hint: ClearingHint,
  rules: GridClearingRules,
): GridDerivation {
  const tree = hangOnSlack(grid);
  const book = openBook(orders, tree, rules.curtailment);
  const named = cutAtNamed(tree, hint.bindingLimits);
  if (named.kind === 'refused') {
    return named;
  }
  const proven = proveZones(book, tree, named.cuts);
  if (typeof proven === 'string') {
    return { kind: 'refused', code: proven };
  }
  const clearing = writeOutcome(orders, proven, rules);
  return rowsHold(orders, grid, clearing)
    ? { kind: 'cleared', clearing }
    : { kind: 'refused', code: 'MARKET_CLEARING_ROW_EXCEEDED' };
}

function proveZones(book: Book, tree: GridTree, cuts: Cuts): ProvenZones | GridClearingRefusal {
  const first = solveZones(book, tree, cuts);
  if (first === undefined) {
    return 'MARKET_CLEARING_LIMIT_NOT_REACHED';
  }
  const reached = cutAtReached(tree, cuts, first);
  if (reached === undefined) {
    return 'MARKET_CLEARING_LIMIT_EXCEEDED';
  }
  // Cutting where a limit is reached though not named changes no fill; it makes the zones those of the outcome, not of the hint.
  const solution =
    reached.size === cuts.size ? first : present(solveZones(book, tree, reached), 'What flows already can flow.');
  const ranges = orderLevels(tree, reached, solution);
  return ranges === undefined ? 'MARKET_CLEARING_LIMIT_NOT_NEEDED' : { book, tree, cuts: reached, solution, ranges };
}

function rowsHold(orders: readonly GridOrder[], grid: ClearingGrid, { fills }: GridIntervalClearing): boolean {
  if (grid.rows === undefined || grid.rows.length === 0) {
    return true;
  }
  const exports = exportsOf(orders, new Map(fills.map(({ orderId, energyWh }) => [orderId, energyWh])));
  return grid.rows.every(({ coefficients, bound }) => {
    let total = 0n;
    for (const [busId, coefficient] of coefficients) {
      total += coefficient * (exports.get(busId) ?? 0n);
    }
    return total <= bound;
  });
}
