import type { Slot } from '../time';
import { least } from '../math';
import { ppm, ppmWhole, type Ppm } from '../units';
import type { BookedCommitment } from './book';
import type { Direction } from './rows';

/**
 * What the promises of an asset in a direction can take of what it stores from a slot on, in W × quarter hours × millionths: the energy of each, or the
 * share of it for which it can be called. What is promised the other way is not counted against it, since it may never be called.
 *
 * @param fromSlot since when what is stored is known: what was promised before has been taken already
 */
export function promisedEnergyUnits(book: readonly BookedCommitment[], direction: Direction, fromSlot: Slot): bigint {
  let total = 0n;
  for (const { direction: along, firstSlot, holdPpm, intervalSlots, powersW } of book) {
    for (const [index, powerW] of powersW.entries()) {
      const begin = Math.max(firstSlot + index * intervalSlots, fromSlot);
      const slots = Math.max(0, firstSlot + (index + 1) * intervalSlots - begin);
      total += along === direction ? powerW * BigInt(slots) * (holdPpm ?? ppmWhole) : 0n;
    }
  }
  return total;
}

/** The share of a slice that a full activation lasts at most. */
export function holdSharePpm(holdSlots: number, sliceSlots: number): Ppm {
  return ppm(least<bigint>((BigInt(holdSlots) * ppmWhole) / BigInt(sliceSlots), ppmWhole));
}
