import { slotsPerDay, addSlots, dayStart, type Slot } from '../../time';

/** What is known of one interval of a connection or portfolio. */
export interface BaselineReading {
  /** Import less export, in Wh. */
  readonly netWh: bigint;
  /** False where it was estimated, substituted or flagged: such a reading makes no baseline. */
  readonly isMeasured: boolean;
}

/** Readings by the first slot of their interval, such as a map of them; an interval that is missing has none. */
export interface BaselineReadings {
  get(firstSlot: Slot): BaselineReading | undefined;
}

/** Energies that were forecast or declared, in Wh by the first slot of their interval, such as a map of them. */
export interface BaselineSeries {
  get(firstSlot: Slot): bigint | undefined;
}

/** Consecutive intervals of the same length. */
export interface Window {
  readonly firstSlot: Slot;
  readonly intervals: number;
  /** Quarter hours of one interval. */
  readonly intervalSlots: 1 | 2 | 4;
}

/** The first slots of the intervals of a window. */
export function windowIntervals({ firstSlot, intervals, intervalSlots }: Window): readonly Slot[] {
  return Array.from({ length: intervals }, (_, index) => addSlots(firstSlot, index * intervalSlots));
}

/** The slot in which a window has ended. */
export function endOf({ firstSlot, intervals, intervalSlots }: Window): Slot {
  return addSlots(firstSlot, intervals * intervalSlots);
}

/** The same hours so many days earlier. */
export function daysBefore(window: Window, days: number): Window {
  return { ...window, firstSlot: addSlots(window.firstSlot, -days * slotsPerDay) };
}

/** The UTC day in which a window begins, in the same intervals. */
export function wholeDayOf({ firstSlot, intervalSlots }: Window): Window {
  return { firstSlot: dayStart(firstSlot), intervals: slotsPerDay / intervalSlots, intervalSlots };
}

/** Net energy of each interval of a window, or undefined where one is missing or was not measured. */
export function measuredWh(readings: BaselineReadings, window: Window): readonly bigint[] | undefined {
  const energies: bigint[] = [];
  for (const at of windowIntervals(window)) {
    const reading = readings.get(at);
    if (reading?.isMeasured !== true) {
      return undefined;
    }
    energies.push(reading.netWh);
  }
  return energies;
}
