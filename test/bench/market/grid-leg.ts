import {
  deriveGridClearing,
  findGridClearingFault,
  searchBindingLimits,
  type ClearingGrid,
  type GridClearingRules,
  type GridOrder,
} from '@flexledger/domain';
import { median } from '../report';
import { Draw, randomOrders } from './market-orders';

/** A feeder of so many buses with so many orders on them. */
const ORDERS = 10_000;
const BUSES = 200;
/** Steps of the search that stands in for an oracle here. */
const SEARCH_ROUNDS = 64;
const ROUNDS = 15;
/** What a branch carries, as a share of the energy that is ordered behind it, in percent. */
const LIMIT_PERCENT = { least: 4, most: 40 };

const RULES: GridClearingRules = {
  kPpm: 500_000n,
  curtailment: 'pro-rata',
  priceFloorMicroPerKwh: 0n,
  priceCapMicroPerKwh: 1_000_000n,
  rotation: 0n,
};

/** How long an interval with grid limits takes: finding the limits that bind, and deriving and proving the outcome from them. */
export interface GridLeg {
  readonly orders: number;
  readonly buses: number;
  readonly bindingLimits: number;
  readonly zones: number;
  readonly searchMs: number;
  /**
   * What a contract does with an oracle's answer, without reading from the ledger: derives, proves, and checks on a second path; the
   * median.
   */
  readonly checkMs: number;
  readonly rounds: number;
}

/** Measures one market with limits that bind. */
export function measureGrid(say: (line: string) => void): GridLeg {
  const { grid, orders } = limitedMarket();
  const startMs = performance.now();
  const hint = searchBindingLimits(orders, grid, RULES, SEARCH_ROUNDS);
  const searchMs = performance.now() - startMs;
  if (hint === undefined) throw new Error('the search of the limits that bind has not ended');
  const times: number[] = [];
  let zones = 0;
  let bindingLimits = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const beforeMs = performance.now();
    const derived = deriveGridClearing(orders, grid, hint, RULES);
    if (derived.kind !== 'cleared') throw new Error(`the right limits are refused: ${derived.code}`);
    const fault = findGridClearingFault(orders, grid, derived.clearing, RULES);
    times.push(performance.now() - beforeMs);
    if (fault !== undefined) throw new Error(`the right outcome is refused: ${fault}`);
    zones = derived.clearing.zones.length;
    bindingLimits = derived.clearing.bindingLimits.length;
  }
  const leg = {
    orders: orders.length,
    buses: BUSES,
    bindingLimits,
    zones,
    searchMs,
    checkMs: median(times),
    rounds: ROUNDS,
  };
  say(
    `${leg.orders} orders on ${BUSES} buses, ${bindingLimits} limits bind: ${leg.checkMs.toFixed(1)} ms to derive and prove`,
  );
  return leg;
}

/** A random tree with random orders, and branches that carry only a part of what is ordered behind them. */
function limitedMarket(): { readonly grid: ClearingGrid; readonly orders: readonly GridOrder[] } {
  const draw = new Draw(BUSES);
  const idOf = (bus: number): string => `bus-${String(bus).padStart(3, '0')}`;
  const parents = Array.from({ length: BUSES }, (_, bus) =>
    bus === 0 ? 0 : draw.between(Math.max(0, bus - 12), bus - 1),
  );
  const orders = randomOrders(ORDERS, 1_000).map((order) => ({ ...order, busId: idOf(draw.between(0, BUSES - 1)) }));
  const behind = new Map<string, bigint>();
  for (const { busId, energyWh } of orders) behind.set(busId, (behind.get(busId) ?? 0n) + energyWh);
  for (let bus = BUSES - 1; bus > 0; bus -= 1) {
    const parent = idOf(parents[bus] ?? 0);
    behind.set(parent, (behind.get(parent) ?? 0n) + (behind.get(idOf(bus)) ?? 0n));
  }
  const branches = parents.slice(1).map((parent, index) => {
    const busId = idOf(index + 1);
    const share = BigInt(draw.between(LIMIT_PERCENT.least, LIMIT_PERCENT.most));
    const limitWh = ((behind.get(busId) ?? 0n) * share) / 100n;
    const id = `line-${busId}`;
    return { id, fromBus: idOf(parent), toBus: busId, forwardLimitWh: limitWh, backwardLimitWh: limitWh };
  });
  return { grid: { slackBus: idOf(0), buses: parents.map((_, bus) => idOf(bus)), branches }, orders };
}
