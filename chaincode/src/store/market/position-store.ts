import {
  addSlots,
  assert,
  demandInDayAhead,
  intervalFirstSlot,
  intervalSlotsMax,
  limits,
  object,
  participantIdCodec,
  positionCodec,
  present,
  rowCodec,
  sessionIdCodec,
  slot,
  slotCodec,
  slotPositionOf,
  slotRange,
  type ParticipantId,
  type Position,
  type Session,
  type Slot,
  type SlotPosition,
  type TradingSession,
} from '@flexledger/domain';
import { keys } from '../keys';
import { orderSets, sessionIntervals, sessions } from './market-store';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

export const positions = new RowKeeper(rowCodec(positionCodec), keys.position);

const slotPositionRow = rowCodec(
  object({ participantId: participantIdCodec, firstSlot: slotCodec, sessionId: sessionIdCodec }),
);
const slotPositions = new RowKeeper(slotPositionRow, keys.slotPosition);

const slotSessionRow = rowCodec(object({ sessionId: sessionIdCodec, firstSlot: slotCodec, endSlot: slotCodec }));
const slotSessions = new RowKeeper(slotSessionRow, keys.slotSession);

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

/** Writes a position that a session has made. */
export function savePosition(store: StoreSession, { gridId, kind }: Session, position: Position): void {
  if (kind === 'day-ahead') {
    positions.save(store, position, position.participantId, position.firstSlot, position.sessionId);
  } else {
    saveOtherPosition(store, gridId, position);
  }
}

/**
 * Writes a position of another session or of a contract, whose id stands in place of the session's, and the row by which
 * settlement finds it. The caller knows that the interval has not begun, or that its session stands under `claimIntervals`.
 */
export function saveOtherPosition(store: StoreSession, gridId: string, position: Position): void {
  const { firstSlot, participantId, sessionId } = position;
  positions.save(store, position, participantId, firstSlot, sessionId);
  slotPositions.save(store, { participantId, firstSlot, sessionId }, gridId, firstSlot, participantId, sessionId);
}

/** Lets settlement know which intervals a session trades that is not day-ahead, so that it waits for its positions. */
export function claimIntervals(store: StoreSession, session: Session): void {
  if (session.kind !== 'day-ahead') {
    const { gridId, intervals, sessionId } = session;
    for (let interval = 0; interval < intervals; interval += 1) {
      const firstSlot = intervalFirstSlot(session, interval);
      const endSlot = addSlots(firstSlot, session.intervalSlots);
      slotSessions.save(store, { sessionId, firstSlot, endSlot }, gridId, firstSlot, sessionId);
    }
  }
}

/**
 * Refuses a participant that has placed no orders in the day-ahead session of every slot (MARKET_NOT_IN_DAY_AHEAD): its deviation could
 * not be settled. It reads claims of slots and an order set, which are written once; one that is absent can still come.
 */
export async function demandAnchored(
  store: StoreSession,
  gridId: string,
  firstSlot: Slot,
  slots: number,
  participantId: ParticipantId,
): Promise<void> {
  const starts = slotRange(firstStart(firstSlot), firstSlot - firstStart(firstSlot) + slots);
  const claims = await Promise.all(starts.map((start) => sessionIntervals.load(store, gridId, 'day-ahead', start)));
  const ids = [...new Set(claims.flatMap((claim) => (claim === undefined ? [] : [claim.sessionId])))];
  const placed = await Promise.all(
    ids.map(async (sessionId) =>
      (await orderSets.exists(store, sessionId, participantId)) ? sessions.load(store, sessionId) : undefined,
    ),
  );
  demandInDayAhead(
    participantId,
    slotRange(firstSlot, slots),
    placed.filter((session) => session !== undefined),
  );
}

/**
 * The sessions other than day-ahead that trade slots from first to last. None can be added once the slots have begun, as a session
 * opens before its gate, and its state only moves on to APPLIED.
 */
export async function loadOtherSessions(
  store: StoreSession,
  gridId: string,
  firstSlot: Slot,
  lastSlot: Slot,
): Promise<readonly TradingSession[]> {
  const rows = await store.rangeOfRows(
    keys.slotSessionsFrom(gridId, firstStart(firstSlot)),
    keys.slotSessionsFrom(gridId, addSlots(lastSlot, 1)),
  );
  const touching = rows.map(({ row }) => slotSessionRow.decode(row)).filter(({ endSlot }) => endSlot > firstSlot);
  const ids = [...new Set(touching.map(({ sessionId }) => sessionId))];
  return Promise.all(
    ids.map(async (sessionId) => ({ sessionId, state: (await sessions.load(store, sessionId))?.state })),
  );
}

/**
 * The positions beside day-ahead ones that touch slots from first to last, of all participants between two (which may be the same),
 * in the order of slots, participants and sessions. One short range for each slot, whatever the number of participants.
 */
export async function loadOtherPositions(
  store: StoreSession,
  gridId: string,
  participants: { readonly first: ParticipantId; readonly last: ParticipantId },
  firstSlot: Slot,
  lastSlot: Slot,
): Promise<readonly Position[]> {
  const starts = slotRange(firstStart(firstSlot), lastSlot - firstStart(firstSlot) + 1);
  const ranges = await Promise.all(
    starts.map((start) =>
      store.rangeOfRows(
        keys.slotPositionsFrom(gridId, start, participants.first),
        keys.slotPositionsFrom(gridId, start, participants.last, '_'),
      ),
    ),
  );
  const found = ranges.flat().map(({ row }) => slotPositionRow.decode(row));
  const rows = await Promise.all(
    found.map(({ firstSlot: start, participantId, sessionId }) =>
      positions.load(store, participantId, start, sessionId),
    ),
  );
  return rows.map((row) => present(row, 'A position that is listed by its slot exists.'));
}

/** What settlement keeps of the positions of one participant that cover a slot. */
export function coveringPositions(
  others: readonly Position[],
  participantId: ParticipantId,
  covers: (position: SlotPosition) => boolean,
): readonly SlotPosition[] {
  const covering = others
    .filter((position) => position.participantId === participantId)
    .map(slotPositionOf)
    .filter(covers);
  assert(covering.length <= limits.positionsPerSlotMax, 'Contracts and sessions bound the positions of a slot.');
  return covering;
}

/** Where an interval that covers a slot can begin at the earliest. */
export function firstStart(firstSlot: Slot): Slot {
  return slot(Math.max(0, firstSlot - intervalSlotsMax + 1));
}
