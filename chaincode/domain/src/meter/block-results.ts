import { demand, RuleError } from '../errors';
import type { Fact } from '../facts';
import type { JsonValue } from '../json';
import { profileBlockCodec, type BlockResult, type ProfileBlock, type Reading } from './types';

/** A block of a call after decoding: the block, or the result that says why there is none. */
export type ReadBlock =
  | { readonly block: ProfileBlock; readonly refused: undefined }
  | { readonly block: undefined; readonly refused: BlockResult };

/** Decodes the blocks of a call one by one, after checking that there are as many as the request says (METERING_COUNT). */
export function readBlocks(count: number, blocks: readonly JsonValue[]): readonly ReadBlock[] {
  demand(blocks.length === count, 'METERING_COUNT', { count, blocks: blocks.length });
  return blocks.map((json, index) => readBlock(json, index));
}

/** The result of a block that the rules refuse; anything but a rule's refusal is thrown on. */
export function refusedResult(error: unknown, block: Pick<BlockResult, 'meterId' | 'sequence'>): BlockResult {
  if (!(error instanceof RuleError)) {
    throw error;
  }
  const { meterId, sequence } = block;
  const named = meterId === undefined || sequence === undefined ? {} : { meterId, sequence };
  return { ...named, status: 'refused', code: error.code };
}

/** What a call of recordProfiles tells the world: how many blocks came to what, and which readings are new. */
export function profilesRecorded(results: readonly BlockResult[], readings: readonly Reading[]): Fact {
  const count = (status: BlockResult['status']) => results.filter((result) => result.status === status).length;
  return {
    type: 'ProfilesRecorded',
    already: count('already'),
    recorded: count('recorded'),
    refused: count('refused'),
    readings: readings.map(({ meterId, sequence, startSlot, totals }) => ({
      meterId,
      sequence,
      startSlot,
      slots: totals.length,
    })),
  };
}

function readBlock(json: JsonValue, index: number): ReadBlock {
  try {
    return { block: profileBlockCodec.decode(json, `/profiles/blocks/${index}`), refused: undefined };
  } catch (error) {
    return { block: undefined, refused: refusedResult(error, {}) };
  }
}
