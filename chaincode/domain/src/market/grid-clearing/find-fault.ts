import type { GridClearingFault } from './fault';
import { edgesOf, faultOfEdges } from './fault-edges';
import { judgeOnGrid, type JudgedGrid } from './fault-grid';
import { ascentsOf, faultOfExactFlows, levelsRise } from './fault-levels';
import { isFairlyShared, marginsOf, type JudgedMargin } from './fault-margins';
import { faultOfPrices } from './fault-prices';
import { curtailmentJainPpm } from './jain';
import type { ClearingGrid, GridClearingRules, GridIntervalClearing, GridOrder } from './types';

/**
 * Checks a clearing on a grid without clearing: conservation (I11), flows and limits, the zones between the limits that are reached, merit order
 * and largest volume in each, the sharing of its margin down the tree, levels that rise over every limit that is reached, price
 * intervals and k-prices, shadow prices and rent, and the optimality of the welfare by duality. It walks the tree from the leaves, looks at orders in
 * the order in which they come, and calls nothing of `deriveGridClearing`, so that a mistake of one is found by the other.
 *
 * @param clearing an outcome that general rows have not decided; `findRowsClearingFault` looks at the others
 * @returns the first fault, or undefined where the clearing is right
 * @throws InvariantError where the grid is no tree or an order stands at no bus of it
 */
export function findGridClearingFault(
  orders: readonly GridOrder[],
  grid: ClearingGrid,
  clearing: GridIntervalClearing,
  rules: GridClearingRules,
): GridClearingFault | undefined {
  const judged = judgeOnGrid(orders, grid, clearing);
  if (typeof judged === 'string') {
    return judged;
  }
  const edges = edgesOf(judged);
  for (const edge of edges) {
    const fault = faultOfEdges(edge);
    if (fault !== undefined) {
      return fault;
    }
  }
  const margins = marginsOf(judged, edges, rules);
  if (margins.some((margin, zone) => margin !== undefined && !isFairlyShared(judged, zone, margin, rules))) {
    return 'MARGIN_NOT_SHARED';
  }
  const ascents = ascentsOf(judged);
  return (
    faultOfExactFlows(judged, margins) ??
    (levelsRise(judged, edges, margins, ascents, rules) ? undefined : 'BINDING_LIMIT_NOT_NEEDED') ??
    faultOfPrices(judged, edges, ascents, clearing, rules) ??
    faultOfFairness(judged, margins, clearing)
  );
}

function faultOfFairness(
  { orders }: JudgedGrid,
  margins: readonly (JudgedMargin | undefined)[],
  { jainPpm }: GridIntervalClearing,
): GridClearingFault | undefined {
  const prices = new Set<bigint>();
  for (const margin of margins) {
    if (margin?.side === 'sell') {
      prices.add(margin.price);
    }
  }
  const filled = new Map(orders.map(({ order, filledWh }) => [order.orderId, filledWh]));
  const expected = curtailmentJainPpm(
    orders.map(({ order }) => order),
    filled,
    prices,
  );
  return jainPpm === expected ? undefined : 'FAIRNESS_WRONG';
}
