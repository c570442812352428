import {
  acceptBlock,
  refusedResult,
  RuleError,
  slotAfterBlock,
  type BlockResult,
  type ProfileBlock,
  type ReadBlock,
  type Reading,
} from '@flexledger/domain';
import type { GridContext } from './grid-context';
import { hasBegun } from './store/clock-store';
import { meterHeads, readings, saveReading } from './store/meter-store';
import { meters } from './store/registry-store';

/** What became of the blocks of one call, in their order, and the readings that are new. */
export interface Recorded {
  readonly results: readonly BlockResult[];
  readonly readings: readonly Reading[];
}

/** Judges and saves blocks one after the other, because a call may carry several of one meter; what they need is read together. */
export async function recordBlocks(context: GridContext, blocks: readonly ReadBlock[]): Promise<Recorded> {
  const readable = blocks.map(({ block }) => block).filter((block) => block !== undefined);
  await Promise.all(readable.map((block) => load(context, block)));
  const results: BlockResult[] = [];
  const recorded: Reading[] = [];
  for (const { block, refused } of blocks) {
    results.push(block === undefined ? refused : await recordBlock(context, block, recorded));
  }
  return { results, readings: recorded };
}

async function recordBlock(context: GridContext, block: ProfileBlock, recorded: Reading[]): Promise<BlockResult> {
  const { meterId, sequence } = block;
  try {
    const [meter, head, known, hasEnded] = await load(context, block);
    if (meter === undefined || head === undefined) {
      throw new RuleError('READING_METER_UNKNOWN', { meterId });
    }
    const { channel } = context;
    const accepted = acceptBlock(block, { channel, meter, head, recorded: known, hasEnded });
    if (accepted.status === 'recorded') {
      await saveReading(context.session, block, accepted.reading, accepted.head);
      recorded.push(accepted.reading);
    }
    return { meterId, sequence, status: accepted.status };
  } catch (error) {
    return refusedResult(error, { meterId, sequence });
  }
}

function load(context: GridContext, block: ProfileBlock) {
  const { session } = context;
  return Promise.all([
    meters.load(session, block.meterId),
    meterHeads.load(session, block.meterId),
    readings.load(session, block.meterId, block.sequence),
    hasBegun(session, slotAfterBlock(block)),
  ]);
}
