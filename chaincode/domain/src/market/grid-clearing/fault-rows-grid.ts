import { present } from '../../assert';
import { greatest, least, sum } from '../../math';
import type { ClearingPrice } from '../types';
import type { GridClearingFault } from './fault';
import {
  exportsOf,
  faultOfFills,
  faultOfFlows,
  faultOfVolume,
  judgeOrders,
  stripLeaves,
  zonesByBus,
  type JudgedOrder,
} from './fault-grid';
import type { ClearingGrid, GridIntervalClearing, GridLimitRow, GridOrder, PricedLimit } from './types';

/** A limit that is said to bind, as a row over net exports. */
export interface JudgedLimit extends PricedLimit {
  readonly row: GridLimitRow;
  /** The largest coefficient, which a shadow price is stated for, and the sum of all; both without sign. */
  readonly largest: bigint;
  readonly total: bigint;
}

/** An outcome under general rows, laid on its grid. */
export interface JudgedRows {
  readonly orders: readonly JudgedOrder[];
  readonly exports: ReadonlyMap<string, bigint>;
  readonly priceAt: (busId: string) => ClearingPrice;
  readonly limits: readonly JudgedLimit[];
  /** True where the rent is less than a Wh between the dearest and the cheapest bus is worth: there some Wh may have been taken back. */
  readonly isTrace: boolean;
}

/**
 * Lays an outcome under general rows on its grid, and checks fills, flows, limits, rows and zones on the way.
 *
 * @returns undefined where all of this is right and nothing is traded
 */
export function layRows(
  orders: readonly GridOrder[],
  grid: ClearingGrid,
  clearing: GridIntervalClearing,
): JudgedRows | GridClearingFault | undefined {
  const zoneOfBus = zonesByBus(grid, clearing);
  const fault = faultOfFills(orders, clearing);
  if (fault !== undefined || zoneOfBus === undefined) {
    return fault ?? 'ZONES_WRONG';
  }
  const judged = judgeOrders(orders, clearing, zoneOfBus);
  const exports = exportsOf(grid, judged);
  const physical =
    faultOfVolume(judged, clearing.tradedWh) ??
    faultOfBranches(grid, exports, zoneOfBus, clearing) ??
    ((grid.rows ?? []).every((row) => isKept(row, exports)) ? undefined : 'ROW_EXCEEDED');
  return physical !== undefined || clearing.tradedWh === 0n
    ? physical
    : withPrices({ orders: judged, exports }, grid, clearing, zoneOfBus);
}

function withPrices(
  laid: Pick<JudgedRows, 'orders' | 'exports'>,
  grid: ClearingGrid,
  clearing: GridIntervalClearing,
  zoneOfBus: ReadonlyMap<string, number>,
): JudgedRows | GridClearingFault {
  const prices = clearing.zones.map(({ price }) => price);
  if (prices.some((price) => price === undefined)) {
    return 'TRADE_WITHOUT_PRICE';
  }
  const priceAt = (busId: string): ClearingPrice =>
    present(prices[zoneOfBus.get(busId) ?? -1], 'Every bus of the grid stands in a zone with a price.');
  const limits = limitsOf(grid, clearing);
  if (limits === undefined) {
    return 'BINDING_LIMITS_WRONG';
  }
  const clearingPrices = grid.buses.map((busId) => priceAt(busId).clearingMicroPerKwh);
  const [first = 0n] = clearingPrices;
  const spread = clearingPrices.reduce(greatest, first) - clearingPrices.reduce(least, first);
  return { ...laid, priceAt, limits, isTrace: clearing.rentNano < spread };
}

function faultOfBranches(
  grid: ClearingGrid,
  exports: ReadonlyMap<string, bigint>,
  zoneOfBus: ReadonlyMap<string, number>,
  { flows }: GridIntervalClearing,
): GridClearingFault | undefined {
  if (grid.branches.length === 0) {
    return flows.length === 0 ? undefined : 'FLOW_WRONG';
  }
  return faultOfFlows(stripLeaves(grid, new Map(exports), zoneOfBus), flows);
}

/** Rounding to whole Wh moves the export of each bus by less than one. */
function isKept({ bound, coefficients }: GridLimitRow, exports: ReadonlyMap<string, bigint>): boolean {
  return loadOf(coefficients, exports) <= bound + magnitudes(coefficients);
}

/** What net exports come to in a row. */
export function loadOf(coefficients: ReadonlyMap<string, bigint>, exports: ReadonlyMap<string, bigint>): bigint {
  return sum([...coefficients].map(([busId, coefficient]) => coefficient * (exports.get(busId) ?? 0n)));
}

function magnitudes(coefficients: ReadonlyMap<string, bigint>): bigint {
  return sum([...coefficients.values()].map(magnitude));
}

/** A number without its sign. */
export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** The limits that are said to bind as rows; undefined where one is not of the grid, twice, or out of order. */
function limitsOf(grid: ClearingGrid, { bindingLimits }: GridIntervalClearing): readonly JudgedLimit[] | undefined {
  const rows = new Map((grid.rows ?? []).map((row) => [`${row.id} row`, row]));
  for (const row of branchRows(grid)) {
    rows.set(row.id, row);
  }
  const keys = bindingLimits.map(({ direction, id }) => `${id} ${direction}`);
  const judged = bindingLimits.flatMap((limit, index): JudgedLimit[] => {
    const row = rows.get(keys[index] ?? '');
    const isNext = index === 0 || isBefore(bindingLimits[index - 1], limit);
    if (row === undefined || !isNext) {
      return [];
    }
    const largest = [...row.coefficients.values()].map(magnitude).reduce(greatest, 0n);
    return [{ ...limit, row, largest: greatest(largest, 1n), total: magnitudes(row.coefficients) }];
  });
  return judged.length === bindingLimits.length ? judged : undefined;
}

function isBefore(left: PricedLimit | undefined, right: PricedLimit): boolean {
  return left !== undefined && (left.id < right.id || (left.id === right.id && left.direction < right.direction));
}

/** The limits of the branches of a tree as rows over what stands behind each, by id and direction. */
function branchRows(grid: ClearingGrid): readonly GridLimitRow[] {
  if (grid.branches.length === 0) {
    return [];
  }
  const zoneOfBus = new Map(grid.buses.map((busId) => [busId, 0]));
  const behind = new Map(grid.buses.map((busId) => [busId, [busId]]));
  const none = new Map(grid.buses.map((busId) => [busId, 0n]));
  return stripLeaves(grid, none, zoneOfBus).flatMap(({ branch, busId, innerBusId, outIsForward }) => {
    const own = behind.get(busId) ?? [];
    behind.get(innerBusId)?.push(...own);
    return (['forward', 'backward'] as const).flatMap((direction): GridLimitRow[] => {
      const bound = direction === 'forward' ? branch.forwardLimitWh : branch.backwardLimitWh;
      const sign = (direction === 'forward') === outIsForward ? 1n : -1n;
      const coefficients = new Map(own.map((id) => [id, sign]));
      return bound === undefined ? [] : [{ id: `${branch.id} ${direction}`, coefficients, bound }];
    });
  });
}
