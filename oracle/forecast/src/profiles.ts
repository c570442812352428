import type { StepGrid } from './step-grid';

/** How the days before are weighed into the profile of a day. */
export interface ProfileKind {
  /** A mean follows the energy, a median what is most often the case. */
  readonly middle: 'mean' | 'median';
  /** Weight of a day by that of the day after it. */
  readonly decay: number;
  /** Weight of a day of the other type (working day or not). */
  readonly otherType: number;
}

/** The kinds of one decay: their places, and the weight of a day by its age. */
interface Decay {
  readonly powers: Float64Array;
  readonly kinds: readonly { readonly index: number; readonly isMean: boolean; readonly otherType: number }[];
}

/** Days that make a profile. */
export const PROFILE_DAYS = 35;

const TYPES = 2;

/**
 * Profiles of both types of day as known at a step, which moves on day by day: of each step of the day the known values stay in order, so
 * that a day more is one value more and one less.
 */
export class Profiles {
  /** By type of day, then by step of the day: the values of all kinds side by side. */
  readonly values: Float64Array;
  /** How many kinds there are. */
  readonly #kinds: number;
  readonly #decays: readonly Decay[];
  /** By step of the day: known values, the least first (of equals the latest first), and their days; 35 places each. */
  readonly #found: Float64Array;
  readonly #days: Int32Array;
  readonly #counts: Int32Array;
  /** By step of the day: the first day that has not been looked at. */
  readonly #next: Int32Array;
  /** Of the step that is being weighed: the ages, types and weights of the days of its values, and the sums of both types. */
  readonly #ages = new Int32Array(PROFILE_DAYS);
  readonly #types = new Int32Array(PROFILE_DAYS);
  readonly #shares = new Float64Array(PROFILE_DAYS);
  readonly #energies = new Float64Array(TYPES);
  readonly #weights = new Float64Array(TYPES);
  #usesFallback = false;

  constructor(
    private readonly grid: StepGrid,
    kinds: readonly ProfileKind[],
    private readonly rows: Float64Array,
    private readonly fallback: Float64Array,
  ) {
    const { perDay } = grid;
    this.#kinds = kinds.length;
    this.values = new Float64Array(TYPES * perDay * kinds.length);
    this.#found = new Float64Array(perDay * PROFILE_DAYS);
    this.#days = new Int32Array(perDay * PROFILE_DAYS);
    this.#counts = new Int32Array(perDay);
    this.#next = new Int32Array(perDay);
    this.#decays = decaysOf(kinds);
  }

  /** Whether some step of the day had no value, so that the fallback stands in. */
  get usesFallback(): boolean {
    return this.#usesFallback;
  }

  /** Takes what is known before a step, which lies behind that of the call before. */
  moveTo(end: number): void {
    const lastDay = Math.floor((end - 1) / this.grid.perDay);
    this.#usesFallback = false;
    for (let step = 0; step < this.grid.perDay; step += 1) {
      this.#dropBefore(step, lastDay - PROFILE_DAYS + 1);
      this.#takeUntil(step, lastDay, end);
      this.#weigh(step, lastDay);
    }
  }

  /** Where the values of all kinds for a step of the series begin in `values`. */
  placeOf(step: number): number {
    const { perDay } = this.grid;
    const day = Math.floor(step / perDay);
    return (this.grid.typeOf(day) * perDay + step - day * perDay) * this.#kinds;
  }

  #dropBefore(step: number, firstDay: number): void {
    const base = step * PROFILE_DAYS;
    const end = base + (this.#counts[step] ?? 0);
    let kept = base;
    for (let place = base; place < end; place += 1) {
      const day = this.#days[place] ?? 0;
      if (day < firstDay) continue;
      this.#days[kept] = day;
      this.#found[kept] = this.#found[place] ?? 0;
      kept += 1;
    }
    this.#counts[step] = kept - base;
    this.#next[step] = Math.max(this.#next[step] ?? 0, firstDay);
  }

