import { demand } from '../errors';
import { limits } from '../limits';
import { dayStart, slot, slotRange, slotsPerDay, slotsPerHour, type Slot } from '../time';
import { wh } from '../units';
import type { QualifiedTotal, Reading } from './types';

/** The longest block, in quarter hours, that is found by the hour; longer ones are found by the day. */
const hourlyIntervalsMax = 8;

/** The places at which a block must be noted so that each of its quarter hours can be found with two reads. */
export interface IndexPlaces {
  readonly hours: readonly Slot[];
  readonly days: readonly Slot[];
}

/** The first slot of the UTC hour in which a slot lies. */
export function hourStart(value: Slot): Slot {
  return slot(value - (value % slotsPerHour));
}

/** Where a block of this many quarter hours is noted: short ones at their hours, long ones at their UTC days. */
export function placesOf(startSlot: Slot, intervalCount: number): IndexPlaces {
  const last = slot(startSlot + intervalCount - 1);
  if (intervalCount <= hourlyIntervalsMax) {
    return { hours: steps(hourStart(startSlot), last, slotsPerHour), days: [] };
  }
  return { hours: [], days: steps(dayStart(startSlot), last, slotsPerDay) };
}

/** Where to look for the blocks that have intervals between two slots. */
export function placesToLook(fromSlot: Slot, toSlot: Slot): IndexPlaces {
  return {
    hours: steps(hourStart(fromSlot), toSlot, slotsPerHour),
    days: steps(dayStart(fromSlot), toSlot, slotsPerDay),
  };
}

/** The totals of the slots from first to last as the readings state them; what no reading has is MISSING with zeros. */
export function totalsBetween(readings: readonly Reading[], fromSlot: Slot, toSlot: Slot): readonly QualifiedTotal[] {
  const known = new Map<Slot, QualifiedTotal>();
  for (const reading of readings) {
    reading.totals.forEach((total, index) => {
      known.set(total.slot, { ...total, quality: reading.quality[index] ?? 'MISSING' });
    });
  }
  return slotRange(fromSlot, toSlot - fromSlot + 1).map(
    (wanted) => known.get(wanted) ?? { slot: wanted, importWh: wh(0n), exportWh: wh(0n), quality: 'MISSING' },
  );
}

/** Refuses a query of no slot or of more than a day (METERING_RANGE). */
export function checkQueryRange(fromSlot: Slot, toSlot: Slot): void {
  const slots = toSlot - fromSlot + 1;
  demand(slots >= 1 && slots <= limits.slotsPerQueryMax, 'METERING_RANGE', { fromSlot, toSlot });
}

function steps(first: Slot, last: Slot, width: number): readonly Slot[] {
  const count = (last - first - ((last - first) % width)) / width + 1;
  return Array.from({ length: count }, (_, index) => slot(first + index * width));
}
