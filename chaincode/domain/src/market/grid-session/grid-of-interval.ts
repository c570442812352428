import { assert } from '../../assert';
import { least } from '../../math';
import type { Grid } from '../../registry/types';
import { addSlots, type Slot } from '../../time';
import { connectionWh } from '../money';
import { linDistFlowRows } from '../grid-clearing/rows-network';
import type { ClearingGrid, GridLimitRow, TreeLimit } from '../grid-clearing/types';
import type { GridTerms } from './terms';

const minutesPerSlot = 15;

/** Energy that contracts and other sessions have put on a branch in an interval, in Wh, by direction. */
export interface UsedCapacity {
  readonly forwardWh: bigint;
  readonly backwardWh: bigint;
}

/** What both use together, each direction for itself. */
export function joinUse(
  left: ReadonlyMap<string, UsedCapacity>,
  right: ReadonlyMap<string, UsedCapacity>,
): ReadonlyMap<string, UsedCapacity> {
  const joined = new Map(left);
  for (const [id, { backwardWh, forwardWh }] of right) {
    const known = joined.get(id);
    joined.set(id, {
      forwardWh: forwardWh + (known?.forwardWh ?? 0n),
      backwardWh: backwardWh + (known?.backwardWh ?? 0n),
    });
  }
  return joined;
}

/** An interval of a session. */
export interface IntervalSlots {
  readonly firstSlot: Slot;
  readonly slots: number;
}

/** Limits of one branch as seen from the grid above the transformer, in W. */
interface SidedLimit {
  readonly importW: bigint;
  readonly exportW: bigint;
}

/** The voltage bands of a grid in an interval as rows; none where the grid has no bands. */
export function voltageRows(grid: Grid, clearingGrid: ClearingGrid, slots: number): readonly GridLimitRow[] {
  if (grid.voltages === undefined) {
    return [];
  }
  const { buses, slackMillivolt } = grid.voltages;
  const impedances = [...grid.lines, grid.transformer].map(({ id, reactanceMicroOhm, resistanceMicroOhm }) => {
    const impedance = {
      resistanceMicroOhm: BigInt(resistanceMicroOhm ?? 0),
      reactanceMicroOhm: BigInt(reactanceMicroOhm ?? 0),
    };
    return [id, impedance] as const;
  });
  return linDistFlowRows(clearingGrid, {
    slackMillivolt: BigInt(slackMillivolt),
    impedances: new Map(impedances),
    buses: buses.map(({ busId, maximumMillivolt, minimumMillivolt, reactiveTakenVar }) => ({
      busId,
      minimumMillivolt: BigInt(minimumMillivolt),
      maximumMillivolt: BigInt(maximumMillivolt),
      reactiveTakenVar: reactiveTakenVar ?? 0n,
    })),
    intervalMinutes: BigInt(slots * minutesPerSlot),
  });
}

/** The bus at which the grid above is joined, where the balancing supplier stands. */
export function slackBusOf({ transformer }: Grid): string {
  return transformer.fromBus;
}

/**
 * The grid of one interval as the clearing knows it. A branch carries, in each direction, what it may itself, what every congestion point on
 * it may, and what the terms say, whichever is least; energy is even over the quarter hours of an interval, so the tightest of them counts
 * for all: floor(slots × W ÷ 4) Wh. What contracts and other sessions use is taken off, and never leaves less than nothing.
 *
 * @param used by branch id
 */
export function gridOfInterval(
  grid: Grid,
  terms: GridTerms | undefined,
  { firstSlot, slots }: IntervalSlots,
  used: ReadonlyMap<string, UsedCapacity> = new Map(),
): ClearingGrid {
  const depths = depthsOf(grid);
  const branches = [...grid.lines, grid.transformer].map((branch): TreeLimit => {
    const { fromBus, id, toBus } = branch;
    const { exportW, importW } = tightest(grid, terms, branch, firstSlot, slots);
    const isForwardImport = depthOf(depths, fromBus) < depthOf(depths, toBus);
    const taken = used.get(id) ?? { forwardWh: 0n, backwardWh: 0n };
    const left = (limitW: bigint, takenWh: bigint): bigint => {
      const restWh = connectionWh(limitW, slots) - takenWh;
      return restWh > 0n ? restWh : 0n;
    };
    return {
      id,
      fromBus,
      toBus,
      forwardLimitWh: left(isForwardImport ? importW : exportW, taken.forwardWh),
      backwardLimitWh: left(isForwardImport ? exportW : importW, taken.backwardWh),
    };
  });
  return { slackBus: slackBusOf(grid), buses: grid.buses.map(({ id }) => id), branches };
}

function tightest(
  grid: Grid,
  terms: GridTerms | undefined,
  branch: Grid['transformer'],
  firstSlot: Slot,
  slots: number,
): SidedLimit {
  const endSlot = addSlots(firstSlot, slots);
  const points = grid.congestionPoints.filter(({ elementId }) => elementId === branch.id);
  const acting = (terms?.limits ?? []).filter(
    ({ elementId, fromSlot, toSlot }) => elementId === branch.id && fromSlot < endSlot && firstSlot < toSlot,
  );
  const all = [...points, ...acting];
  return {
    importW: all.reduce((limitW, { importLimitW }) => least(limitW, importLimitW ?? limitW), branch.limitW as bigint),
    exportW: all.reduce((limitW, { exportLimitW }) => least(limitW, exportLimitW ?? limitW), branch.limitW as bigint),
  };
}

/** How many branches each bus is away from the grid above. */
function depthsOf(grid: Grid): ReadonlyMap<string, number> {
  const neighbours = new Map<string, string[]>(grid.buses.map(({ id }) => [id, []]));
  for (const { fromBus, toBus } of [...grid.lines, grid.transformer]) {
    neighbours.get(fromBus)?.push(toBus);
    neighbours.get(toBus)?.push(fromBus);
  }
  const depths = new Map([[slackBusOf(grid), 0]]);
  for (const [busId, depth] of depths) {
    // A map is iterated over what is added meanwhile, so that the search goes on until nothing is new.
    for (const next of neighbours.get(busId) ?? []) {
      if (!depths.has(next)) depths.set(next, depth + 1);
    }
  }
  return depths;
}

function depthOf(depths: ReadonlyMap<string, number>, busId: string): number {
  const depth = depths.get(busId);
  assert(depth !== undefined, 'A grid joins all its buses.');
  return depth;
}
