import type { GridClearingFault } from './fault';
import type { JudgedGrid, JudgedOrder } from './fault-grid';

/** The prices at the edge of what a zone trades, in micro-units per kWh; absent where there is no such order. */
export interface ZoneEdges {
  /** The highest offer that trades. */
  sold: bigint | undefined;
  /** The lowest offer that does not trade wholly. */
  unsold: bigint | undefined;
  /** The lowest bid that trades. */
  bought: bigint | undefined;
  /** The highest bid that does not trade wholly. */
  unbought: bigint | undefined;
}

/** Finds the edges of every zone in one pass. */
export function edgesOf({ orders, zoneCount }: JudgedGrid): readonly ZoneEdges[] {
  const edges = Array.from({ length: zoneCount }, newEdges);
  for (const judged of orders) {
    widen(edges[judged.zone] ?? newEdges(), judged);
  }
  return edges;
}

function newEdges(): ZoneEdges {
  return { sold: undefined, unsold: undefined, bought: undefined, unbought: undefined };
}

function widen(edges: ZoneEdges, { order, filledWh }: JudgedOrder): void {
  const price = order.limitPriceMicroPerKwh;
  const isFilled = filledWh > 0n;
  const hasRest = filledWh < order.energyWh;
  if (order.side === 'sell') {
    edges.sold = isFilled ? highest(edges.sold, price) : edges.sold;
    edges.unsold = hasRest ? lowest(edges.unsold, price) : edges.unsold;
  } else {
    edges.bought = isFilled ? lowest(edges.bought, price) : edges.bought;
    edges.unbought = hasRest ? highest(edges.unbought, price) : edges.unbought;
  }
}

/** Inside a zone nobody who is left out could trade with another, nobody is passed over, and nobody trades at a loss. */
export function faultOfEdges({ sold, unsold, bought, unbought }: ZoneEdges): GridClearingFault | undefined {
  if (isAbove(unbought, unsold) || (unbought !== undefined && unbought === unsold)) {
    return 'VOLUME_NOT_LARGEST';
  }
  if (isAbove(sold, unsold) || isAbove(unbought, bought)) {
    return 'MERIT_ORDER';
  }
  return isAbove(sold, bought) ? 'LIMIT_PRICE_VIOLATED' : undefined;
}

/** The higher of two prices of which one may be absent. */
export function highest(left: bigint | undefined, right: bigint | undefined): bigint | undefined {
  return left === undefined || isAbove(right, left) ? right : left;
}

/** The lower of two prices of which one may be absent. */
export function lowest(left: bigint | undefined, right: bigint | undefined): bigint | undefined {
  return left === undefined || isAbove(left, right) ? right : left;
}

function isAbove(left: bigint | undefined, right: bigint | undefined): boolean {
  return left !== undefined && right !== undefined && left > right;
}
