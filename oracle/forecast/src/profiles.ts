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

/** Days that make a profile. */
const PROFILE_DAYS = 35;

/** Profiles of both types of day as known at a step: by kind, type and step of the day. */
export class Profiles {
  readonly values: Float64Array;

  constructor(
    private readonly grid: StepGrid,
    readonly kinds: readonly ProfileKind[],
    private readonly rows: Float64Array,
    /** The first step that is not known. */
    private readonly end: number,
    fallback: Float64Array,
  ) {
    this.values = new Float64Array(kinds.length * 2 * grid.perDay);
    const lastDay = Math.floor((end - 1) / grid.perDay);
    const firstDay = Math.max(0, lastDay - PROFILE_DAYS + 1);
    const days = Math.max(0, lastDay - firstDay + 1);
    const found = new Float64Array(days);
    const ages = new Uint8Array(days);
    const types = new Uint8Array(days);
    for (let step = 0; step < grid.perDay; step += 1) {
      const count = this.#gather(step, firstDay, lastDay, found, ages, types);
      this.#weigh(step, count, found, ages, types, fallback[step] ?? 0);
    }
  }

  /** The profile's value of a kind at a step of the series. */
  at(kind: number, step: number): number {
    const { perDay } = this.grid;
    const day = Math.floor(step / perDay);
    return this.values[(kind * 2 + this.grid.typeOf(day)) * perDay + step - day * perDay] ?? 0;
  }

  /** The known values of a step of the day, the least first, with the age and the type of their days. */
  #gather(
    step: number,
    firstDay: number,
    lastDay: number,
    found: Float64Array,
    ages: Uint8Array,
    types: Uint8Array,
  ): number {
    let count = 0;
    for (let day = lastDay; day >= firstDay; day -= 1) {
      const index = day * this.grid.perDay + step;
      const value = this.rows[index] ?? Number.NaN;
      if (index >= this.end || Number.isNaN(value)) continue;
      const place = placeOf(value, found, count);
      found.copyWithin(place + 1, place, count);
      ages.copyWithin(place + 1, place, count);
      types.copyWithin(place + 1, place, count);
      found[place] = value;
      ages[place] = lastDay - day;
      types[place] = this.grid.typeOf(day);
      count += 1;
    }
    return count;
  }

  #weigh(
    step: number,
    count: number,
    found: Float64Array,
    ages: Uint8Array,
    types: Uint8Array,
    fallback: number,
  ): void {
    let sums: DecayedSums | undefined;
    for (const [kind, { middle, decay, otherType }] of this.kinds.entries()) {
      const powers = powersOf(decay);
      // Kinds of one decay stand together, so that their sums are made once.
      if (sums?.decay !== decay) sums = decayedSums(decay, powers, count, found, ages, types);
      for (let type = 0; type < 2; type += 1) {
        const [own, other] = type === 0 ? [sums.first, sums.second] : [sums.second, sums.first];
        const weight = own.weight + otherType * other.weight;
        const weightOf = (index: number): number =>
          (powers[ages[index] ?? 0] ?? 0) * (types[index] === type ? 1 : otherType);
        let value = fallback;
        if (count > 0 && middle === 'mean') value = (own.energy + otherType * other.energy) / weight;
        else if (count > 0) value = found[medianPlace(weight, count, weightOf)] ?? 0;
        this.values[(kind * 2 + type) * this.grid.perDay + step] = value;
      }
    }
  }
}

/** The first of the values in order up to which half of the weight lies. */
function medianPlace(weight: number, count: number, weightOf: (index: number) => number): number {
  let passed = 0;
  let index = 0;
  for (; index < count - 1; index += 1) {
    passed += weightOf(index);
    if (passed * 2 >= weight) break;
  }
  return index;
}

/** Energy and weight of the days of both types, by a decay. */
interface DecayedSums {
  readonly decay: number;
  readonly first: { energy: number; weight: number };
  readonly second: { energy: number; weight: number };
}

function decayedSums(
  decay: number,
  powers: Float64Array,
  count: number,
  found: Float64Array,
  ages: Uint8Array,
  types: Uint8Array,
): DecayedSums {
  const first = { energy: 0, weight: 0 };
  const second = { energy: 0, weight: 0 };
  for (let index = 0; index < count; index += 1) {
    const weight = powers[ages[index] ?? 0] ?? 0;
    const sums = types[index] === 0 ? first : second;
    sums.energy += weight * (found[index] ?? 0);
    sums.weight += weight;
  }
  return { decay, first, second };
}

/** Where a value belongs among the first ones, which stand in order. */
function placeOf(value: number, found: Float64Array, count: number): number {
  let place = count;
  while (place > 0 && (found[place - 1] ?? 0) > value) place -= 1;
  return place;
}

const knownPowers = new Map<number, Float64Array>();

function powersOf(decay: number): Float64Array {
  const known = knownPowers.get(decay) ?? Float64Array.from({ length: PROFILE_DAYS + 1 }, (_, age) => decay ** age);
  knownPowers.set(decay, known);
  return known;
}
