import type { MeterId } from '../ids';
import type { Reading } from '../meter/types';
import type { Slot } from '../time';
import { wh } from '../units';
import type { MeterInput } from './rows';

/** What settlement takes from a meter for one slot: the reading that covers it, or MISSING where there is none. */
export function meterInputAt(meterId: MeterId, readings: readonly Reading[], slot: Slot): MeterInput {
  for (const reading of readings) {
    const index = reading.totals.findIndex((total) => total.slot === slot);
    const total = reading.totals[index];
    if (total !== undefined) {
      const { exportWh, importWh } = total;
      const quality = reading.quality[index] ?? 'MISSING';
      return { meterId, blockStartSlot: reading.startSlot, importWh, exportWh, quality };
    }
  }
  return { meterId, importWh: wh(0n), exportWh: wh(0n), quality: 'MISSING' };
}
