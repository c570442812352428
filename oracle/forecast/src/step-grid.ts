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
  /** Wh of all of them. */
  readonly energy: number;
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
  /** Quarter hours by which steps begin after the hour or half hour. */
  readonly phase: number;
  /** Steps from 1970 to the first. */
  readonly firstStep: number;
  readonly #firstSlot: number;
  /** The step of each quarter hour from the first to the time. */
  readonly #steps: Int32Array;
  readonly #weekend: Uint8Array;

  constructor(
    calendar: Calendar,
    readonly at: Slot,
    horizon: Horizon,
  ) {
    this.#calendar = calendar;
    this.stepSlots = stepSlotsOf(horizon);
    this.perDay = slotsPerDay / this.stepSlots;
    this.phase = calendar.localTimeOf(at).quarter % this.stepSlots;
    this.#firstSlot = Math.max(at - DAYS_KEPT * slotsPerDay, slotsPerDay);
    const now = this.#absoluteStep(at);
    const first = at > this.#firstSlot ? this.#absoluteStep(this.#firstSlot) : now;
    this.month = new Date(calendar.localTimeOf(at).day * MILLISECONDS_PER_DAY).getUTCMonth();
    this.firstStep = Math.floor(first / this.perDay) * this.perDay;
    this.end = now - this.firstStep;
    this.#steps = new Int32Array(Math.max(0, at - this.#firstSlot));
    for (let index = 0; index < this.#steps.length; index += 1) {
      this.#steps[index] = this.#absoluteStep(this.#firstSlot + index) - this.firstStep;
    }
    const firstDay = this.firstStep / this.perDay;
    this.#weekend = Uint8Array.from({ length: Math.floor(this.end / this.perDay) + 3 }, (_, day) =>
      calendar.weekdayOf(firstDay + day) >= SATURDAY ? 1 : 0,
    );
  }

  /** The step in which an interval begins. */
  stepOf({ slot }: ForecastInterval): number {
    return this.#absoluteStep(slot) - this.firstStep;
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

  #whole(sums: Float64Array, counts: Uint8Array): Omit<StepSeries, 'isNeverNegative'> {
    let known = 0;
    let energy = 0;
    for (let step = 0; step < sums.length; step += 1) {
      const count = counts[step] ?? 0;
      const value = count * 2 < this.stepSlots ? Number.NaN : ((sums[step] ?? 0) * this.stepSlots) / count;
      sums[step] = value;
      if (Number.isNaN(value)) continue;
      known += 1;
      energy += value;
    }
    return { values: sums, known, energy };
  }

  #absoluteStep(slot: number): number {
    return Math.floor((this.#calendar.localQuarterOf(slot) - this.phase) / this.stepSlots);
  }
}
