import {
  addSlots,
  clockHeadCodec,
  clockSlotCodec,
  object,
  rowCodec,
  slotBefore,
  slotCodec,
  slotMax,
  slotRange,
  type Slot,
  type Tick,
} from '@flexledger/domain';
import { keys } from './keys';
import { RowKeeper } from './row-keeper';
import type { StoreSession } from './session';

const slots = new RowKeeper(rowCodec(clockSlotCodec), keys.clock);
const starts = new RowKeeper(rowCodec(object({ firstSlot: slotCodec })), keys.clockStart);

/** The clock's head: for evaluates only, because every tick writes it. */
export const clockHeads = new RowKeeper(rowCodec(clockHeadCodec), keys.clockHead);

/**
 * Whether a slot has begun on the ledger clock. "Yes" reads a row that never changes again; "no" reads an absent row, so that the
 * transaction becomes invalid exactly if the tick commits first.
 */
export function hasBegun(session: StoreSession, slot: Slot): Promise<boolean> {
  return slots.exists(session, slot);
}

/** Whether the clock has come to a slot: the slot has begun, or the clock was started after it. Both answers are as firm as those of `hasBegun`. */
export async function hasCome(session: StoreSession, slot: Slot): Promise<boolean> {
  if (await hasBegun(session, slot)) {
    return true;
  }
  const start = await starts.load(session);
  return start !== undefined && start.firstSlot > slot;
}

/**
 * The last slot that has begun, or undefined where `from` has not: for submits, which must not read the clock's head. The guess only
 * says where to begin; steps that double find a slot that has begun and one that has not, and halving finds the border.
 */
export async function lastBegun(session: StoreSession, from: Slot, guess: Slot): Promise<Slot | undefined> {
  if (!(await hasBegun(session, from))) {
    return undefined;
  }
  let begun: number = from;
  let width = Math.max(1, guess - from);
  if (guess > from && (await hasBegun(session, guess))) {
    begun = guess;
    width = 1;
  }
  while (begun + width <= slotMax && (await hasBegun(session, addSlots(from, begun - from + width)))) {
    begun += width;
    width *= 2;
  }
  let end = begun + width;
  while (end - begun > 1) {
    const half = begun + ((end - begun) >> 1);
    if (await hasBegun(session, addSlots(from, half - from))) {
      begun = half;
    } else {
      end = half;
    }
  }
  return addSlots(from, begun - from);
}

/** The part of a tick's judgement that the ledger knows. */
export type ClockAround = Pick<Tick, 'clockStart' | 'previousHasBegun' | 'fromHasBegun'>;

/** What the clock says around a slot: when it was started, and whether this slot and the one before have begun. */
export async function clockBefore(session: StoreSession, slot: Slot): Promise<ClockAround> {
  const [start, previousHasBegun, fromHasBegun] = await Promise.all([
    starts.load(session),
    hasBegun(session, slotBefore(slot)),
    hasBegun(session, slot),
  ]);
  return { clockStart: start?.firstSlot, previousHasBegun, fromHasBegun };
}

/** Begins the slots from first to last, which are known to continue the clock. */
export function beginSlots(
  session: StoreSession,
  timekeeper: string,
  first: Slot,
  last: Slot,
  start: Slot | undefined,
): void {
  for (const slot of slotRange(first, last - first + 1)) {
    slots.save(session, { timekeeper }, slot);
  }
  if (start === undefined) {
    starts.save(session, { firstSlot: first });
  }
  clockHeads.save(session, { firstSlot: start ?? first, lastSlot: last });
}
