import { demand } from '../errors';
import { limits } from '../limits';

/** One chunk of an answer, whatever it is about. */
export interface AnswerChunk {
  readonly chunk: number;
  readonly chunks: number;
}

/** The answer of which a chunk is one, as far as it is there. */
export interface AnswerBegun {
  readonly chunks: number;
  /** The chunks that are there. */
  readonly received: readonly number[];
}

/**
 * Refuses a chunk that is too large, is none of its answer, does not go with those that are there, or is there already.
 *
 * @param bytes the size of what the chunk carries, as canonical JSON
 * @param begun the answer with the chunks that are there; undefined for the first one
 * @param isSame whether the chunk says the same of its answer as those that are there
 * @throws RuleError ORACLE_ANSWER_TOO_LARGE, ORACLE_CHUNK_INVALID, ORACLE_CHUNK_EXISTS
 */
export function demandAnswerChunk<T extends AnswerBegun>(
  { chunk, chunks }: AnswerChunk,
  bytes: number,
  begun: T | undefined,
  isSame: (begun: T) => boolean,
): void {
  demand(bytes <= limits.answerChunkBytesMax, 'ORACLE_ANSWER_TOO_LARGE', { bytesMax: limits.answerChunkBytesMax });
  demand(chunk < chunks, 'ORACLE_CHUNK_INVALID', { chunk });
  if (begun !== undefined) {
    demand(begun.chunks === chunks && isSame(begun), 'ORACLE_CHUNK_INVALID', { chunk });
    demand(!begun.received.includes(chunk), 'ORACLE_CHUNK_EXISTS', { chunk });
  }
}

/** Cuts an answer into chunks: as many entries as fit into each, in their order; one chunk at least. */
export function cutIntoChunks<T>(entries: readonly T[], bytesOf: (entry: T) => number): readonly (readonly T[])[] {
  const chunks: T[][] = [[]];
  let bytes = 0;
  for (const entry of entries) {
    const size = bytesOf(entry);
    if (bytes + size > limits.answerChunkBytesMax && bytes > 0) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)?.push(entry);
    bytes += size;
  }
  return chunks;
}
