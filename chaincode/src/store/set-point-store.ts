import {
  addSlots,
  limitationCodec,
  limits,
  present,
  rowCodec,
  setPointCodec,
  slot,
  type Limitation,
  type ParticipantId,
  type SetPoint,
  type Slot,
} from '@flexledger/domain';
import { keys } from './keys';
import { RowKeeper } from './row-keeper';
import type { StoreSession } from './session';

const codec = rowCodec(setPointCodec);

export const limitations = new RowKeeper(rowCodec(limitationCodec), keys.limitation);
export const setPoints = new RowKeeper(codec, keys.setPoint);

/** A limit of a connection and what it is part of. */
export interface SetPointInForce {
  readonly setPoint: SetPoint;
  readonly limitation: Limitation;
}

/** The limits of the connections of a participant that hold in a slot, those that were lifted left out; for evaluates. */
export async function loadSetPoints(
  session: StoreSession,
  participantId: ParticipantId,
  wanted: Slot,
): Promise<readonly SetPointInForce[]> {
  const start = slot(Math.max(0, wanted - limits.setPointSlotsMax + 1));
  const rows = await session.rangeOfRows(
    keys.setPointsFrom(participantId, start),
    keys.setPointsFrom(participantId, addSlots(wanted, 1)),
  );
  const holding = rows.map(({ row }) => codec.decode(row)).filter(({ fromSlot, slots }) => fromSlot + slots > wanted);
  const all = await Promise.all(
    holding.map(async (setPoint) => {
      const limitation = await limitations.load(session, setPoint.limitationId);
      return { setPoint, limitation: present(limitation, 'A limit is part of a limitation.') };
    }),
  );
  return all.filter(({ limitation: { liftedSlot } }) => liftedSlot === undefined || liftedSlot > wanted);
}
