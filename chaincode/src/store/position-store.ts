import {
  intervalFirstSlot,
  positionCodec,
  rowCodec,
  type ParticipantId,
  type Position,
  type Session,
} from '@flexledger/domain';
import { keys } from './keys';
import { RowKeeper } from './row-keeper';
import type { StoreSession } from './session';

export const positions = new RowKeeper(rowCodec(positionCodec), keys.position);

/** The positions of a participant in some intervals of a session; intervals in which it does not trade have none. */
export async function loadPositions(
  store: StoreSession,
  session: Session,
  participantId: ParticipantId,
  intervals: readonly number[],
): Promise<readonly Position[]> {
  const rows = await Promise.all(
    intervals.map((interval) =>
      positions.load(store, participantId, intervalFirstSlot(session, interval), session.sessionId),
    ),
  );
  return rows.filter((row) => row !== undefined);
}
