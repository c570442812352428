import { limits } from '../../limits';
import { dayStart, slotsPerDay, type Slot } from '../../time';
import { daysBefore, endOf, measuredWh, type BaselineReadings, type Window } from './readings';
import type { BaselineRule } from './rule';

/** What decides which earlier days a baseline may be made from. */
export interface DaysAsked {
  readonly rule: BaselineRule;
  /** The hours of the event. */
  readonly event: Window;
  /** The slot of the notice: what lies after it has not been read by then. */
  readonly noticeSlot: Slot;
  readonly readings: BaselineReadings;
  /** The first slots of the UTC days on which the same connection had an event. */
  readonly eventDays: ReadonlySet<Slot>;
}

/** An earlier day: the same hours on it, and how long ago it was. */
export interface EligibleDay {
  readonly window: Window;
  readonly daysAgo: number;
  /** Net energy of each interval of the window. */
  readonly energiesWh: readonly bigint[];
}

/** Days from 1 January 1970, a Thursday, on; 0 is a Monday. */
const WEEKDAY_OF_EPOCH = 3;
const FIRST_WEEKEND_DAY = 5;

/** Whether a UTC day resembles working days or days of rest: Saturday, Sunday and holidays. */
export function dayTypeOf(at: Slot, holidays: ReadonlySet<Slot>): 'working-day' | 'rest-day' {
  const day = dayStart(at);
  const weekday = (day / slotsPerDay + WEEKDAY_OF_EPOCH) % 7;
  return weekday >= FIRST_WEEKEND_DAY || holidays.has(day) ? 'rest-day' : 'working-day';
}

/**
 * The most recent days before the event that may make its baseline, the latest first, at most so many: of the same day type, neither
 * a holiday nor a day with an event, with these hours (and others that the caller asks for) measured and read before the notice.
 */
export function eligibleDays(
  asked: DaysAsked,
  daysMax: number,
  alsoNeeded: readonly Window[] = [],
): readonly EligibleDay[] {
  const { rule, event, noticeSlot, readings } = asked;
  const found: EligibleDay[] = [];
  const lookBackDays = Math.min(
    rule.lookBackDays ?? limits.baselineLookBackDaysMax,
    Math.floor(event.firstSlot / slotsPerDay) - 1,
  );
  for (let daysAgo = 1; daysAgo <= lookBackDays && found.length < daysMax; daysAgo += 1) {
    const window = daysBefore(event, daysAgo);
    const needed = [window, ...alsoNeeded.map((other) => daysBefore(other, daysAgo))];
    const isPast = needed.every((other) => endOf(other) <= noticeSlot);
    const energiesWh = isPast && mayCount(asked, window) ? measuredWh(readings, window) : undefined;
    if (energiesWh !== undefined && needed.every((other) => measuredWh(readings, other) !== undefined)) {
      found.push({ window, daysAgo, energiesWh });
    }
  }
  return found;
}

function mayCount({ rule, event, eventDays }: DaysAsked, window: Window): boolean {
  const holidays = new Set(rule.holidays ?? []);
  const day = dayStart(window.firstSlot);
  const isAlike = dayTypeOf(day, holidays) === dayTypeOf(event.firstSlot, holidays);
  return isAlike && !holidays.has(day) && !eventDays.has(day);
}
