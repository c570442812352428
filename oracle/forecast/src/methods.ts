import { slotsPerHour } from '@flexledger/domain';
import { PROFILE_DAYS, Profiles, type ProfileKind } from './profiles';
import type { Horizon } from './series';
import type { StepGrid } from './step-grid';

/** How the energy just before a forecast moves it away from the profile. Half-lives are in hours. */
export interface LevelKind {
  /** Half-life of the ratio of energy to profile that lasts; null where the profile stands as it is. */
  readonly lasting: number | null;
  /** Half-life of the ratio that fades; null for none. */
  readonly passing: number | null;
  /** What is left of the passing ratio after an hour. */
  readonly fade: number;
  /** Whether the level shifts the profile by an amount, as for net energy near zero, and does not multiply it. */
  readonly isShift: boolean;
}

const PROFILE_KINDS: readonly ProfileKind[] = [
  ...[0.7, 0.8, 0.9].flatMap((decay) => [1, 0.4].map((otherType) => ({ middle: 'mean' as const, decay, otherType }))),
  ...[0.8, 0.9].flatMap((decay) => [1, 0.4].map((otherType) => ({ middle: 'median' as const, decay, otherType }))),
  // Yesterday, with a little of the days before.
  { middle: 'mean', decay: 0.3, otherType: 1 },
];

const lasting = (hours: number | null, isShift = false): LevelKind => ({
  lasting: hours,
  passing: null,
  fade: 0,
  isShift,
});
const passing = (hours: number, fade: number, rest: number | null, isShift = false): LevelKind => ({
  lasting: rest,
  passing: hours,
  fade,
  isShift,
});

const PROFILE_ALONE = lasting(null);
const LEVEL_KINDS: Readonly<Record<Horizon, readonly LevelKind[]>> = {
  'day-ahead': [PROFILE_ALONE, lasting(6), lasting(12), lasting(24), lasting(72), lasting(12, true)],
  intraday: [
    PROFILE_ALONE,
    lasting(6),
    lasting(24),
    passing(1, 0.5, null),
    passing(1, 0.5, 12),
    passing(2, 0.8, 24),
    passing(1, 0.6, 24, true),
  ],
};

/** A ratio beyond this says more about the profile's zeros than about the level. */
const RATIO_MAX = 4;
const RATIO_MIN = 0.25;
/** Days back that a level can reach. */
const LEVEL_DAYS = 7;
const PROFILES = PROFILE_KINDS.length;

/** How many methods a horizon has. */
export function methodsOf(horizon: Horizon): number {
  return PROFILES * LEVEL_KINDS[horizon].length;
}

/**
 * All methods of a horizon as known at the begin of a stretch of steps; the levels then follow what becomes known, and another stretch may
 * begin whole days later. What the methods share is worked out once: the profiles, and the levels by profile and half-life.
 */
export class Methods {
  readonly #grid: StepGrid;
  readonly #profiles: Profiles;
  readonly #levels: readonly LevelKind[];
  /** Half-lives that occur, as factors by step. */
  readonly #factors: Float64Array;
  /** By kind of level: the place of its half-lives among the factors; the place behind all of them is that of no level. */
  readonly #lastingPlace: Int32Array;
  readonly #passingPlace: Int32Array;
  /** By half-life: decayed sums of energy and of weights. */
  readonly #energy: Float64Array;
  readonly #weight: Float64Array;
  /** By half-life and profile: decayed sums of the profile. */
  readonly #expected: Float64Array;
  /** By profile and half-life, and a zero after the last half-life: what follows from the sums, worked out when it is asked for. */
  readonly #ratios: Float64Array;
  readonly #shifts: Float64Array;
  /** By steps ahead: what is left of the passing part of each kind of level. */
  readonly #left = new Map<number, Float64Array>();
  #rows: Float64Array;
  #isStale = true;
  #start = 0;
  #next = 0;

