import {
  answerChunkCodec,
  answerHeadCodec,
  computationCodec,
  historyOf,
  rowCodec,
  totalsBetween,
  slotBefore,
  type AnswerHead,
  type MeterHistory,
  type MeterId,
  type Reading,
  type Series,
  type Slot,
} from '@flexledger/domain';
import { keys } from './keys';
import { meterHeads, readings } from './meter-store';
import { RowKeeper } from './row-keeper';
import type { StoreSession } from './session';

export const computations = new RowKeeper(rowCodec(computationCodec), keys.computation);
export const answers = new RowKeeper(rowCodec(answerHeadCodec), keys.answer);
export const answerParts = new RowKeeper(rowCodec(answerChunkCodec), keys.answerChunk);

/** The slot in which each meter's next block begins; meters that are not registered have none. */
export async function loadNextSlots(
  session: StoreSession,
  meterIds: readonly MeterId[],
): Promise<ReadonlyMap<MeterId, Slot>> {
  const heads = await Promise.all(meterIds.map((meterId) => meterHeads.load(session, meterId)));
  const found = new Map<MeterId, Slot>();
  meterIds.forEach((meterId, index) => {
    const head = heads[index];
    if (head !== undefined) {
      found.set(meterId, head.nextSlot);
    }
  });
  return found;
}

/**
 * What a meter counted from one slot up to (and without) another. Walks its chain back from the head: one read per block, so that a
 * long history in daily blocks is cheap.
 */
export async function loadHistory(
  session: StoreSession,
  meterId: MeterId,
  fromSlot: Slot,
  toSlot: Slot,
): Promise<MeterHistory> {
  if (toSlot <= fromSlot) {
    return { meterId, totals: [] };
  }
  const found: Reading[] = [];
  let sequence = (await meterHeads.load(session, meterId))?.sequence ?? 0;
  for (; sequence > 0; sequence -= 1) {
    const reading = await readings.load(session, meterId, sequence);
    if (reading === undefined) {
      break;
    }
    found.push(reading);
    if (reading.startSlot <= fromSlot) {
      break;
    }
  }
  return historyOf(meterId, totalsBetween(found, fromSlot, slotBefore(toSlot)), toSlot);
}

/** The series of the chunks of an answer that are there, by chunk. */
export async function loadChunks(
  session: StoreSession,
  head: AnswerHead | undefined,
): Promise<ReadonlyMap<number, readonly Series[]>> {
  const parts = new Map<number, readonly Series[]>();
  for (const chunk of head?.received ?? []) {
    const part =
      head === undefined ? undefined : await answerParts.load(session, head.requestId, head.answerDigest, chunk);
    parts.set(chunk, part?.series ?? []);
  }
  return parts;
}
