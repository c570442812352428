import {
  addSlots,
  deliveryOf,
  intervalSlotsMax,
  slot,
  slotPositionOf,
  slotRange,
  type Delivery,
  type Participant,
  type Position,
  type Slot,
} from '@flexledger/domain';
import { prefixes } from './keys';
import { sessionIntervals } from './market-store';
import { loadOtherPositions, positions } from './position-store';
import { participantMeters } from './registry-store';
import type { StoreSession } from './session';
import { loadMeter, meterInputsOf } from './settlement-store';

/** Plan against meters of a participant in some slots of a grid; for evaluates. */
export async function loadDeliveries(
  store: StoreSession,
  { kind, participantId }: Participant,
  gridId: string,
  fromSlot: Slot,
  slots: number,
): Promise<readonly Delivery[]> {
  const last = addSlots(fromSlot, slots - 1);
  const everybody = { first: participantId, last: participantId };
  const [dayAhead, others, owned] = await Promise.all([
    loadDayAhead(store, participantId, gridId, fromSlot, last),
    loadOtherPositions(store, gridId, everybody, fromSlot, last),
    participantMeters.list(store, prefixes.metersOf(participantId)),
  ]);
  const meters = await Promise.all(owned.map(({ meterId }) => loadMeter(store, meterId, fromSlot, last)));
  const plan = [...dayAhead, ...others].map(slotPositionOf);
  return slotRange(fromSlot, slots).map((at) => deliveryOf(at, plan, kind === 'supplier', meterInputsOf(meters, at)));
}

/** The day-ahead positions of a participant that touch slots from first to last, found by the sessions that claim the slots. */
async function loadDayAhead(
  store: StoreSession,
  participantId: Participant['participantId'],
  gridId: string,
  firstSlot: Slot,
  lastSlot: Slot,
): Promise<readonly Position[]> {
  const earliest = slot(Math.max(0, firstSlot - intervalSlotsMax + 1));
  const rows = await Promise.all(
    slotRange(earliest, lastSlot - earliest + 1).map(async (start) => {
      const claim = await sessionIntervals.load(store, gridId, 'day-ahead', start);
      return claim === undefined ? undefined : positions.load(store, participantId, start, claim.sessionId);
    }),
  );
  return rows.filter((row) => row !== undefined);
}
