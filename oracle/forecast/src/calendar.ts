import { slot, slotSeconds, slotsPerDay, type Slot } from '@flexledger/domain';
import { ForecastError } from './errors';

const SECONDS_PER_DAY = 86_400;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const SUNDAY = 6;

/** Where a quarter hour lies on the clock and in the week of a place. */
export interface LocalTime {
  /** Days since 1970-01-01 on the local calendar. */
  readonly day: number;
  /** The quarter hour on the clock on the wall, 0 to 95; on the day when clocks go back some come twice. */
  readonly quarter: number;
}

/** The local days of a time zone, with its changes to and from summer time, and its holidays. */
export class Calendar {
  readonly #format: Intl.DateTimeFormat;
  /** Offsets in seconds by UTC day; by half hour on the days on which the offset changes. */
  readonly #ofDay = new Map<number, number | undefined>();
  readonly #ofSlot = new Map<number, number>();
  /** The last day that was asked for, as most questions are about the same day as the one before. */
  #lastDay = Number.NaN;
  #ofLastDay: number | undefined;
  readonly #holidays: ReadonlySet<number>;

  /** @throws ForecastError FORECAST_TIME_ZONE or FORECAST_HOLIDAY */
  constructor(timeZone: string, holidays: readonly string[] = []) {
    this.#format = formatOf(timeZone);
    this.#holidays = new Set(holidays.map(dayOfDate));
  }

  /** The quarter hours from 1970 to a time as the clock on the wall counts them: 96 a day. */
  localQuarterOf(at: number): number {
    return Math.floor((at * slotSeconds + this.#offsetSeconds(at)) / slotSeconds);
  }

  localTimeOf(at: number): LocalTime {
    const local = at * slotSeconds + this.#offsetSeconds(at);
    const day = Math.floor(local / SECONDS_PER_DAY);
    return { day, quarter: Math.floor((local - day * SECONDS_PER_DAY) / slotSeconds) };
  }

  /** The first quarter hour of a local day. */
  startOf(day: number): Slot {
    const midnight = day * slotsPerDay;
    // Offsets lie within a day; where clocks change at midnight, the day begins with its first quarter hour that there is.
    let at = Math.max(midnight - slotsPerDay, 0);
    while (this.localTimeOf(at).day < day) at += this.localTimeOf(at + 4).day < day ? 4 : 1;
    return slot(at);
  }

  /** 0 for a Monday to 6 for a Sunday; a holiday is as a Sunday. */
  weekdayOf(day: number): number {
    return this.#holidays.has(day) ? SUNDAY : (day + 3) % 7;
  }

  #offsetSeconds(at: number): number {
    const utcDay = Math.floor(at / slotsPerDay);
    if (utcDay !== this.#lastDay) {
      this.#ofLastDay = this.#offsetOfDay(utcDay);
      this.#lastDay = utcDay;
    }
    return this.#ofLastDay ?? this.#changingOffset(at);
  }

  /** The offset of a UTC day; undefined where it changes. */
  #offsetOfDay(utcDay: number): number | undefined {
    if (!this.#ofDay.has(utcDay)) {
      const start = this.#shown(utcDay * slotsPerDay);
      this.#ofDay.set(utcDay, start === this.#shown((utcDay + 1) * slotsPerDay) ? start : undefined);
    }
    return this.#ofDay.get(utcDay);
  }

  #changingOffset(at: number): number {
    const known = this.#ofSlot.get(at);
    if (known !== undefined) return known;
    const offset = this.#shown(at);
    this.#ofSlot.set(at, offset);
    return offset;
  }

  #shown(at: number): number {
    const seconds = at * slotSeconds;
    const parts = new Map(this.#format.formatToParts(seconds * 1_000).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    return shown / 1_000 - seconds;
  }
}

/** @throws ForecastError FORECAST_HOLIDAY for a text that is no date */
function dayOfDate(date: string): number {
  const milliseconds = DATE.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  const isReal = Number.isFinite(milliseconds) && new Date(milliseconds).toISOString().startsWith(date);
  if (!isReal) throw new ForecastError('FORECAST_HOLIDAY', `${JSON.stringify(date.slice(0, 40))} is no date`);
  return milliseconds / 1_000 / SECONDS_PER_DAY;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    const name = JSON.stringify(timeZone.slice(0, 60));
    throw new ForecastError('FORECAST_TIME_ZONE', `${name} is no time zone`, { cause: error });
  }
}
