import type { FaultCode } from './fault-codes';
import { addDays, secondsAsUtc, TimeZone, type WallTime } from './time-zone';

/** Where a line has its time: in one column, or as a day and the number of a quarter hour of that local day, counted from 1. */
export type CsvTime =
  | {
      readonly column: string;
      /** Whether the time is that of the beginning or of the end of the period. */
      readonly stamp: 'start' | 'end';
    }
  | {
      /** Column with a date (YYYY-MM-DD), or with the number of the day when `firstDay` is given. */
      readonly dayColumn: string;
      readonly quarterColumn: string;
      /** The date of day 1. */
      readonly firstDay?: string | undefined;
    };

/** The moment of a line, or why it has none. */
export type LineTime = { readonly seconds: number } | { readonly code: FaultCode; readonly sentence: string };

const OFFSET = /(?:Z|([+-])(\d{2}):?(\d{2}))$/;
/** A fraction of a second does not matter. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?$/;
/** As in most of Europe: day, month, year. */
const DOTTED = /^(\d{1,2})\.(\d{1,2})\.(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DAYS_MAX = 100_000;

/** Reads the times of lines that come in the order of time. */
export class CsvClock {
  readonly #zone: TimeZone;
  readonly #time: CsvTime;
  readonly #columns: readonly number[];

  /** `columnOf` gives the number of a column by its name, or throws. */
  constructor(time: CsvTime, zone: string, columnOf: (name: string) => number) {
    this.#zone = new TimeZone(zone);
    this.#time = time;
    this.#columns = ('column' in time ? [time.column] : [time.dayColumn, time.quarterColumn]).map(columnOf);
  }

  /** The moment of a line that stands after one of `lastSeconds`; of two possible moments the first that is later. */
  read(cells: readonly string[], lastSeconds: number | undefined): LineTime {
    const shown = this.#columns.map((column) => (cells[column] ?? '').trim());
    const [first = '', second = ''] = shown;
    const moments = 'column' in this.#time ? this.#momentsOf(first) : this.#quarterOf(first, second);
    const text = shown.join(' / ');
    if (moments === undefined) return { code: 'CSV_TIME', sentence: `"${text}" is no time that can be read` };
    const seconds = moments.find((moment) => lastSeconds === undefined || moment > lastSeconds);
    if (seconds !== undefined) return { seconds };
    if (moments.length > 0) {
      return { code: 'CSV_TIME_BACK', sentence: `"${text}" is not later than the line before` };
    }
    return { code: 'CSV_TIME_NOT_IN_ZONE', sentence: `"${text}" does not exist in ${this.#zone.name}` };
  }

  #momentsOf(text: string): readonly number[] | undefined {
    const offset = OFFSET.exec(text);
    const wall = wallTimeOf(offset === null ? text : text.slice(0, offset.index));
    if (wall === undefined) return undefined;
    if (offset === null) return this.#zone.momentsOf(wall);
    const shown = secondsAsUtc(wall);
    const [, sign = '+', hours = '0', minutes = '0'] = offset;
    const ahead = (Number(hours) * 60 + Number(minutes)) * 60 * (sign === '-' ? -1 : 1);
    return shown === undefined ? [] : [shown - ahead];
  }

  #quarterOf(day: string, quarter: string): readonly number[] | undefined {
    if (!/^\d{1,3}$/.test(quarter)) return undefined;
    const firstDay = 'firstDay' in this.#time ? this.#time.firstDay : undefined;
    if (firstDay === undefined) return DATE.test(day) ? this.#quarter(day, quarter) : undefined;
    const number = /^\d{1,6}$/.test(day) ? Number(day) : 0;
    return number < 1 || number > DAYS_MAX ? undefined : this.#quarter(addDays(firstDay, number - 1), quarter);
  }

  #quarter(date: string, quarter: string): readonly number[] {
    const moment = this.#zone.quarterOfDay(date, Number(quarter));
    return moment === undefined ? [] : [moment];
  }
}

function wallTimeOf(text: string): WallTime | undefined {
  const iso = ISO.exec(text);
  const dotted = DOTTED.exec(text);
  const [year, month, day] = iso?.slice(1, 4) ?? dotted?.slice(1, 4).reverse() ?? [];
  const [hour, minute, second = '0'] = (iso ?? dotted)?.slice(4) ?? [];
  if (year === undefined) return undefined;
  const numbers = { year, month, day, hour, minute, second };
  return Object.fromEntries(
    Object.entries(numbers).map(([name, digits]) => [name, Number(digits)]),
  ) as unknown as WallTime;
}