  constructor(grid: StepGrid, horizon: Horizon, rows: Float64Array, fallback: Float64Array) {
    this.#grid = grid;
    this.#rows = rows;
    this.#levels = LEVEL_KINDS[horizon];
    this.#profiles = new Profiles(grid, PROFILE_KINDS, rows, fallback);
    const halfLives = [...new Set(this.#levels.flatMap((level) => [level.lasting, level.passing]))].filter(
      (hours) => hours !== null,
    );
    const placeOf = (hours: number | null): number => (hours === null ? halfLives.length : halfLives.indexOf(hours));
    this.#factors = Float64Array.from(halfLives, (hours) => 0.5 ** (grid.stepSlots / slotsPerHour / hours));
    this.#lastingPlace = Int32Array.from(this.#levels, (level) => placeOf(level.lasting));
    this.#passingPlace = Int32Array.from(this.#levels, (level) => placeOf(level.passing));
    this.#energy = new Float64Array(halfLives.length);
    this.#weight = new Float64Array(halfLives.length);
    this.#expected = new Float64Array(halfLives.length * PROFILES);
    this.#ratios = new Float64Array((halfLives.length + 1) * PROFILES);
    this.#shifts = new Float64Array((halfLives.length + 1) * PROFILES);
  }

  /** Begins a stretch at a step, which lies whole days behind that of the call before. */
  moveTo(start: number): void {
    this.#profiles.moveTo(start);
    for (const sums of [this.#energy, this.#weight, this.#expected]) sums.fill(0);
    this.#start = start;
    this.#next = Math.max(0, start - LEVEL_DAYS * this.#grid.perDay);
    this.learnUntil(start);
  }

  /** Goes on with rows that know more of the same stretch, if all that was learned of is the same in them; else it says so. */
  goOn(grid: StepGrid, rows: Float64Array, start: number): boolean {
    const { perDay, firstStep } = this.#grid;
    const isSameDay = grid.firstStep === firstStep && grid.phase === this.#grid.phase && start === this.#start;
    if (!isSameDay || this.#profiles.usesFallback || grid.end < this.#next) return false;
    for (let step = Math.max(0, start - PROFILE_DAYS * perDay); step < this.#next; step += 1) {
      if (!Object.is(rows[step], this.#rows[step])) return false;
    }
    this.#rows = rows;
    return true;
  }

  /** Takes the steps up to one (exclusive) into the levels. */
  learnUntil(end: number): void {
    this.#isStale = true;
    for (; this.#next < end; this.#next += 1) {
      const value = this.#rows[this.#next] ?? Number.NaN;
      if (!Number.isNaN(value)) this.#learn(value, this.#profiles.placeOf(this.#next));
    }
  }

  #learn(value: number, base: number): void {
    const profiles = this.#profiles.values;
    for (let index = 0; index < this.#factors.length; index += 1) {
      const factor = this.#factors[index] ?? 0;
      this.#energy[index] = (this.#energy[index] ?? 0) * factor + value;
      this.#weight[index] = (this.#weight[index] ?? 0) * factor + 1;
      const first = index * PROFILES;
      for (let profile = 0; profile < PROFILES; profile += 1) {
        const place = first + profile;
        this.#expected[place] = (this.#expected[place] ?? 0) * factor + (profiles[base + profile] ?? 0);
      }
    }
  }

  /** What each method foresees for a step that lies so many steps ahead (the next is 0), written to `found`. */
  foresee(step: number, ahead: number, found: Float64Array): void {
    if (this.#isStale) this.#renewLevels();
    const left = this.#leftAfter(ahead);
    const base = this.#profiles.placeOf(step);
    for (let index = 0; index < this.#levels.length; index += 1) this.#move(index, base, left[index] ?? 0, found);
  }

  /** Moves all profiles by one kind of level. */
  #move(index: number, base: number, left: number, found: Float64Array): void {
    const isShift = this.#levels[index]?.isShift === true;
    const now = isShift ? this.#shifts : this.#ratios;
    const lastingPlace = this.#lastingPlace[index] ?? 0;
    const passingPlace = this.#passingPlace[index] ?? 0;
    const stride = this.#factors.length + 1;
    let place = index;
    for (let profile = 0; profile < PROFILES; profile += 1) {
      const rest = now[profile * stride + lastingPlace] ?? 0;
      const moved = rest + ((now[profile * stride + passingPlace] ?? 0) - rest) * left;
      const expected = this.#profiles.values[base + profile] ?? 0;
      found[place] = isShift ? expected + moved : expected * (1 + moved);
      place += this.#levels.length;
    }
  }

  #leftAfter(ahead: number): Float64Array {
    const known = this.#left.get(ahead);
    if (known !== undefined) return known;
    const hours = ((ahead + 1) * this.#grid.stepSlots) / slotsPerHour;
    const left = Float64Array.from(this.#levels, (level) => (level.passing === null ? 0 : level.fade ** hours));
    this.#left.set(ahead, left);
    return left;
  }

  /** By how much, and by what share, the energy was above each profile. */
  #renewLevels(): void {
    const halfLives = this.#factors.length;
    for (let index = 0; index < halfLives; index += 1) {
      const energy = this.#energy[index] ?? 0;
      const weight = this.#weight[index] ?? 0;
      for (let profile = 0; profile < PROFILES; profile += 1) {
        const expected = this.#expected[index * PROFILES + profile] ?? 0;
        const place = profile * (halfLives + 1) + index;
        this.#shifts[place] = weight === 0 ? 0 : (energy - expected) / weight;
        this.#ratios[place] = expected <= 0 ? 0 : Math.min(RATIO_MAX, Math.max(RATIO_MIN, energy / expected)) - 1;
      }
    }
    this.#isStale = false;
  }
}
