import { assert, present } from '../../assert';
import { greatest } from '../../math';
import type { BranchFlow, ClearingGrid, GridIntervalClearing, GridOrder, TreeLimit } from './types';
import type { GridClearingFault } from './fault';

/** An order with what it trades and the zone in which it stands. */
export interface JudgedOrder {
  readonly order: GridOrder;
  readonly filledWh: bigint;
  readonly zone: number;
}

/** A bus that has been stripped from the tree, with the branch on which it hung. */
export interface Stripped {
  readonly busId: string;
  readonly innerBusId: string;
  readonly branch: TreeLimit;
  readonly outIsForward: boolean;
  /** Whether the two buses are in different zones. */
  readonly isCut: boolean;
  readonly isLimited: boolean;
  /** What flows from the bus towards the slack, in Wh; negative where it flows outwards. */
  readonly outWh: bigint;
}

/** A clearing laid on its grid: orders by zone, and the buses from the leaves inwards. */
export interface JudgedGrid {
  readonly orders: readonly JudgedOrder[];
  readonly stripped: readonly Stripped[];
  readonly zoneCount: number;
  readonly zoneOfBus: ReadonlyMap<string, number>;
}

/**
 * Lays a clearing on its grid by stripping leaves until the slack bus is left, and checks fills, flows, limits and zones on the way.
 *
 * @throws InvariantError where the branches are no tree over the buses
 */
export function judgeOnGrid(
  orders: readonly GridOrder[],
  grid: ClearingGrid,
  clearing: GridIntervalClearing,
): JudgedGrid | GridClearingFault {
  const zoneOfBus = zonesByBus(grid, clearing);
  const fault = faultOfFills(orders, clearing);
  if (fault !== undefined || zoneOfBus === undefined) {
    return fault ?? 'ZONES_WRONG';
  }
  const judged = judgeOrders(orders, clearing, zoneOfBus);
  const exports = exportsOf(grid, judged);
  if (!rowsHold(grid, exports)) {
    return 'ROW_EXCEEDED';
  }
  const stripped = stripLeaves(grid, exports, zoneOfBus);
  return (
    faultOfVolume(judged, clearing.tradedWh) ??
    faultOfFlows(stripped, clearing.flows) ??
    faultOfCuts(stripped, clearing) ?? { orders: judged, stripped, zoneCount: clearing.zones.length, zoneOfBus }
  );
}

/** The orders with what they trade and their zones. */
export function judgeOrders(
  orders: readonly GridOrder[],
  { fills }: GridIntervalClearing,
  zoneOfBus: ReadonlyMap<string, number>,
): readonly JudgedOrder[] {
  const filled = new Map(fills.map(({ orderId, energyWh }) => [orderId, energyWh]));
  return orders.map((order) => ({
    order,
    filledWh: filled.get(order.orderId) ?? 0n,
    zone: present(zoneOfBus.get(order.busId), 'An order stands at a bus of the grid.'),
  }));
}

/** What each bus sells less what it buys, in Wh. */
export function exportsOf({ buses }: ClearingGrid, judged: readonly JudgedOrder[]): Map<string, bigint> {
  const exports = new Map(buses.map((busId) => [busId, 0n]));
  for (const { order, filledWh } of judged) {
    const signed = order.side === 'sell' ? filledWh : -filledWh;
    exports.set(order.busId, (exports.get(order.busId) ?? 0n) + signed);
  }
  return exports;
}

function rowsHold({ rows = [] }: ClearingGrid, exports: ReadonlyMap<string, bigint>): boolean {
  return rows.every(({ coefficients, bound }) => {
    let total = 0n;
    for (const [busId, coefficient] of coefficients) {
      total += coefficient * (exports.get(busId) ?? 0n);
    }
    return total <= bound;
  });
}

/** Fills are of known orders, in their order, above nothing and at most the order. */
export function faultOfFills(
  orders: readonly GridOrder[],
  { fills }: GridIntervalClearing,
): GridClearingFault | undefined {
  const known = new Map(orders.map(({ orderId, energyWh }) => [orderId, energyWh]));
  let before: string | undefined;
  for (const { orderId, energyWh } of fills) {
    const orderedWh = known.get(orderId);
    if (orderedWh === undefined) {
      return 'FILL_UNKNOWN_ORDER';
    }
    if (before !== undefined && before >= orderId) {
      return 'FILL_NOT_IN_ORDER';
    }
    if (energyWh <= 0n) {
      return 'FILL_NOT_POSITIVE';
    }
    if (energyWh > orderedWh) {
      return 'FILL_ABOVE_ORDER';
    }
    before = orderId;
  }
  return undefined;
}

/** Every bus is in one zone; the zones, and the buses in each, stand in their order. */
export function zonesByBus(
  grid: ClearingGrid,
  { zones }: GridIntervalClearing,
): ReadonlyMap<string, number> | undefined {
  const known = new Set(grid.buses);
  const zoneOfBus = new Map<string, number>();
  let firstBefore = '';
  for (const [zone, { busIds }] of zones.entries()) {
    let before = '';
    for (const busId of busIds) {
      if (!known.has(busId) || zoneOfBus.has(busId) || before >= busId) {
        return undefined;
      }
      zoneOfBus.set(busId, zone);
      before = busId;
    }
    const first = busIds[0];
    if (first === undefined || firstBefore >= first) {
      return undefined;
    }
    firstBefore = first;
  }
  return zoneOfBus.size === known.size ? zoneOfBus : undefined;
}

