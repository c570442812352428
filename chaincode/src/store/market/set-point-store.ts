import {
  addSlots,
  commandIdCodec,
  limitationCodec,
  limits,
  object,
  present,
  rowCodec,
  setPointCodec,
  slot,
  slotCodec,
  type LimitInForce,
  type ParticipantId,
  type Slot,
} from '@flexledger/domain';
import { keys } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

const codec = rowCodec(setPointCodec);

export const limitations = new RowKeeper(rowCodec(limitationCodec), keys.limitation);
export const setPoints = new RowKeeper(codec, keys.setPoint);

const slotRow = rowCodec(object({ limitationId: commandIdCodec, fromSlot: slotCodec }));
/** Which limitations of a grid are compensated, by their first slot. */
export const limitationSlots = new RowKeeper(slotRow, keys.limitationSlot);

/** True where connections of a grid were limited, and are compensated, with limits that can hold in some slots. */
export async function anyLimitation(
  session: StoreSession,
  gridId: string,
  firstSlot: Slot,
  lastSlot: Slot,
): Promise<boolean> {
  const rows = await session.rangeOfRows(
    keys.limitationSlotsFrom(gridId, earliestStart(firstSlot)),
    keys.limitationSlotsFrom(gridId, addSlots(lastSlot, 1)),
  );
  return rows.length > 0;
}

/** The limits of the connections of a participant that hold in a slot, those that were lifted left out. */
export async function loadSetPoints(
  session: StoreSession,
  participantId: ParticipantId,
  wanted: Slot,
): Promise<readonly LimitInForce[]> {
  return holdingIn(await loadSetPointsBetween(session, participantId, wanted, wanted), wanted);
}

/** The limits of the connections of a participant that can hold in slots from first to last, in the order of their rows. */
export async function loadSetPointsBetween(
  session: StoreSession,
  participantId: ParticipantId,
  firstSlot: Slot,
  lastSlot: Slot,
): Promise<readonly LimitInForce[]> {
  const rows = await session.rangeOfRows(
    keys.setPointsFrom(participantId, earliestStart(firstSlot)),
    keys.setPointsFrom(participantId, addSlots(lastSlot, 1)),
  );
  const touching = rows
    .map(({ row }) => codec.decode(row))
    .filter(({ fromSlot, slots }) => fromSlot + slots > firstSlot);
  return Promise.all(
    touching.map(async (setPoint) => {
      const limitation = await limitations.load(session, setPoint.limitationId);
      return { setPoint, limitation: present(limitation, 'A limit is part of a limitation.') };
    }),
  );
}

/** Those of some limits that hold in a slot. */
export function holdingIn(all: readonly LimitInForce[], wanted: Slot): readonly LimitInForce[] {
  return all.filter(({ limitation: { liftedSlot }, setPoint: { fromSlot, slots } }) => {
    const isInside = fromSlot <= wanted && fromSlot + slots > wanted;
    return isInside && (liftedSlot === undefined || liftedSlot > wanted);
  });
}

function earliestStart(firstSlot: Slot): Slot {
  return slot(Math.max(0, firstSlot - limits.setPointSlotsMax + 1));
}
