import {
  packProfile,
  slot,
  slotText,
  unpackEntry,
  unpackProfile,
  type MeterId,
  type Profile,
  type Reading,
  type Slot,
} from '@flexledger/domain';
import { splitKey } from '../row-key';
import { ROW_TYPES } from '../row-types';

/*
 * How the contract keeps readings: the one place of the auditor that knows it, on the channel and in the confidential
 * collection (chaincode/src/store/keys.ts, chaincode/src/store/meter-store.ts).
 */

/** The collection that holds the values and salts of blocks of readings. */
export const PROFILES_COLLECTION = 'profiles';

/** A block of readings as a transaction wrote it, or what is wrong with the row that should hold one. */
export type WrittenReading =
  | { readonly place: string; readonly meterId: string; readonly reading: Reading }
  | { readonly place: string; readonly meterId: string; readonly fault: string };

/**
 * The block of readings that a key of the channel holds; undefined for every other key, and for the word that a chain went
 * on after a gap. A row without a value was deleted, which no contract does.
 */
export function writtenReading(key: string, value: Uint8Array | undefined): WrittenReading | undefined {
  const row = splitKey(key);
  if (row?.type !== ROW_TYPES.block) {
    return undefined;
  }
  const [meterId = '', place = ''] = row.parts;
  if (value === undefined) {
    return { place, meterId, fault: 'it was deleted' };
  }
  try {
    const entry = unpackEntry(meterId as MeterId, slot(Number(place)), value);
    return entry.kind === 'block' ? { place, meterId, reading: entry.reading } : undefined;
  } catch (error) {
    return { place, meterId, fault: error instanceof Error ? error.message : String(error) };
  }
}

/** What names a block among those of its meter, in keys and in copies: its first slot. */
export function placeOf({ startSlot }: Pick<Reading, 'startSlot'>): string {
  return slotText(startSlot);
}

/** The key of a block's values in the confidential collection. */
export function profileKey(meterId: string, place: string): string {
  return `\u0000profile\u0000${meterId}\u0000${place}\u0000`;
}

/** The request of metering:getProfile for the values of a block. */
export function profileRequest({ meterId, startSlot }: Reading): { readonly meterId: MeterId; readonly slot: Slot } {
  return { meterId, slot: startSlot };
}

/** The row of the confidential collection, byte for byte. */
export function profileBytes(profile: Profile): Uint8Array {
  return packProfile(profile);
}

/** The values of a block from their row. @throws where the bytes are not what the contract writes */
export function profileOf({ meterId, startSlot, resolutionMinutes }: Reading, bytes: Uint8Array): Profile {
  return unpackProfile({ meterId, startSlot, resolutionMinutes }, bytes);
}
