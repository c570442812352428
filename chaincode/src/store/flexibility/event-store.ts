import {
  addSlots,
  baselineReadingOf,
  currentTotal,
  dayStart,
  eventPlaceCodec,
  flexEventCodec,
  limits,
  monthOf,
  performanceCodec,
  present,
  rowCodec,
  slot,
  slotsPerDay,
  type EventPlace,
  type EventReadings,
  type FlexEvent,
  type MeterId,
  type MeterTotal,
  type ParticipantId,
  type Slot,
} from '@flexledger/domain';
import { loadAmendments } from '../metering/amendment-store';
import { loadReadings } from '../metering/chain-store';
import { keys } from '../keys';
import { meters } from '../registry/registry-store';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

/** The events of prosumers under orders: small state machines that aggregator and prosumer move in turn. */
export const flexEvents = new RowKeeper(rowCodec(flexEventCodec), keys.flexEvent);
const eventPlaces = new RowKeeper(rowCodec(eventPlaceCodec), keys.eventPlace);
const placeRow = rowCodec(eventPlaceCodec);
/** What prosumers did in a slot of an order; written again where readings came late. */
export const performances = new RowKeeper(rowCodec(performanceCodec), keys.performance);

/** Writes an event, and the row by which its prosumer's events are found in time. */
export function saveEvent(store: StoreSession, event: FlexEvent): void {
  const { firstSlot, orderId, participantId } = event;
  flexEvents.save(store, event, orderId, participantId);
  eventPlaces.save(store, { orderId, participantId, firstSlot }, participantId, firstSlot, orderId);
}

/** Where the events of a prosumer are that begin from one slot to another, in order of time. */
export async function loadEventPlaces(
  store: StoreSession,
  participantId: ParticipantId,
  fromSlot: Slot,
  toSlot: Slot,
): Promise<readonly EventPlace[]> {
  const rows = await store.rangeOfRows(
    keys.eventPlacesFrom(participantId, fromSlot),
    keys.eventPlacesFrom(participantId, addSlots(toSlot, 1)),
  );
  return rows.map(({ row }) => placeRow.decode(row));
}

/**
 * The events of a prosumer in the month of a slot and in the days before it from which baselines are made. An event that is planned again
 * for other hours leaves its earlier place behind, which is passed over.
 */
export async function loadEventsAround(
  store: StoreSession,
  participantId: ParticipantId,
  firstSlot: Slot,
): Promise<readonly FlexEvent[]> {
  const month = monthOf(firstSlot);
  const lookBack = dayStart(firstSlot) - limits.baselineLookBackDaysMax * slotsPerDay;
  const fromSlot = slot(Math.max(0, Math.min(month.fromSlot, lookBack)));
  const places = await loadEventPlaces(store, participantId, fromSlot, addSlots(month.toSlot, -1));
  const events = await Promise.all(
    places.map(async (place) => {
      const row = await flexEvents.load(store, place.orderId, participantId);
      const event = present(row, 'A listed event exists.');
      return event.firstSlot === place.firstSlot ? [event] : [];
    }),
  );
  return events.flat();
}

/** Loads what some meters have recorded from one slot to another; a submit conflicts with a block of theirs that commits first. */
export async function loadEventReadings(
  store: StoreSession,
  meterIds: readonly MeterId[],
  fromSlot: Slot,
  toSlot: Slot,
): Promise<EventReadings> {
  const loaded = await Promise.all(
    meterIds.map(async (meterId) => {
      const [meter, readings, amendments] = await Promise.all([
        meters.load(store, meterId),
        loadReadings(store, meterId, fromSlot, toSlot),
        loadAmendments(store, meterId, fromSlot, toSlot),
      ]);
      return { firstSlot: present(meter, 'The meter of an event exists.').firstSlot, readings, amendments };
    }),
  );
  const totalsAt = (at: Slot): readonly MeterTotal[] =>
    loaded
      .filter(({ firstSlot }) => firstSlot <= at)
      .map(({ amendments, readings }) => currentTotal(readings, amendments, at));
  return { totalsAt, get: (at) => (at < fromSlot || at > toSlot ? undefined : baselineReadingOf(totalsAt(at))) };
}
