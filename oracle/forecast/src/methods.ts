import { slotsPerHour } from '@flexledger/domain';
import { Profiles, type ProfileKind } from './profiles';
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
/** An index behind all: there is no such level. */
const NONE = 1_000_000;
/** Days back that a level can reach. */
const LEVEL_DAYS = 7;

/** All methods of a horizon as known at the begin of a stretch of steps; the levels then follow what becomes known. */
export class Methods {
  readonly count: number;
  readonly #profiles: Profiles;
  readonly #levels: readonly LevelKind[];
  readonly #grid: StepGrid;
  readonly #rows: Float64Array;
  /** Half-lives that occur, as factors by step. */
  readonly #factors: Float64Array;
  readonly #lastingIndex: Int32Array;
  readonly #passingIndex: Int32Array;
  /** By profile and half-life: decayed sums of energy, of the profile, and of weights. */
  readonly #energy: Float64Array;
  readonly #expected: Float64Array;
  readonly #weight: Float64Array;
  /** What follows from the sums, worked out when it is asked for. */
  readonly #ratios: Float64Array;
  readonly #shifts: Float64Array;
  #isStale = true;
  #next: number;

  constructor(grid: StepGrid, horizon: Horizon, rows: Float64Array, start: number, fallback: Float64Array) {
    this.#grid = grid;
    this.#rows = rows;
    this.#levels = LEVEL_KINDS[horizon];
    this.#profiles = new Profiles(grid, PROFILE_KINDS, rows, start, fallback);
    this.count = PROFILE_KINDS.length * this.#levels.length;
    const halfLives = [...new Set(this.#levels.flatMap((level) => [level.lasting, level.passing]))].filter(
      (hours) => hours !== null,
    );
    this.#factors = Float64Array.from(halfLives, (hours) => 0.5 ** (grid.stepSlots / slotsPerHour / hours));
    this.#lastingIndex = Int32Array.from(this.#levels, (level) => placeOf(halfLives, level.lasting));
    this.#passingIndex = Int32Array.from(this.#levels, (level) => placeOf(halfLives, level.passing));
    const size = PROFILE_KINDS.length * halfLives.length;
    this.#energy = new Float64Array(size);
    this.#expected = new Float64Array(size);
    this.#weight = new Float64Array(size);
    this.#ratios = new Float64Array(size);
    this.#shifts = new Float64Array(size);
    this.#next = Math.max(0, start - LEVEL_DAYS * grid.perDay);
    this.learnUntil(start);
  }

  /** Takes the steps up to one (exclusive) into the levels. */
  learnUntil(end: number): void {
    this.#isStale = true;
    const halfLives = this.#factors.length;
    for (; this.#next < end; this.#next += 1) {
      const value = this.#rows[this.#next] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      for (let profile = 0; profile < PROFILE_KINDS.length; profile += 1) {
        const expected = this.#profiles.at(profile, this.#next);
        for (let index = 0; index < halfLives; index += 1) {
          const factor = this.#factors[index] ?? 0;
          const place = profile * halfLives + index;
          this.#energy[place] = (this.#energy[place] ?? 0) * factor + value;
          this.#expected[place] = (this.#expected[place] ?? 0) * factor + expected;
          this.#weight[place] = (this.#weight[place] ?? 0) * factor + 1;
        }
      }
    }
  }

  /** What each method foresees for a step that lies so many steps ahead (the next is 0), written to `found`. */
  foresee(step: number, ahead: number, found: Float64Array): void {
    if (this.#isStale) this.#renewLevels();
    const hours = ((ahead + 1) * this.#grid.stepSlots) / slotsPerHour;
    for (let index = 0; index < this.#levels.length; index += 1) this.#move(index, step, hours, found);
  }

  /** Moves all profiles by one kind of level. */
  #move(index: number, step: number, hours: number, found: Float64Array): void {
    const level = this.#levels[index] ?? PROFILE_ALONE;
    const left = level.passing === null ? 0 : level.fade ** hours;
    const now = level.isShift ? this.#shifts : this.#ratios;
    const [restIndex = NONE, passingIndex = NONE] = [this.#lastingIndex[index], this.#passingIndex[index]];
    let place = index;
    for (let base = 0; base < now.length; base += this.#factors.length) {
      const rest = now[base + restIndex] ?? 0;
      const moved = rest + ((now[base + passingIndex] ?? rest) - rest) * left;
      const expected = this.#profiles.at(base / this.#factors.length, step);
      found[place] = level.isShift ? expected + moved : expected * (1 + moved);
      place += this.#levels.length;
    }
  }

  /** By how much, and by what share, the energy was above each profile. */
  #renewLevels(): void {
    for (let place = 0; place < this.#energy.length; place += 1) {
      const energy = this.#energy[place] ?? 0;
      const expected = this.#expected[place] ?? 0;
      const weight = this.#weight[place] ?? 0;
      this.#shifts[place] = weight === 0 ? 0 : (energy - expected) / weight;
      this.#ratios[place] = expected <= 0 ? 0 : Math.min(RATIO_MAX, Math.max(RATIO_MIN, energy / expected)) - 1;
    }
    this.#isStale = false;
  }
}

function placeOf(halfLives: readonly number[], hours: number | null): number {
  return hours === null ? NONE : halfLives.indexOf(hours);
}
