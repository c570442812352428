import { addSlots, slotsPerHour } from '../../time';
import { endOf, type Window } from './readings';
import type { BaselineAdjustment, BaselineMethod } from './rule';

/** The window of every adjustment begins so long before the event. */
const adjustmentBeginsBeforeSlots = 4 * slotsPerHour;
/** PJM's same-day baseline: three hours before the event and two after it, one hour on either side left out. */
const sameDayHoursBefore = 3;
const sameDayHoursAfter = 2;
const sameDayHoursLeftOut = 1;

/** The hours whose measurements adjust a baseline, or undefined where nothing does. */
export function adjustmentWindow(adjustment: BaselineAdjustment, event: Window): Window | undefined {
  if (adjustment === 'none') {
    return undefined;
  }
  const hours = adjustment === 'additive-3h' ? 3 : 2;
  return hoursFrom(event, -adjustmentBeginsBeforeSlots, hours);
}

/** The hours of the day itself that a method averages, and that it can read only later; none for most methods. */
export function sameDayHours(method: BaselineMethod, event: Window): readonly Window[] {
  switch (method) {
    case 'same-day': {
      const eventSlots = event.intervals * event.intervalSlots;
      const before = -(sameDayHoursBefore + sameDayHoursLeftOut) * slotsPerHour;
      const after = eventSlots + sameDayHoursLeftOut * slotsPerHour;
      return [hoursFrom(event, before, sameDayHoursBefore), hoursFrom(event, after, sameDayHoursAfter)];
    }
    case 'last-full-interval': {
      const firstSlot = addSlots(event.firstSlot, -event.intervalSlots);
      return [{ firstSlot, intervals: 1, intervalSlots: event.intervalSlots }];
    }
    default:
      return [];
  }
}

/** The latest end of some windows. */
export function latestEnd(windows: readonly Window[]): number {
  return Math.max(0, ...windows.map(endOf));
}

function hoursFrom({ firstSlot, intervalSlots }: Window, slotsLater: number, hours: number): Window {
  const intervals = (hours * slotsPerHour) / intervalSlots;
  return { firstSlot: addSlots(firstSlot, slotsLater), intervals, intervalSlots };
}
