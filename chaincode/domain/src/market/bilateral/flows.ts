import { assert, present } from '../../assert';
import { demand } from '../../errors';
import { greatest, least, mulDivCeil, sum } from '../../math';
import type { Grid } from '../../registry/types';
import { addSlots, slot, slotsPerHour, type Slot } from '../../time';
import { wh, type Wh } from '../../units';
import type { ClearingGrid, GridLimitRow } from '../grid-clearing/types';
import type { Contract, ContractFlow } from './rows';

/** Energy that contracts put on a branch, in Wh, by direction; what flows against each other is not set off. */
export interface ContractUse {
  readonly forwardWh: bigint;
  readonly backwardWh: bigint;
}

/** The first slot of the hour in which a slot lies. */
export function hourStart(value: Slot): Slot {
  return slot(value - (value % slotsPerHour));
}

/**
 * What a contract carries, hour by hour: the energy of an interval evenly over its quarter hours, rounded up in each, and nothing in
 * intervals that were displaced. Every hour that the contract touches has its row, also where nothing is left in it.
 */
export function contractFlowRows({ contractId, displaced, terms }: Contract): readonly ContractFlow[] {
  const { buyerBus, energyWh, firstSlot, intervalSlots, intervals, sellerBus } = terms;
  const hours = new Map<Slot, Wh[]>();
  for (let quarter = 0; quarter < intervals * intervalSlots; quarter += 1) {
    const at = addSlots(firstSlot, quarter);
    const index = (quarter - (quarter % intervalSlots)) / intervalSlots;
    const intervalWh = energyWh[energyWh.length === 1 ? 0 : index] ?? wh(0n);
    const left = displaced?.includes(index) === true ? 0n : intervalWh;
    const row = hours.get(hourStart(at)) ?? Array.from({ length: slotsPerHour }, () => wh(0n));
    row[at % slotsPerHour] = wh(mulDivCeil(left, 1n, BigInt(intervalSlots)));
    hours.set(hourStart(at), row);
  }
  return [...hours].map(([hour, quartersWh]) => ({ contractId, sellerBus, buyerBus, hour, quartersWh }));
}

/** Quarter hours that follow each other. */
export interface FlowPeriod {
  readonly firstSlot: Slot;
  readonly slots: number;
}

/** What a contract carries in some quarter hours of an hour, in Wh. */
function energyIn({ hour, quartersWh }: ContractFlow, { firstSlot, slots }: FlowPeriod): bigint {
  return sum(quartersWh.filter((_, quarter) => hour + quarter >= firstSlot && hour + quarter < firstSlot + slots));
}

/** A branch on the way of a contract and whether the energy goes through it from `fromBus` to `toBus`. */
interface Leg {
  readonly branchId: string;
  readonly forward: boolean;
}

/** The way from each bus up to the grid above, by bus id; see `gridWays`. */
export type GridWays = ReadonlyMap<string, readonly Leg[]>;

/**
 * What contracts use of the branches of a grid in some quarter hours. Each one's energy takes the only way that the tree has from its seller
 * to its buyer. Both directions are counted for themselves: a contract that is displaced later must not leave another one over a limit.
 */
export function contractFlows(
  ways: GridWays,
  flows: readonly ContractFlow[],
  period: FlowPeriod,
): ReadonlyMap<string, ContractUse> {
  const used = new Map<string, ContractUse>();
  for (const flow of flows) {
    const { buyerBus, sellerBus } = flow;
    const energyWh = energyIn(flow, period);
    for (const { branchId, forward } of energyWh === 0n ? [] : wayBetween(ways, sellerBus, buyerBus)) {
      const { backwardWh, forwardWh } = used.get(branchId) ?? { forwardWh: 0n, backwardWh: 0n };
      used.set(branchId, {
        forwardWh: forwardWh + (forward ? energyWh : 0n),
        backwardWh: backwardWh + (forward ? 0n : energyWh),
      });
    }
  }
  return used;
}

/**
 * Refuses with CONTRACT_GRID_LIMIT where contracts and what sessions have cleared would use a branch beyond its limit.
 *
 * @param limits what each branch carries in the quarter hours, less what sessions have cleared on it
 */
