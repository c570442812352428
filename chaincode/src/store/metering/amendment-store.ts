import {
  addSlots,
  amendmentCodec,
  limits,
  rowCodec,
  slot,
  slotAfterAmendment,
  type Amendment,
  type MeterId,
  type Slot,
} from '@flexledger/domain';
import { keys } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

const codec = rowCodec(amendmentCodec);

export const amendments = new RowKeeper(codec, keys.amendment);

/**
 * The amendments of a meter that touch quarter hours from first to last. A submit that reads them conflicts with an amendment of
 * the same quarter hours that commits first, and with nothing else.
 */
export async function loadAmendments(
  session: StoreSession,
  meterId: MeterId,
  fromSlot: Slot,
  toSlot: Slot,
): Promise<readonly Amendment[]> {
  const start = slot(Math.max(0, fromSlot - limits.intervalsPerBlockMax + 1));
  const rows = await session.rangeOfRows(
    keys.amendmentsFrom(meterId, start),
    keys.amendmentsFrom(meterId, addSlots(toSlot, 1)),
  );
  return rows.map(({ row }) => codec.decode(row)).filter((one) => slotAfterAmendment(one) > fromSlot);
}
