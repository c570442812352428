import {
  canonicalBytes,
  isJsonObject,
  parseJsonBytes,
  profileCodec,
  readingCodec,
  rowCodec,
  type MeterId,
  type Profile,
  type Reading,
  type RowCodec,
} from '@flexledger/domain';
import { splitCompositeKey } from './composite-key';
import { ROW_TYPES } from './row-types';

/*
 * How the contract keeps readings: the one place of the auditor that knows it, on the channel and in the confidential
 * collection (chaincode/src/store/keys.ts, chaincode/src/store/meter-store.ts).
 */

/** The collection that holds the values and salts of blocks of readings. */
export const PROFILES_COLLECTION = 'profiles';

const readings = rowCodec(readingCodec);
const profiles = rowCodec(profileCodec);

/** A block of readings as a transaction wrote it, or what is wrong with the row that should hold one. */
export type WrittenReading =
  | { readonly place: string; readonly meterId: string; readonly reading: Reading }
  | { readonly place: string; readonly meterId: string; readonly fault: string };

/**
 * The block of readings that a key of the channel holds; undefined for every other key. A row without a value was deleted,
 * which no contract does.
 */
export function writtenReading(key: string, value: Uint8Array | undefined): WrittenReading | undefined {
  const row = splitCompositeKey(key);
  if (row?.type !== ROW_TYPES.reading) {
    return undefined;
  }
  const [meterId = '', place = ''] = row.parts;
  if (value === undefined) {
    return { place, meterId, fault: 'it was deleted' };
  }
  try {
    const reading = decodeRow(readings, value);
    const isOwn = reading.meterId === meterId && placeOf(reading) === place;
    return isOwn ? { place, meterId, reading } : { place, meterId, fault: 'it holds another block than its key says' };
  } catch (error) {
    return { place, meterId, fault: error instanceof Error ? error.message : String(error) };
  }
}

/** What names a block among those of its meter, in keys and in copies. */
export function placeOf({ sequence }: Pick<Reading, 'sequence'>): string {
  return String(sequence).padStart(10, '0');
}

/** The key of a block's values in the confidential collection. */
export function profileKey(meterId: string, place: string): string {
  return `\u0000profile\u0000${meterId}\u0000${place}\u0000`;
}

/** The request of metering:getProfile for the values of a block. */
export function profileRequest({ meterId, sequence }: Reading): {
  readonly meterId: MeterId;
  readonly sequence: number;
} {
  return { meterId, sequence };
}

/** The row of the confidential collection, byte for byte. */
export function profileBytes(profile: Profile): Uint8Array {
  return canonicalBytes(profiles.encode(profile));
}

/** The values of a block from their row. @throws where the bytes are not what the contract writes */
export function profileOf(_reading: Reading, bytes: Uint8Array): Profile {
  return decodeRow(profiles, bytes);
}

function decodeRow<T>(codec: RowCodec<T>, bytes: Uint8Array): T {
  const json = parseJsonBytes(bytes);
  if (!isJsonObject(json)) {
    throw new TypeError('a row is an object');
  }
  return codec.decode(json);
}