/** Strips leaves until the slack bus is left; takes the exports with it towards the slack bus. */
export function stripLeaves(
  { slackBus, buses, branches }: ClearingGrid,
  exports: Map<string, bigint>,
  zoneOfBus: ReadonlyMap<string, number>,
): readonly Stripped[] {
  const branchesAt = new Map<string, Set<TreeLimit>>(buses.map((busId) => [busId, new Set()]));
  const at = (busId: string): Set<TreeLimit> => present(branchesAt.get(busId), 'A branch joins buses of the grid.');
  for (const branch of branches) {
    at(branch.fromBus).add(branch);
    at(branch.toBus).add(branch);
  }
  const stripped: Stripped[] = [];
  const leaves = buses.filter((busId) => at(busId).size === 1 && busId !== slackBus);
  // The list grows while it is walked: a bus whose last outer branch is stripped is a leaf.
  for (const busId of leaves) {
    const [branch] = at(busId);
    assert(branch !== undefined, 'The branches of a grid form a tree.');
    const outIsForward = branch.fromBus === busId;
    const innerBusId = outIsForward ? branch.toBus : branch.fromBus;
    const outWh = exports.get(busId) ?? 0n;
    exports.set(innerBusId, (exports.get(innerBusId) ?? 0n) + outWh);
    at(innerBusId).delete(branch);
    if (at(innerBusId).size === 1 && innerBusId !== slackBus) {
      leaves.push(innerBusId);
    }
    const isCut = zoneOfBus.get(busId) !== zoneOfBus.get(innerBusId);
    const isLimited = branch.forwardLimitWh !== undefined || branch.backwardLimitWh !== undefined;
    stripped.push({ busId, innerBusId, branch, outIsForward, isCut, isLimited, outWh });
  }
  assert(stripped.length === buses.length - 1 && branches.length === stripped.length, 'A grid is one tree.');
  return stripped;
}

/** As much is bought as sold, and as much as is stated. */
export function faultOfVolume(judged: readonly JudgedOrder[], tradedWh: bigint): GridClearingFault | undefined {
  let boughtWh = 0n;
  let soldWh = 0n;
  for (const { order, filledWh } of judged) {
    if (order.side === 'buy') {
      boughtWh += filledWh;
    } else {
      soldWh += filledWh;
    }
  }
  return boughtWh === tradedWh && soldWh === tradedWh ? undefined : 'NOT_CONSERVED';
}

/** Every branch carries what everything behind it exports, and at most its limit. */
export function faultOfFlows(
  stripped: readonly Stripped[],
  flows: readonly BranchFlow[],
): GridClearingFault | undefined {
  const flowOf = new Map(flows.map((flow) => [flow.id, flow]));
  const isSorted = flows.every(({ id }, index) => index === 0 || (flows[index - 1]?.id ?? '') < id);
  if (flows.length !== stripped.length || !isSorted) {
    return 'FLOW_WRONG';
  }
  for (const { branch, outIsForward, outWh } of stripped) {
    const forwardWh = outIsForward ? outWh : -outWh;
    const fault = faultOfFlow(branch, flowOf.get(branch.id), greatest(forwardWh, 0n), greatest(-forwardWh, 0n));
    if (fault !== undefined) {
      return fault;
    }
  }
  return undefined;
}

function faultOfFlow(
  { forwardLimitWh, backwardLimitWh }: TreeLimit,
  flow: BranchFlow | undefined,
  forwardWh: bigint,
  backwardWh: bigint,
): GridClearingFault | undefined {
  if (flow?.forwardWh !== forwardWh || flow.backwardWh !== backwardWh) {
    return 'FLOW_WRONG';
  }
  const isKept = forwardWh <= (forwardLimitWh ?? forwardWh) && backwardWh <= (backwardLimitWh ?? backwardWh);
  return isKept ? undefined : 'LIMIT_EXCEEDED';
}

/** The binding limits are the branches between zones, and the flow over each is what the limit in its direction allows. */
function faultOfCuts(
  stripped: readonly Stripped[],
  { zones, bindingLimits }: GridIntervalClearing,
): GridClearingFault | undefined {
  const cuts = new Map(stripped.filter(({ isCut }) => isCut).map((entry) => [entry.branch.id, entry]));
  // One branch less than zones leaves every zone in one piece.
  if (cuts.size !== zones.length - 1) {
    return 'ZONES_WRONG';
  }
  const isSorted = bindingLimits.every(({ id }, index) => index === 0 || (bindingLimits[index - 1]?.id ?? '') < id);
  const areReached = bindingLimits.every(({ id, direction }) => {
    const cut = cuts.get(id);
    if (cut === undefined || direction === 'row') {
      return false;
    }
    const { forwardLimitWh, backwardLimitWh } = cut.branch;
    const forwardWh = cut.outIsForward ? cut.outWh : -cut.outWh;
    return direction === 'forward' ? forwardWh === forwardLimitWh : -forwardWh === backwardLimitWh;
  });
  return bindingLimits.length === cuts.size && isSorted && areReached ? undefined : 'BINDING_LIMITS_WRONG';
}
