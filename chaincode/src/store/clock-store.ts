import {
  clockHeadCodec,
  clockSlotCodec,
  object,
  rowCodec,
  slotBefore,
  slotCodec,
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
