import type { MeterId } from '../ids';
import { currentTotal, type Amendment } from '../meter/amendment';
import type { Reading } from '../meter/types';
import type { Slot } from '../time';
import type { MeterInput } from './rows';

/** What settlement takes from a meter for one slot: the newest version of its total, or MISSING where there is none. */
export function meterInputAt(
  meterId: MeterId,
  readings: readonly Reading[],
  amendments: readonly Amendment[],
  slot: Slot,
): MeterInput {
  const { blockStartSlot, exportWh, importWh, quality, version } = currentTotal(readings, amendments, slot);
  const place = blockStartSlot === undefined ? {} : { blockStartSlot };
  return { meterId, ...place, ...(version === 0 ? {} : { version }), importWh, exportWh, quality };
}
