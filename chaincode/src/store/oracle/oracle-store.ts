import {
  answerChunkCodec,
  answerHeadCodec,
  computationCodec,
  disagreementCodec,
  historyOf,
  refusalCodec,
  rowCodec,
  slotAfterBlock,
  slotBefore,
  totalsBetween,
  type AnswerHead,
  type Computation,
  type MeterHistory,
  type MeterId,
  type OracleStand,
  type RequestId,
  type Series,
  type Slot,
} from '@flexledger/domain';
import { loadReadings } from '../metering/chain-store';
import { keys } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

export const computations = new RowKeeper(rowCodec(computationCodec), keys.computation);
export const answers = new RowKeeper(rowCodec(answerHeadCodec), keys.answerOf);
export const answerParts = new RowKeeper(rowCodec(answerChunkCodec), keys.answerChunkOf);
const earlierAnswers = new RowKeeper(rowCodec(answerHeadCodec), keys.earlierAnswer);
const earlierParts = new RowKeeper(rowCodec(answerChunkCodec), keys.earlierChunk);
export const refusals = new RowKeeper(rowCodec(refusalCodec), keys.refusal);
export const disagreements = new RowKeeper(rowCodec(disagreementCodec), keys.disagreement);

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

/** The series of the chunks of an organisation's answer that are there, by chunk. */
export async function loadChunks(
  session: StoreSession,
  head: AnswerHead | undefined,
): Promise<ReadonlyMap<number, readonly Series[]>> {
  const parts = new Map<number, readonly Series[]>();
  for (const chunk of head?.received ?? []) {
    const part = head === undefined ? undefined : await answerParts.load(session, head.requestId, head.mspId, chunk);
    parts.set(chunk, part?.series ?? []);
  }
  return parts;
}

/** The answer that counts, and its series in the order of the request; neither where there is none yet. */
export async function loadAnswer(
  session: StoreSession,
  { answerDigest, answeredBy, requestId }: Computation,
): Promise<{ readonly head: AnswerHead | undefined; readonly series: readonly Series[] }> {
  if (answerDigest === undefined) {
    return { head: undefined, series: [] };
  }
  if (answeredBy !== undefined) {
    const head = await answers.load(session, requestId, answeredBy);
    return { head, series: [...(await loadChunks(session, head)).values()].flat() };
  }
  const head = await earlierAnswers.load(session, requestId, answerDigest);
  const received = head?.received ?? [];
  const parts = await Promise.all(received.map((chunk) => earlierParts.load(session, requestId, answerDigest, chunk)));
  return { head, series: parts.flatMap((part) => part?.series ?? []) };
}

/** The answer of an organisation, or the one that counts where none is named. */
export async function loadAnswerOf(
  session: StoreSession,
  asked: Computation,
  mspId: string | undefined,
): ReturnType<typeof loadAnswer> {
  const head = mspId === undefined ? undefined : await answers.load(session, asked.requestId, mspId);
  if (mspId === undefined || head === undefined) {
    const counting = await loadAnswer(session, asked);
    return (mspId ?? counting.head?.mspId) === counting.head?.mspId ? counting : { head: undefined, series: [] };
  }
  return { head, series: [...(await loadChunks(session, head)).values()].flat() };
}

/** What each approved oracle has done about a request. */
export async function loadStands(
  session: StoreSession,
  requestId: RequestId,
  oracles: readonly string[],
): Promise<readonly OracleStand[]> {
  return Promise.all(
    oracles.map(async (mspId) => ({
      mspId,
      head: await answers.load(session, requestId, mspId),
      hasRefused: await refusals.exists(session, requestId, mspId),
    })),
  );
}
