import { demand } from '../errors';
import { limits } from '../limits';
import { slotRange, type Slot } from '../time';
import { wh } from '../units';
import { currentTotal, type Amendment } from './amendment';
import type { QualifiedTotal, Reading } from './types';

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

/** The totals in force of the slots from first to last: amendments before blocks, MISSING with zeros where there is neither. */
export function currentTotals(
  readings: readonly Reading[],
  amendments: readonly Amendment[],
  fromSlot: Slot,
  toSlot: Slot,
): readonly QualifiedTotal[] {
  return slotRange(fromSlot, toSlot - fromSlot + 1).map((wanted) => {
    const { blockStartSlot: _place, version, ...total } = currentTotal(readings, amendments, wanted);
    return version === 0 ? total : { ...total, version };
  });
}

/** Refuses a query of no slot or of more than a day (METERING_RANGE). */
export function checkQueryRange(fromSlot: Slot, toSlot: Slot): void {
  const slots = toSlot - fromSlot + 1;
  demand(slots >= 1 && slots <= limits.slotsPerQueryMax, 'METERING_RANGE', { fromSlot, toSlot });
}
