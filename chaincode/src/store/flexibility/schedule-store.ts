import { addSlots, rowCodec, scheduleSlotCodec, type MeterId, type ScheduleSlot, type Slot } from '@flexledger/domain';
import { keys } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

const scheduleRow = rowCodec(scheduleSlotCodec);
/** What was declared for meters, slot by slot. */
export const scheduleSlots = new RowKeeper(scheduleRow, keys.schedule);

/** What was declared for a meter from one slot to another, both included. */
export async function loadSchedule(
  store: StoreSession,
  meterId: MeterId,
  fromSlot: Slot,
  toSlot: Slot,
): Promise<readonly ScheduleSlot[]> {
  const rows = await store.rangeOfRows(keys.schedule(meterId, fromSlot), keys.schedule(meterId, addSlots(toSlot, 1)));
  return rows.map(({ row }) => scheduleRow.decode(row));
}
