import { dayStart, type Slot } from '../../time';
import { isUnavailable } from '../enrolment/enrolment';
import type { Enrolment } from '../enrolment/rows';
import type { Programme } from '../programme/rows';
import { monthOf } from './months';
import { ispsOfEvent } from './plan';
import type { EventIsp, EventReason, FlexEvent } from './rows';

/** True for an event that counts against what a prosumer wants to be called for at most, and as an event day of its baselines. */
export function counts({ state }: FlexEvent): boolean {
  return state !== 'FAILED' && state !== 'CANCELLED' && state !== 'OPTED_OUT';
}

/** What decides whether a prosumer can be called. */
export interface CallAsked {
  readonly programme: Programme;
  readonly enrolment: Enrolment | undefined;
  readonly isps: readonly EventIsp[];
  /** The prosumer's other events of the month and the days of these slots, in whichever programme. */
  readonly others: readonly FlexEvent[];
}

/** Why a prosumer cannot be called for these slots, or undefined where it can: nobody else's event depends on it. */
export function whyNotCallable({ enrolment, isps, others, programme }: CallAsked): EventReason | undefined {
  if (enrolment?.state !== 'ACTIVE') {
    return 'NOT_ENROLLED';
  }
  const slots = isps.map(({ slot }) => slot);
  if (isUnavailable(enrolment, slots)) {
    return 'UNAVAILABLE';
  }
  const counting = others.filter(counts);
  const [first] = slots;
  const month = first === undefined ? undefined : monthOf(first);
  const calls = counting.filter(
    ({ firstSlot, programmeId }) =>
      programmeId === programme.programmeId &&
      month !== undefined &&
      firstSlot >= month.fromSlot &&
      firstSlot < month.toSlot,
  );
  if (calls.length >= programme.terms.callsPerMonthMax) {
    return 'CALLS_MAX';
  }
  return isComfortable(enrolment, slots, counting) ? undefined : 'COMFORT';
}

function isComfortable({ comfort }: Enrolment, slots: readonly Slot[], others: readonly FlexEvent[]): boolean {
  return [...new Set(slots.map(dayStart))].every((day) => {
    const ownSlots = slots.filter((slot) => dayStart(slot) === day).length;
    const otherSlots = others.map((event) => ispsOfEvent(event).filter(({ slot }) => dayStart(slot) === day).length);
    const events = otherSlots.filter((count) => count > 0).length;
    const called = otherSlots.reduce((total, count) => total + count, ownSlots);
    return events < comfort.eventsPerDayMax && called <= comfort.slotsPerDayMax;
  });
}
