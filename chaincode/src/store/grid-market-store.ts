import {
  clearingAnswerChunkCodec,
  clearingAnswerHeadCodec,
  clearingRequestCodec,
  gridTermsCodec,
  gridTermsHeadCodec,
  rowCodec,
  type ClearingAnswerHead,
  type IntervalAnswer,
} from '@flexledger/domain';
import { keys } from './keys';
import { RowKeeper } from './row-keeper';
import type { StoreSession } from './session';

/** The terms of a grid, by number: written once. */
export const gridTerms = new RowKeeper(rowCodec(gridTermsCodec), keys.gridTerms);
/** Which terms of a grid are the last. */
export const gridTermsHeads = new RowKeeper(rowCodec(gridTermsHeadCodec), keys.gridTermsHead);
export const clearingRequests = new RowKeeper(rowCodec(clearingRequestCodec), keys.clearingRequest);
export const clearingAnswers = new RowKeeper(rowCodec(clearingAnswerHeadCodec), keys.clearingAnswer);
export const clearingAnswerParts = new RowKeeper(rowCodec(clearingAnswerChunkCodec), keys.clearingAnswerChunk);

/** The intervals of the chunks of an answer that are there, by chunk. */
export async function loadAnswerParts(
  session: StoreSession,
  head: ClearingAnswerHead | undefined,
): Promise<ReadonlyMap<number, readonly IntervalAnswer[]>> {
  const parts = new Map<number, readonly IntervalAnswer[]>();
  if (head === undefined) {
    return parts;
  }
  const { answerDigest, mspId, sessionId } = head;
  for (const chunk of head.received) {
    const part = await clearingAnswerParts.load(session, sessionId, mspId, answerDigest, chunk);
    parts.set(chunk, part?.intervals ?? []);
  }
  return parts;
}
