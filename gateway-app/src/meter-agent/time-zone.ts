import { slotSeconds } from '@flexledger/domain';

/** A date and time as a clock on the wall shows it. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const SECONDS_PER_DAY = 86_400;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** The clock of a time zone of the IANA data base, with its changes to and from summer time. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat;
  /** Offsets by hour: rules change at whole hours of UTC or at half ones, and an input asks for thousands of times in order. */
  readonly #offsets = new Map<number, number>();

  /** @throws RangeError for a name that is no time zone */
  constructor(readonly name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /**
   * The moments at which the zone's clock shows this time, the earlier first, in seconds since 1970 UTC: none in the hour that
   * is left out in spring, two in the hour that comes twice in autumn, and none for a date that does not exist.
   */
  momentsOf(wall: WallTime): readonly number[] {
    const shown = secondsAsUtc(wall);
    if (shown === undefined) return [];
    const offsets = new Set([
      this.#offsetSeconds(shown - SECONDS_PER_DAY),
      this.#offsetSeconds(shown + SECONDS_PER_DAY),
    ]);
    return [...offsets]
      .map((offset) => shown - offset)
      .filter((moment) => moment + this.#offsetSeconds(moment) === shown)
      .sort((left, right) => left - right);
  }

  /** The moment at which a quarter hour of a local day begins, counted from 1; undefined when the day has no such quarter. */
  quarterOfDay(date: string, quarter: number): number | undefined {
    const start = this.#dayStart(date, 0);
    const end = this.#dayStart(date, 1);
    if (start === undefined || end === undefined || quarter < 1) return undefined;
    const moment = start + (quarter - 1) * slotSeconds;
    return moment < end ? moment : undefined;
  }

  #dayStart(date: string, daysLater: number): number | undefined {
    const [, year, month, day] = DATE.exec(date) ?? [];
    const midnight = secondsAsUtc({ ...ZERO, year: Number(year), month: Number(month), day: Number(day) });
    if (midnight === undefined) return undefined;
    const later = new Date((midnight + daysLater * SECONDS_PER_DAY) * 1000);
    const wall = { ...ZERO, year: later.getUTCFullYear(), month: later.getUTCMonth() + 1, day: later.getUTCDate() };
    // Where clocks change at midnight, the day begins at one o'clock.
    return this.momentsOf(wall)[0] ?? this.momentsOf({ ...wall, hour: 1 })[0];
  }

  #offsetSeconds(moment: number): number {
    const halfHour = Math.floor(moment / 1800);
    let offset = this.#offsets.get(halfHour);
    if (offset === undefined) {
      const shown = this.#shownSeconds(halfHour * 1800);
      offset = shown - halfHour * 1800;
      this.#offsets.set(halfHour, offset);
    }
    return offset;
  }

  #shownSeconds(moment: number): number {
    const parts = new Map(this.#format.formatToParts(moment * 1000).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const date = [part('year'), part('month') - 1, part('day')] as const;
    return Date.UTC(...date, part('hour'), part('minute'), part('second')) / 1000;
  }
}

const ZERO = { hour: 0, minute: 0, second: 0 };

/** The date so many days after another one; both as YYYY-MM-DD. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * SECONDS_PER_DAY * 1000).toISOString().slice(0, 10);
}

/** Seconds since 1970 of a wall time in UTC; undefined where the calendar or the clock has no such time. */
export function secondsAsUtc({ year, month, day, hour, minute, second }: WallTime): number | undefined {
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const same =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return same ? date.getTime() / 1000 : undefined;
}
