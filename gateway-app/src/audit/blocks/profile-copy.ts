import type { Profile, Reading } from '@flexledger/domain';
import {
  decodeBlock,
  envelopesOf,
  isConfigBlock,
  parseTransaction,
  transactionsFilter,
} from '@flexledger/fabric-model';
import type { CopiedRow } from './copy-file';
import { placeOf, profileBytes, writtenReading } from '../evidence/reading-rows';

const VALID = 0;

/** How many values are asked for at once. */
const AT_ONCE = 16;

/**
 * The private values of all blocks of readings, in the order of the ledger, as a member of the collection gives them.
 *
 * @param load the values of one block; undefined where they were purged
 */
export async function* copyProfiles(
  blocks: AsyncIterable<Uint8Array>,
  chaincode: string,
  load: (reading: Reading) => Promise<Profile | undefined>,
): AsyncGenerator<CopiedRow, void, void> {
  for await (const bytes of blocks) {
    const readings = readingsOf(bytes, chaincode);
    for (let start = 0; start < readings.length; start += AT_ONCE) {
      yield* await loadAll(readings.slice(start, start + AT_ONCE), load);
    }
  }
}

async function loadAll(
  readings: readonly Reading[],
  load: (reading: Reading) => Promise<Profile | undefined>,
): Promise<readonly CopiedRow[]> {
  const profiles = await Promise.all(readings.map(load));
  return readings.flatMap((reading, index) => {
    const profile = profiles[index];
    const place = placeOf(reading);
    return profile === undefined ? [] : [{ meterId: reading.meterId, place, bytes: profileBytes(profile) }];
  });
}

/** The blocks of readings that the valid transactions of a block have written. */
function readingsOf(bytes: Uint8Array, chaincode: string): readonly Reading[] {
  const block = decodeBlock(bytes);
  const codes = transactionsFilter(block);
  const isConfig = isConfigBlock(block);
  return envelopesOf(block).flatMap((envelope, index) =>
    isConfig || codes[index] !== VALID ? [] : readingsIn(envelope, chaincode),
  );
}

function readingsIn(envelope: Uint8Array, chaincode: string): readonly Reading[] {
  const sets = parseTransaction(envelope).readWriteSet.namespaces;
  const writes = sets.filter(({ namespace }) => namespace === chaincode).flatMap((set) => set.writes);
  return writes.flatMap(({ key, value }) => {
    const written = writtenReading(key, value);
    return written !== undefined && 'reading' in written ? [written.reading] : [];
  });
}
