import { slotsPerDay, slotsPerHour } from '@flexledger/domain';
import { energyOf, type Series } from '../series';
import { quantileOf } from './alike';
import { at } from './ridge';
import { clearSkyLight, type Place } from './solar';

/** Days whose clearest make up a clear sky. */
const ENVELOPE_DAYS = 30;
/** The part of those days that is not clearer. */
const CLEAR_SHARE = 0.9;
const WEEK = 7;
/** Of what was measured an interval ago counts so much less with each hour. */
const HOURLY_MEMORY = 0.8;

/**
 * What a PV system has made, interval by interval, beside what the sun would let it make. A system's tilt, direction and shading are unknown: its clear sky
 * is what it made on the clearest days of the last thirty at this time of the day, carried along the season by the light on level ground where the place is known.
 */
export class ClearSky {
  /** Slot of the first interval. */
  readonly firstSlot: number;
  readonly intervalSlots: number;
  /** Intervals of a day. */
  readonly perDay: number;
  /** Made in each interval, in Wh; NaN without a reading. */
  readonly made: Float64Array;
  /** Light in each interval; where no place is known 1 day and night. */
  readonly light: Float64Array;
  /** Per light: on the clearest days up to the interval, and as the mean of 1, 3, 7 and 30 days up to it. */
  readonly #clear: Float64Array;
  readonly #means: readonly Float64Array[];
  readonly #madeSums: Float64Array;
  readonly #clearSums: Float64Array;
  readonly #recentMade: Float64Array;
  readonly #recentClear: Float64Array;
  readonly #mostClear: number;

  /** Intervals from a slot to a slot; readings from `before` on are not looked at. */
  constructor(series: Series, from: number, to: number, before: number, intervalSlots: number, place?: Place) {
    this.firstSlot = from;
    this.intervalSlots = intervalSlots;
    this.perDay = slotsPerDay / intervalSlots;
    const count = Math.floor((to - from) / intervalSlots);
    const slotOf = (index: number): number => from + index * intervalSlots;
    this.light = Float64Array.from({ length: count }, (_, index) => lightOf(slotOf(index), intervalSlots, place));
    this.made = Float64Array.from({ length: count }, (_, index) => {
      const energy = slotOf(index + 1) <= before ? energyOf(series, slotOf(index), intervalSlots) : Number.NaN;
      return energy >= 0 ? energy : Number.NaN;
    });
    this.#clear = new Float64Array(count);
    this.#means = [1, 3, WEEK, ENVELOPE_DAYS].map(() => new Float64Array(count));
    for (let index = 0; index < count; index += 1) this.#lookBack(index);
    this.#madeSums = new Float64Array(count + 1);
    this.#clearSums = new Float64Array(count + 1);
    this.#recentMade = new Float64Array(count + 1);
    this.#recentClear = new Float64Array(count + 1);
    this.#addUp(HOURLY_MEMORY ** (intervalSlots / slotsPerHour));
    this.#mostClear = this.#clear.reduce((most, clear, index) => Math.max(most, clear * at(this.light, index)), 0);
  }

  /** The latest interval of the same time of the day that has ended before another one begins. */
  latest(index: number, origin: number): number {
    return index < origin ? index : index - Math.ceil((index - origin + 1) / this.perDay) * this.perDay;
  }

  /** The most that a clear sky has let the system make in any interval, in Wh. */
  get mostClear(): number {
    return this.#mostClear;
  }

  /** What a clear sky lets the system make in an interval, in Wh, as known at the beginning of another one. 0 at night. */
  clear(index: number, origin: number): number {
    return at(this.#clear, this.latest(index, origin)) * at(this.light, index);
  }

  /** The means of the same time of 1, 3, 7 and 30 days in the light of an interval, in Wh, as known at the beginning of another one. */
  means(index: number, origin: number): readonly number[] {
    const latest = this.latest(index, origin);
    return this.#means.map((means) => at(means, latest) * at(this.light, index));
  }

  /** What was made between two intervals as a share of what a clear sky would have let; a half where there was no light. */
  share(from: number, to: number): number {
    const clear = at(this.#clearSums, Math.max(to, 0)) - at(this.#clearSums, Math.max(from, 0));
    const made = at(this.#madeSums, Math.max(to, 0)) - at(this.#madeSums, Math.max(from, 0));
    return shareOf(made, clear);
  }

  /** The same with the latest hours counting most. */
  recentShare(to: number): number {
    return shareOf(at(this.#recentMade, to), at(this.#recentClear, to));
  }

  /** The days up to an interval at its time of the day, latest first. */
  #lookBack(index: number): void {
    const perLight: number[] = [];
    for (let day = 0; day < ENVELOPE_DAYS; day += 1) {
      const past = index - day * this.perDay;
      const light = at(this.light, past);
      const made = this.made[past] ?? Number.NaN;
      if (light > 0 && Number.isFinite(made)) perLight.push(made / light);
    }
    if (perLight.length === 0) return;
    let sum = 0;
    let counted = 0;
    [1, 3, WEEK, ENVELOPE_DAYS].forEach((days, place) => {
      for (; counted < Math.min(days, perLight.length); counted += 1) sum += perLight[counted] ?? 0;
      const means = this.#means[place];
      if (means !== undefined) means[index] = sum / counted;
    });
    this.#clear[index] = quantileOf(Float64Array.from(perLight).sort(), CLEAR_SHARE);
  }

  #addUp(memory: number): void {
    for (let index = 0; index < this.made.length; index += 1) {
      const made = this.made[index] ?? Number.NaN;
      const known = Number.isFinite(made);
      // As it was known a day before, so that a clear interval does not make its own sky.
      const clear = known ? at(this.#clear, index - this.perDay) * at(this.light, index) : 0;
      const energy = known && clear > 0 ? made : 0;
      this.#madeSums[index + 1] = at(this.#madeSums, index) + energy;
      this.#clearSums[index + 1] = at(this.#clearSums, index) + clear;
      this.#recentMade[index + 1] = at(this.#recentMade, index) * memory + energy;
      this.#recentClear[index + 1] = at(this.#recentClear, index) * memory + clear;
    }
  }
}

const MOST_OF_CLEAR = 1.5;

function shareOf(made: number, clear: number): number {
  return clear > 1e-6 ? Math.min(Math.max(made / clear, 0), MOST_OF_CLEAR) : 0.5;
}

function lightOf(from: number, slots: number, place: Place | undefined): number {
  if (place === undefined) return 1;
  let light = 0;
  for (let slot = from; slot < from + slots; slot += 1) light += clearSkyLight(slot, place);
  return light / slots;
}