export function demandWithinLimits(
  limits: ClearingGrid,
  used: ReadonlyMap<string, ContractUse>,
  firstSlot: Slot,
): void {
  for (const { backwardLimitWh, forwardLimitWh, id } of limits.branches) {
    const { backwardWh, forwardWh } = used.get(id) ?? { forwardWh: 0n, backwardWh: 0n };
    const isInside =
      (forwardLimitWh === undefined || forwardWh <= forwardLimitWh) &&
      (backwardLimitWh === undefined || backwardWh <= backwardLimitWh);
    demand(isInside, 'CONTRACT_GRID_LIMIT', { elementId: id, slot: firstSlot });
  }
}

/**
 * General rows, such as voltages, less what contracts bring nearer to their bounds. What one brings away from a bound is not counted, as it
 * may be displaced later; and no bound is left below zero where it was not.
 */
export function rowsBeside(
  rows: readonly GridLimitRow[],
  flows: readonly ContractFlow[],
  interval: FlowPeriod,
): readonly GridLimitRow[] {
  return rows.map((row) => {
    return { ...row, bound: greatest(row.bound - takenOf(row, flows, interval), least(row.bound, 0n)) };
  });
}

/** What contracts bring a general row nearer to its bound; what one brings away from it is not counted, as it may be displaced later. */
function takenOf({ coefficients }: GridLimitRow, flows: readonly ContractFlow[], period: FlowPeriod): bigint {
  const at = (busId: string): bigint => coefficients.get(busId) ?? 0n;
  const parts = flows.map((flow) => (at(flow.sellerBus) - at(flow.buyerBus)) * energyIn(flow, period));
  return sum(parts.filter((part) => part > 0n));
}

/**
 * Refuses with CONTRACT_GRID_LIMIT where a contract brings a general row, such as a voltage, nearer to its bound and all contracts together
 * would pass it.
 *
 * @param rows the rows of the quarter hours, less what sessions have cleared
 * @param flows what all contracts carry, with the new one
 * @param own what the new one carries
 */
export function demandWithinRows(
  rows: readonly GridLimitRow[],
  flows: readonly ContractFlow[],
  own: readonly ContractFlow[],
  period: FlowPeriod,
): void {
  for (const row of rows) {
    const isInside = takenOf(row, own, period) === 0n || takenOf(row, flows, period) <= row.bound;
    demand(isInside, 'CONTRACT_GRID_LIMIT', { elementId: row.id, slot: period.firstSlot });
  }
}

/** How each bus of a tree is reached from the grid above: its way there, branch by branch. */
export function gridWays(grid: Grid): GridWays {
  const neighbours = new Map<string, (Leg & { readonly busId: string })[]>(grid.buses.map(({ id }) => [id, []]));
  for (const { fromBus, id, toBus } of [...grid.lines, grid.transformer]) {
    neighbours.get(fromBus)?.push({ busId: toBus, branchId: id, forward: false });
    neighbours.get(toBus)?.push({ busId: fromBus, branchId: id, forward: true });
  }
  const ways = new Map<string, readonly Leg[]>([[grid.transformer.fromBus, []]]);
  // A map is walked over what is added meanwhile: what is found stands behind what found it.
  for (const [from, way] of ways) {
    for (const { branchId, busId, forward } of neighbours.get(from) ?? []) {
      if (!ways.has(busId)) {
        ways.set(busId, [{ branchId, forward }, ...way]);
      }
    }
  }
  assert(ways.size === grid.buses.length, 'A grid joins all its buses as one tree.');
  return ways;
}

/** The way from one bus to another: up towards the root and down again, without what both ways have in common. */
function wayBetween(ways: GridWays, fromBus: string, toBus: string): readonly Leg[] {
  const up = present(ways.get(fromBus), 'A contract names buses of its grid.');
  const down = present(ways.get(toBus), 'A contract names buses of its grid.');
  const common = new Set(down.map(({ branchId }) => branchId));
  const shared = new Set(up.filter(({ branchId }) => common.has(branchId)).map(({ branchId }) => branchId));
  return [
    ...up.filter(({ branchId }) => !shared.has(branchId)),
    ...down
      .filter(({ branchId }) => !shared.has(branchId))
      .map(({ branchId, forward }) => ({ branchId, forward: !forward })),
  ];
}
