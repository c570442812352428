import type { Market } from './market';

/** The best that a market can reach, with the proof that nothing is better. */
export interface Optimum {
  /** Sum over the fills of limit price times energy, buyers plus and sellers minus; micro-units per kWh times Wh. */
  readonly welfare: bigint;
  /** The largest traded energy among all outcomes of that welfare, in Wh. */
  readonly tradedWh: number;
  readonly filledWh: ReadonlyMap<string, number>;
  /** Energy through each branch in Wh, from `from` to `to`; below zero where it runs the other way. */
  readonly flowWh: ReadonlyMap<string, number>;
  /** A price for each bus that supports the outcome: the dual solution, in micro-units per kWh. */
  readonly prices: ReadonlyMap<string, number>;
}

interface Network {
  readonly nodes: number;
  /** Arcs come in pairs: arc 2n and its reverse 2n + 1. */
  readonly heads: number[];
  readonly residuals: number[];
  readonly costs: number[];
  readonly arcsOf: number[][];
}

interface Path {
  readonly distances: readonly number[];
  readonly arcInto: readonly number[];
}

const source = 0;
const sink = 1;
const firstBus = 2;

/**
 * The optimum of one interval as a flow of least cost: a source gives to the buses through one arc for each selling order, the buses
 * give to a sink through one arc for each buying order, and the branches join them. The flow grows along shortest paths (R. Busacker
 * and P. Gowen, 1961) as long as a path costs nothing or less, so that among equal welfare the energy is largest. Every
 * number stays below 2^53, where a plain number is exact: prices below 10^9, some hundred orders below 10^9 Wh.
 */
export function findOptimum(market: Market): Optimum {
  const busNumbers = new Map(market.buses.map((bus, index) => [bus, firstBus + index]));
  const network: Network = { nodes: firstBus + market.buses.length, heads: [], residuals: [], costs: [], arcsOf: [] };
  for (let node = 0; node < network.nodes; node += 1) network.arcsOf.push([]);
  const numberOf = (bus: string): number => {
    const found = busNumbers.get(bus);
    if (found === undefined) throw new Error(`bus ${bus} is not in the market`);
    return found;
  };
  const branchArcs = market.branches.map((branch) => {
    const [from, to] = [numberOf(branch.from), numberOf(branch.to)];
    const forward = addArc(network, from, to, branch.forwardWh ?? Infinity, 0);
    return { id: branch.id, forward, backward: addArc(network, to, from, branch.backwardWh ?? Infinity, 0) };
  });
  const orderArcs = market.orders.map((order) =>
    order.side === 'sell'
      ? addArc(network, source, numberOf(order.bus), order.energyWh, order.price)
      : addArc(network, numberOf(order.bus), sink, order.energyWh, -order.price),
  );
  const tradedWh = growFlow(network);
  const used = (arc: number): number => network.residuals[arc + 1] ?? 0;
  return {
    welfare: market.orders.reduce((total, order, index) => {
      const value = BigInt(order.price) * BigInt(used(orderArcs[index] ?? 0));
      return order.side === 'buy' ? total + value : total - value;
    }, 0n),
    tradedWh,
    filledWh: new Map(market.orders.map(({ id }, index) => [id, used(orderArcs[index] ?? 0)])),
    flowWh: new Map(branchArcs.map(({ id, forward, backward }) => [id, used(forward) - used(backward)])),
    prices: supportingPrices(network, market, numberOf),
  };
}

function addArc(network: Network, tail: number, head: number, capacity: number, cost: number): number {
  const arc = network.heads.length;
  network.heads.push(head, tail);
  network.residuals.push(capacity, 0);
  network.costs.push(cost, -cost);
  network.arcsOf[tail]?.push(arc);
  network.arcsOf[head]?.push(arc + 1);
  return arc;
}

/** Sends energy along shortest paths until the next unit would cost more than nothing. */
function growFlow(network: Network): number {
  let total = 0;
  for (;;) {
    const { arcInto, distances } = shortestPaths(network, [source]);
    if (!((distances[sink] ?? Infinity) <= 0)) return total;
    let step = Infinity;
    const arcs: number[] = [];
    for (let node = sink; node !== source;) {
      const arc = arcInto[node] ?? 0;
      arcs.push(arc);
      step = Math.min(step, network.residuals[arc] ?? 0);
      node = network.heads[arc ^ 1] ?? source;
    }
    for (const arc of arcs) {
      network.residuals[arc] = (network.residuals[arc] ?? 0) - step;
      network.residuals[arc ^ 1] = (network.residuals[arc ^ 1] ?? 0) + step;
    }
    total += step;
  }
}

/** Bellman and Ford with a queue. There is never a cycle of negative cost, since the flow has least cost for its size at every step. */
function shortestPaths({ arcsOf, costs, heads, nodes, residuals }: Network, starts: readonly number[]): Path {
  const distances = Array.from({ length: nodes }, () => Infinity);
  const arcInto = Array.from({ length: nodes }, () => -1);
  const waiting = [...starts];
  const isWaiting = Array.from({ length: nodes }, () => false);
  for (const start of starts) distances[start] = 0;
  for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
    isWaiting[node] = false;
    for (const arc of arcsOf[node] ?? []) {
      const head = heads[arc] ?? 0;
      const distance = (distances[node] ?? Infinity) + (costs[arc] ?? 0);
      if ((residuals[arc] ?? 0) <= 0 || distance >= (distances[head] ?? Infinity)) continue;
      distances[head] = distance;
      arcInto[head] = arc;
      if (!isWaiting[head]) waiting.push(head);
      isWaiting[head] = true;
    }
  }
  return { distances, arcInto };
}

/**
 * Prices from the optimality of the flow: with source and sink joined at the price zero there is no negative cycle, so that the distances from
 * all nodes together are potentials, and a bus' price is its distance less that of the source.
 */
function supportingPrices(
  network: Network,
  market: Market,
  numberOf: (bus: string) => number,
): ReadonlyMap<string, number> {
  addArc(network, source, sink, Infinity, 0);
  addArc(network, sink, source, Infinity, 0);
  const everyNode = Array.from({ length: network.nodes }, (_, node) => node);
  const { distances } = shortestPaths(network, everyNode);
  return new Map(market.buses.map((bus) => [bus, (distances[numberOf(bus)] ?? 0) - (distances[source] ?? 0)]));
}

/**
 * What every market can be worth at the most when buses have these prices: what each order could claim at its bus' price, and what each limit could
 * earn from the difference of the prices at its ends (weak duality; infinite where a branch without a limit joins unequal prices in its direction).
 */
export function boundOfWelfare(market: Market, prices: ReadonlyMap<string, number>): bigint | undefined {
  const priceAt = (bus: string): bigint => BigInt(prices.get(bus) ?? 0);
  let bound = 0n;
  for (const order of market.orders) {
    const gain =
      order.side === 'buy' ? BigInt(order.price) - priceAt(order.bus) : priceAt(order.bus) - BigInt(order.price);
    if (gain > 0n) bound += gain * BigInt(order.energyWh);
  }
  for (const branch of market.branches) {
    const rise = priceAt(branch.to) - priceAt(branch.from);
    const limitWh = rise > 0n ? branch.forwardWh : branch.backwardWh;
    if (rise === 0n) continue;
    if (limitWh === undefined) return undefined;
    bound += (rise > 0n ? rise : -rise) * BigInt(limitWh);
  }
  return bound;
}
