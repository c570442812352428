import {
  addSlots,
  demand,
  knownProgramme,
  measuredEnd,
  trackedSpan,
  measureSlot,
  measureWhole,
  type EventMeasured,
  type FlexEvent,
  type Performance,
  type Slot,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { hasBegun } from '../../store/clock-store';
import { loadEventReadings } from '../../store/flexibility/event-store';
import { programmes } from '../../store/flexibility/programme-store';

/** What a prosumer did in a slot of its event. Refuses a slot that has not ended (FLEX_EVENT_NOT_OVER). */
export async function trackEvent(context: GridContext, event: FlexEvent, at: Slot): Promise<Performance> {
  await demandEnded(context, addSlots(at, 1));
  return measureSlot(await loadMeasured(context, event, at), at);
}

/** An event measured as a whole, with its lines. Refuses one that is not over, its rebound included (FLEX_EVENT_NOT_OVER). */
export async function measureEvent(
  context: GridContext,
  event: FlexEvent,
): Promise<{ readonly event: FlexEvent; readonly lines: readonly Performance[] }> {
  const end = measuredEnd(event);
  await demandEnded(context, end);
  return measureWhole(await loadMeasured(context, event, addSlots(end, -1)));
}

async function demandEnded({ session }: GridContext, end: Slot): Promise<void> {
  demand(await hasBegun(session, end), 'FLEX_EVENT_NOT_OVER', { slot: addSlots(end, -1) });
}

async function loadMeasured(context: GridContext, event: FlexEvent, toSlot: Slot): Promise<EventMeasured> {
  const { session } = context;
  const { baseline, eventId, meterIds, programmeId, state } = event;
  demand(baseline !== undefined, 'FLEX_EVENT_CLOSED', { eventId, state });
  const isComplete = await hasBegun(session, baseline.completeSlot);
  demand(isComplete, 'FLEX_BASELINE_OPEN', { eventId, completeSlot: baseline.completeSlot });
  const { terms } = knownProgramme(await programmes.load(session, programmeId), programmeId);
  const signalled = { ...event, baseline };
  const span = trackedSpan(signalled, toSlot);
  const readings = await loadEventReadings(session, meterIds, span.fromSlot, span.toSlot);
  return { event: signalled, tolerancePpm: terms.tolerancePpm, readings };
}
