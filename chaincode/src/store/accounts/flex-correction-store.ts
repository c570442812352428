import {
  correctionFromEvent,
  demand,
  imbalanceDeadline,
  ispsOfEvent,
  limits,
  slot,
  type FlexEvent,
  type LineFlexibility,
  type ParticipantId,
  type RuleSet,
  type Slot,
} from '@flexledger/domain';
import { hasBegun } from '../clock-store';
import { flexEvents, loadEventPlaces, performances } from '../flexibility/event-store';
import type { StoreSession } from '../session';

/** The events of a participant that can lie in some slots; nothing is read where the rule set has no flexibility. */
export async function loadEventsIn(
  store: StoreSession,
  { flexibility }: RuleSet,
  participantId: ParticipantId,
  fromSlot: Slot,
  toSlot: Slot,
): Promise<readonly FlexEvent[]> {
  if (flexibility === undefined) {
    return [];
  }
  const first = slot(Math.max(0, fromSlot - limits.eventSlotsMax));
  const places = await loadEventPlaces(store, participantId, first, toSlot);
  const events = await Promise.all(places.map(({ orderId }) => flexEvents.load(store, orderId, participantId)));
  // An event that was planned again for other hours has an earlier place, too.
  return events.flatMap((event, index) => (event?.firstSlot === places[index]?.firstSlot ? (event ?? []) : []));
}

/**
 * What a participant delivered of flexibility in a slot. Refuses with ACCOUNTS_FLEXIBILITY_OPEN while an event in the slot is not tracked; from
 * the deadline of imbalance prices on it counts for nothing, so that nobody's settlement waits for ever.
 */
export async function loadDelivered(
  store: StoreSession,
  events: readonly FlexEvent[],
  at: Slot,
): Promise<readonly LineFlexibility[]> {
  const corrections = await loadCorrections(store, events, at);
  const open = corrections.find(({ correction }) => correction === 'UNTRACKED')?.event;
  if (open !== undefined) {
    const { orderId, participantId } = open;
    const isTooLate = await hasBegun(store, imbalanceDeadline(at));
    demand(isTooLate, 'ACCOUNTS_FLEXIBILITY_OPEN', { orderId, participantId, slot: at });
  }
  return delivered(corrections);
}

/** What of it has been tracked so far; for evaluates. */
export async function loadTracked(
  store: StoreSession,
  events: readonly FlexEvent[],
  at: Slot,
): Promise<readonly LineFlexibility[]> {
  return delivered(await loadCorrections(store, events, at));
}

interface EventCorrection {
  readonly event: FlexEvent;
  readonly correction: ReturnType<typeof correctionFromEvent>;
}

function loadCorrections(
  store: StoreSession,
  events: readonly FlexEvent[],
  at: Slot,
): Promise<readonly EventCorrection[]> {
  const inSlot = events.filter((event) => ispsOfEvent(event).some((isp) => isp.slot === at));
  return Promise.all(
    inSlot.map(async (event) => {
      const { orderId, participantId } = event;
      return {
        event,
        correction: correctionFromEvent(event, await performances.load(store, orderId, at, participantId)),
      };
    }),
  );
}

function delivered(corrections: readonly EventCorrection[]): readonly LineFlexibility[] {
  return corrections.flatMap(({ correction }) => (correction === 'UNTRACKED' ? [] : (correction ?? [])));
}
