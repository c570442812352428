import { array, integer, oneOf, type Codec, type TypeOf } from '../decode';
import { demand } from '../errors';
import { addSlots, slotCodec, slotRange, type Slot } from '../time';

/** The most imbalance settlement periods (ISPs) that a local day has. */
export const ispsPerDayMax = 100;

/**
 * Which way flexibility changes the power of a portfolio against its baseline: `reduce` is less import or more export, `increase` the
 * opposite. UFTP writes the first as a negative power.
 */
export const flexDirectionCodec = oneOf('reduce', 'increase');
export type FlexDirection = TypeOf<typeof flexDirectionCodec>;

/** The fields of a run of ISPs of a quarter hour that are alike. */
export const runFields = { startSlot: slotCodec, slots: integer(1, ispsPerDayMax) };

/** A run of ISPs. */
export interface Run {
  readonly startSlot: Slot;
  readonly slots: number;
}

/** A list of runs, as every message of UFTP has one. */
export function runsCodec<T>(run: Codec<T>): Codec<readonly T[]> {
  return array(run, ispsPerDayMax, 1);
}

/** What a run says of each of its ISPs, ISP by ISP in the order of the runs. */
export function ispsOf<T extends Run>(runs: readonly T[]): readonly { readonly slot: Slot; readonly run: T }[] {
  return runs.flatMap((run) => slotRange(run.startSlot, run.slots).map((slot) => ({ slot, run })));
}

/** What is said of each ISP, by its slot; the runs are known not to overlap. */
export function bySlot<T extends Run>(runs: readonly T[]): ReadonlyMap<Slot, T> {
  return new Map(ispsOf(runs).map(({ run, slot }) => [slot, run]));
}

/**
 * Refuses runs with an ISP outside the period (FLEX_ISPS_OUT_OF_BOUNDS), with one that stands twice (FLEX_ISP_CONFLICT), and runs that are not
 * in order, which is the same mistake.
 */
export function checkRuns(runs: readonly Run[], period: Run): void {
  const end = period.startSlot + period.slots;
  for (const { slots, startSlot } of runs) {
    const isInside = startSlot >= period.startSlot && startSlot + slots <= end;
    demand(isInside, 'FLEX_ISPS_OUT_OF_BOUNDS', { startSlot, slots });
  }
  let free: number = period.startSlot;
  for (const { slots, startSlot } of runs) {
    demand(startSlot >= free, 'FLEX_ISP_CONFLICT', { startSlot });
    free = startSlot + slots;
  }
}

/** The first slot of runs, which are in order. */
export function firstSlotOf(runs: readonly Run[], period: Run): Slot {
  return runs[0]?.startSlot ?? period.startSlot;
}

/** The last slot of runs, which are in order. */
export function lastSlotOf(runs: readonly Run[], period: Run): Slot {
  const { slots, startSlot } = runs.at(-1) ?? period;
  return addSlots(startSlot, slots - 1);
}
