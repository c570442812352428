import { slotsPerDay, type Slot } from '@flexledger/domain';
import type { Calendar } from './calendar';
import { stepSlotsOf } from './intervals';
import type { ForecastInterval, Horizon, Series } from './series';

/** Days of readings that are looked at, the last ones. */
const DAYS_KEPT = 70;
const SATURDAY = 5;
const MILLISECONDS_PER_DAY = 86_400_000;

/** A series by the steps of local days: what the clock shows, so that a day has the same steps when the clocks change. */
export interface StepSeries {
  /** Wh of each step, the first day's first step first; NaN where too little of it is known. */
  readonly values: Float64Array;
  /** How many steps have a value. */
  readonly known: number;
  readonly isNeverNegative: boolean;
}

/** Numbers the steps of local days before a time, the same for all series of a forecast. */
export class StepGrid {
  readonly stepSlots: number;
  /** Steps of a day. */
  readonly perDay: number;
  /** Steps before the time: their numbers are 0 to end - 1. */
  readonly end: number;
  /** The month of the time, from 0. */
  readonly month: number;
  readonly #calendar: Calendar;
  readonly #phase: number;
  readonly #firstStep: number;
  readonly #firstSlot: number;
  /** The step of each quarter hour from the first to the time. */
  readonly #steps: Int32Array;
  readonly #weekend: Uint8Array;

  constructor(calendar: Calendar, at: Slot, horizon: Horizon) {
    this.#calendar = calendar;
    this.stepSlots = stepSlotsOf(horizon);
    this.perDay = slotsPerDay / this.stepSlots;
    this.#phase = calendar.localTimeOf(at).quarter % this.stepSlots;
    this.#firstSlot = Math.max(at - DAYS_KEPT * slotsPerDay, slotsPerDay);
    const absolute = Int32Array.from({ length: at - this.#firstSlot }, (_, index) =>
      this.#absoluteStep(this.#firstSlot + index),
    );
    const now = this.#absoluteStep(at);
    this.month = new Date(calendar.localTimeOf(at).day * MILLISECONDS_PER_DAY).getUTCMonth();
    this.#firstStep = Math.floor((absolute[0] ?? now) / this.perDay) * this.perDay;
    this.end = now - this.#firstStep;
    this.#steps = absolute.map((step) => step - this.#firstStep);
    const firstDay = this.#firstStep / this.perDay;
    this.#weekend = Uint8Array.from({ length: Math.floor(this.end / this.perDay) + 3 }, (_, day) =>
      calendar.weekdayOf(firstDay + day) >= SATURDAY ? 1 : 0,
    );
  }

  /** The step in which an interval begins. */
  stepOf({ slot }: ForecastInterval): number {
    return this.#absoluteStep(slot) - this.#firstStep;
  }

  /** 1 for a Saturday, Sunday or holiday, 0 for another day. */
  typeOf(day: number): number {
    return this.#weekend[day] ?? 0;
  }

  /** The series by steps. A step of which half is known stands for the whole; an hour that comes twice is the mean of both. */
  rowsOf({ firstSlot, values }: Series): StepSeries {
    const sums = new Float64Array(this.end);
    const counts = new Uint8Array(this.end);
    const from = Math.max(firstSlot, this.#firstSlot);
    const to = Math.min(firstSlot + values.length, this.#firstSlot + this.#steps.length);
    let least = 0;
    for (let slot = from; slot < to; slot += 1) {
      const value = values[slot - firstSlot] ?? Number.NaN;
      const step = this.#steps[slot - this.#firstSlot] ?? this.end;
      // The step in which the forecast is made is not over.
      if (!Number.isFinite(value) || step >= this.end) continue;
      sums[step] = (sums[step] ?? 0) + value;
      counts[step] = (counts[step] ?? 0) + 1;
      least = Math.min(least, value);
    }
    return { ...this.#whole(sums, counts), isNeverNegative: least >= 0 };
  }

  #whole(sums: Float64Array, counts: Uint8Array): { readonly values: Float64Array; readonly known: number } {
    let known = 0;
    const values = sums.map((energy, step) => {
      const count = counts[step] ?? 0;
      if (count * 2 < this.stepSlots) return Number.NaN;
      known += 1;
      return (energy * this.stepSlots) / count;
    });
    return { values, known };
  }

  #absoluteStep(slot: number): number {
    const { day, quarter } = this.#calendar.localTimeOf(slot);
    return Math.floor((day * slotsPerDay + quarter - this.#phase) / this.stepSlots);
  }
}