  #takeUntil(step: number, lastDay: number, end: number): void {
    const { perDay } = this.grid;
    let day = this.#next[step] ?? 0;
    for (; day <= lastDay && day * perDay + step < end; day += 1) {
      const value = this.rows[day * perDay + step] ?? Number.NaN;
      if (!Number.isNaN(value)) this.#insert(step, day, value);
    }
    this.#next[step] = day;
  }

  #insert(step: number, day: number, value: number): void {
    const base = step * PROFILE_DAYS;
    const count = this.#counts[step] ?? 0;
    let place = base + count;
    for (; place > base; place -= 1) {
      const before = this.#found[place - 1] ?? 0;
      if (before < value) break;
      this.#found[place] = before;
      this.#days[place] = this.#days[place - 1] ?? 0;
    }
    this.#found[place] = value;
    this.#days[place] = day;
    this.#counts[step] = count + 1;
  }

  /** Works out the values of all kinds at a step of the day. */
  #weigh(step: number, lastDay: number): void {
    const base = step * PROFILE_DAYS;
    const count = this.#counts[step] ?? 0;
    if (count === 0) {
      this.#fallBack(step);
      return;
    }
    for (let index = 0; index < count; index += 1) {
      const day = this.#days[base + index] ?? 0;
      this.#ages[index] = lastDay - day;
      this.#types[index] = this.grid.typeOf(day);
    }
    for (const decay of this.#decays) this.#weighDecay(step, count, decay);
  }

  #fallBack(step: number): void {
    this.#usesFallback = true;
    const kinds = this.#kinds;
    for (let type = 0; type < TYPES; type += 1) {
      const place = (type * this.grid.perDay + step) * kinds;
      this.values.fill(this.fallback[step] ?? 0, place, place + kinds);
    }
  }

  /** Works out the kinds of one decay, whose sums are the same. */
  #weighDecay(step: number, count: number, { powers, kinds }: Decay): void {
    const base = step * PROFILE_DAYS;
    this.#sum(base, count, powers);
    for (let type = 0; type < TYPES; type += 1) {
      const place = (type * this.grid.perDay + step) * this.#kinds;
      for (const { index, isMean, otherType } of kinds) {
        this.values[place + index] = isMean
          ? this.#meanOf(type, otherType)
          : this.#medianOf(base, count, type, otherType);
      }
    }
  }

  /** Sums energies and weights of the days of both types. */
  #sum(base: number, count: number, powers: Float64Array): void {
    this.#energies.fill(0);
    this.#weights.fill(0);
    for (let index = 0; index < count; index += 1) {
      const share = powers[this.#ages[index] ?? 0] ?? 0;
      const type = this.#types[index] ?? 0;
      this.#shares[index] = share;
      this.#energies[type] = (this.#energies[type] ?? 0) + share * (this.#found[base + index] ?? 0);
      this.#weights[type] = (this.#weights[type] ?? 0) + share;
    }
  }

  #meanOf(type: number, otherType: number): number {
    const energy = (this.#energies[type] ?? 0) + otherType * (this.#energies[1 - type] ?? 0);
    return energy / this.#weightOf(type, otherType);
  }

  #weightOf(type: number, otherType: number): number {
    return (this.#weights[type] ?? 0) + otherType * (this.#weights[1 - type] ?? 0);
  }

  /** The first of the values in order up to which half of the weight lies. */
  #medianOf(base: number, count: number, type: number, otherType: number): number {
    const weight = this.#weightOf(type, otherType);
    let passed = 0;
    let index = 0;
    for (; index < count - 1; index += 1) {
      passed += (this.#shares[index] ?? 0) * (this.#types[index] === type ? 1 : otherType);
      if (passed * 2 >= weight) break;
    }
    return this.#found[base + index] ?? 0;
  }
}

function decaysOf(kinds: readonly ProfileKind[]): readonly Decay[] {
  return [...new Set(kinds.map(({ decay }) => decay))].map((decay) => ({
    powers: Float64Array.from({ length: PROFILE_DAYS + 1 }, (_, age) => decay ** age),
    kinds: kinds.flatMap((kind, index) =>
      kind.decay === decay ? [{ index, isMean: kind.middle === 'mean', otherType: kind.otherType }] : [],
    ),
  }));
}
