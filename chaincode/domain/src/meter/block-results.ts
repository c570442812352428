import { demand, RuleError, type ErrorCode } from '../errors';
import type { Fact } from '../facts';
import type { JsonValue } from '../json';
import { unpackBlock } from './packed-block';
import type { BlockException, BlockResult, ProfileBlock, ProfilesAnswer } from './types';

/** A block of a call after decoding, with its place in the call: the block, or the code that says why there is none. */
export type ReadBlock = { readonly index: number } & (
  | { readonly block: ProfileBlock; readonly refused: undefined }
  | { readonly block: undefined; readonly refused: ErrorCode }
);

/**
 * Decodes the blocks of a call one by one, after checking that there are as many as the request says (METERING_COUNT). They come
 * back in the order in which they have to be judged: each meter's blocks by number, so that their order in the call does not matter.
 */
export function readBlocks(count: number, blocks: readonly JsonValue[]): readonly ReadBlock[] {
  demand(blocks.length === count, 'METERING_COUNT', { count, blocks: blocks.length });
  const read = blocks.map((json, index) => readBlock(json, index));
  return read.sort((left, right) => (left.block?.sequence ?? 0) - (right.block?.sequence ?? 0));
}

/** The code of a rule's refusal of one block; anything else is thrown on. */
export function refusalCode(error: unknown): ErrorCode {
  if (!(error instanceof RuleError)) {
    throw error;
  }
  return error.code;
}

/** The answer of a call of so many blocks, of which these were not simply recorded. */
export function profilesAnswer(count: number, exceptions: readonly BlockException[]): ProfilesAnswer {
  const inOrder = [...exceptions].sort((left, right) => left.index - right.index);
  return { recorded: count - exceptions.length, exceptions: inOrder };
}

/** What an answer says of each block of a call, in the order of the call. */
export function blockResults(count: number, answer: ProfilesAnswer): readonly BlockResult[] {
  const results = Array.from({ length: count }, (): BlockResult => ({ status: 'recorded' }));
  for (const { index, status, code } of answer.exceptions) {
    results[index] = code === undefined ? { status } : { status, code };
  }
  return results;
}

/** What a call of recordProfiles tells the world: how many blocks came to what. Which ones they are stands in its write set. */
export function profilesRecorded(answer: ProfilesAnswer): Fact {
  const count = (status: BlockException['status']) =>
    answer.exceptions.filter((exception) => exception.status === status).length;
  return {
    type: 'ProfilesRecorded',
    already: count('already'),
    recorded: answer.recorded,
    refused: count('refused'),
  };
}

function readBlock(json: JsonValue, index: number): ReadBlock {
  try {
    return { index, block: unpackBlock(json, `/profiles/blocks/${index}`), refused: undefined };
  } catch (error) {
    return { index, block: undefined, refused: refusalCode(error) };
  }
}
