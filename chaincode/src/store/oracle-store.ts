import {
  answerChunkCodec,
  answerHeadCodec,
  computationCodec,
  historyOf,
  rowCodec,
  slotAfterBlock,
  slotBefore,
  totalsBetween,
  type AnswerHead,
  type MeterHistory,
  type MeterId,
  type Series,
  type Slot,
} from '@flexledger/domain';
import { loadReadings } from './chain-store';
import { keys } from './keys';
import { RowKeeper } from './row-keeper';
import type { StoreSession } from './session';

export const computations = new RowKeeper(rowCodec(computationCodec), keys.computation);
export const answers = new RowKeeper(rowCodec(answerHeadCodec), keys.answer);
export const answerParts = new RowKeeper(rowCodec(answerChunkCodec), keys.answerChunk);

/** Up to which slot each meter has blocks, looked for between two slots: the first one where there is none. */
export async function loadNextSlots(
  session: StoreSession,
  meterIds: readonly MeterId[],
  fromSlot: Slot,
  toSlot: Slot,
): Promise<ReadonlyMap<MeterId, Slot>> {
  const last = slotBefore(toSlot);
  const found = await Promise.all(meterIds.map((meterId) => loadReadings(session, meterId, fromSlot, last)));
  const nextSlots = meterIds.map((meterId, index): [MeterId, Slot] => {
    const reading = found[index]?.at(-1);
    return [meterId, reading === undefined ? fromSlot : slotAfterBlock(reading)];
  });
  return new Map(nextSlots);
}

/** What a meter counted from one slot up to (and without) another. */
export async function loadHistory(
  session: StoreSession,
  meterId: MeterId,
  fromSlot: Slot,
  toSlot: Slot,
): Promise<MeterHistory> {
  if (toSlot <= fromSlot) {
    return { meterId, totals: [] };
  }
  const last = slotBefore(toSlot);
  const found = await loadReadings(session, meterId, fromSlot, last);
  return historyOf(meterId, totalsBetween(found, fromSlot, last), toSlot);
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
