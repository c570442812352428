import { inclusionProof, intervalsOf, leafOf, leafSaltOf, type Profile, type Reading } from '@flexledger/domain';
import { decodeBlock, envelopesOf, isConfigBlock, transactionsFilter } from '@flexledger/fabric-model';
import type { CopyLine } from '../blocks/copy-file';
import { placeOf, profileOf } from './reading-rows';
import type { ReadingProof } from './reading-proof';
import { meterIn, readingIn, writesIn } from '../meters/written-meter';

/** What is to be proven, and from what. */
export interface ProofOptions {
  readonly blocks: AsyncIterable<Uint8Array>;
  readonly copy: AsyncIterable<CopyLine>;
  readonly chaincode: string;
  readonly meterId: string;
  readonly slot: number;
}

interface Evidence {
  readonly configBlocks: readonly Uint8Array[];
  readonly meterBlock: Uint8Array;
  readonly readingBlock: Uint8Array;
  readonly reading: Reading;
}

const VALID = 0;

/** The proof of one quarter hour; undefined where the blocks or the copy do not have it. */
export async function makeProof(options: ProofOptions): Promise<ReadingProof | undefined> {
  const evidence = await findEvidence(options);
  const profile = evidence === undefined ? undefined : await findProfile(options.copy, evidence.reading);
  if (evidence === undefined || profile === undefined) {
    return undefined;
  }
  const { reading, configBlocks, meterBlock, readingBlock } = evidence;
  const index = options.slot - reading.startSlot;
  const intervals = intervalsOf(profile) ?? [];
  const interval = intervals[index];
  if (interval === undefined) {
    return undefined;
  }
  const leaves = intervals.map((values, at) => leafOf(profile.salt, values, at));
  return {
    meterId: reading.meterId,
    interval,
    leafSalt: leafSaltOf(profile.salt, index),
    path: inclusionProof(leaves, index),
    configBlocks,
    meterBlock,
    readingBlock,
  };
}

async function findEvidence({ blocks, chaincode, meterId, slot }: ProofOptions): Promise<Evidence | undefined> {
  const configBlocks: Uint8Array[] = [];
  let meterBlock: Uint8Array | undefined;
  for await (const bytes of blocks) {
    const block = decodeBlock(bytes);
    if (isConfigBlock(block)) {
      configBlocks.push(Uint8Array.from(bytes));
      continue;
    }
    const codes = transactionsFilter(block);
    for (const [index, envelope] of envelopesOf(block).entries()) {
      const writes = codes[index] === VALID ? writesIn(envelope, chaincode) : [];
      if (meterIn(writes, meterId) !== undefined) {
        meterBlock = Uint8Array.from(bytes);
      }
      const reading = readingIn(writes, meterId, slot);
      if (reading !== undefined && meterBlock !== undefined) {
        return { configBlocks, meterBlock, readingBlock: Uint8Array.from(bytes), reading };
      }
    }
  }
  return undefined;
}

async function findProfile(copy: AsyncIterable<CopyLine>, reading: Reading): Promise<Profile | undefined> {
  const place = placeOf(reading);
  for await (const line of copy) {
    if ('row' in line && line.row.meterId === reading.meterId && line.row.place === place) {
      return profileOf(reading, line.row.bytes);
    }
  }
  return undefined;
}
