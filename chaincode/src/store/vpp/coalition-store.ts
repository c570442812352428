import {
  coalitionChunkCodec,
  coalitionHeadCodec,
  coalitionRequestCodec,
  present,
  rowCodec,
  type CoalitionHead,
  type CoalitionPlanId,
} from '@flexledger/domain';
import { composite, fourDigits, type KeyPrefix } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

const coalitionKeys = {
  request: (planId: CoalitionPlanId) => composite('coalition-request', planId),
  answer: (planId: CoalitionPlanId, mspId: string, answerDigest: string) =>
    composite('coalition-answer', planId, mspId, answerDigest),
  chunk: (planId: CoalitionPlanId, mspId: string, answerDigest: string, chunk: number) =>
    composite('coalition-chunk', planId, mspId, answerDigest, fourDigits(chunk)),
};

/** The prefix under which all requests for coalitions are listed. */
export const coalitionRequestsPrefix: KeyPrefix = { objectType: 'coalition-request', parts: [] };

/** Requests for coalitions: small state machines. */
export const coalitionRequests = new RowKeeper(rowCodec(coalitionRequestCodec), coalitionKeys.request);
export const coalitionAnswers = new RowKeeper(rowCodec(coalitionHeadCodec), coalitionKeys.answer);
const coalitionChunks = new RowKeeper(rowCodec(coalitionChunkCodec), coalitionKeys.chunk);

/** Writes one chunk of an answer, with the head that knows of it. */
export function saveCoalitionPart(store: StoreSession, head: CoalitionHead, chunk: number, piece: string): void {
  const { answerDigest, mspId, planId } = head;
  coalitionAnswers.save(store, head, planId, mspId, answerDigest);
  coalitionChunks.save(store, { chunk, piece }, planId, mspId, answerDigest, chunk);
}

/** The pieces of an answer that are there, by chunk. */
export async function loadCoalitionPieces(
  store: StoreSession,
  head: CoalitionHead | undefined,
): Promise<ReadonlyMap<number, string>> {
  const pieces = new Map<number, string>();
  for (const chunk of head?.received ?? []) {
    const { answerDigest, mspId, planId } = present(head, 'A chunk that was received has a head.');
    const row = await coalitionChunks.load(store, planId, mspId, answerDigest, chunk);
    pieces.set(chunk, present(row, 'A chunk that was received is there.').piece);
  }
  return pieces;
}
