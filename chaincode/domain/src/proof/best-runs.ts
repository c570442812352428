import { present } from '../assert';

/** How long and how often something may be on. Places count from 0. */
export interface RunLimits {
  /** Places of the longest run. */
  readonly longest: number;
  /** Places between two runs, at least 1: without one in between they were one. */
  readonly pause: number;
  /** Runs in all. */
  readonly runsMax: number;
}

/** What a branch of a proof decides about runs. */
export interface RunFixing {
  /** True where there is at least one run, false where none, undefined for either. */
  readonly isOn: boolean | undefined;
  /** Whether a place must be on. */
  readonly isMust: (place: number) => boolean;
}

/** A run by its first place. */
export interface PlacedRun {
  readonly place: number;
  readonly length: number;
}

/** The best that runs can do, and which they are. */
export interface BestRuns {
  readonly value: bigint;
  readonly runs: readonly PlacedRun[];
}

/** What is decided before a programme begins. */
interface Schedule {
  /** What being on is worth by place; undefined where that cannot be. */
  readonly values: readonly (bigint | undefined)[];
  /** By place, the next one from there on that must be on; the number of places where there is none. */
  readonly nextMust: readonly number[];
  readonly startCost: bigint;
}

/** The best from a place on: the value, and the length of the run that begins; 0 for none. */
interface Choice {
  readonly value: bigint;
  readonly length: number;
}

/**
 * The runs that are worth most within their limits and what a branch allows, found exactly by a dynamic programme over the places from the last to
 * the first: stay off, or begin a run of any length. Undefined where no runs are allowed.
 */
export function bestRuns(
  limits: RunLimits,
  values: readonly (bigint | undefined)[],
  startCost: bigint,
  fixing: RunFixing,
): BestRuns | undefined {
  const nextMust = nextMustOf(fixing, values.length);
  const mayRest = (nextMust[0] ?? 0) === values.length;
  const isWorthNothing = values.every((value) => value === undefined || value <= 0n);
  if (fixing.isOn === false || (isWorthNothing && mayRest && fixing.isOn === undefined)) {
    return mayRest ? { value: 0n, runs: [] } : undefined;
  }
  return new Programme(limits, { values, nextMust, startCost }).best(fixing.isOn === true);
}

function nextMustOf({ isMust }: RunFixing, places: number): readonly number[] {
  const next: number[] = Array.from({ length: places + 1 }, () => places);
  for (let place = places - 1; place >= 0; place -= 1) {
    next[place] = isMust(place) ? place : (next[place + 1] ?? places);
  }
  return next;
}

class Programme {
  readonly #limits: RunLimits;
  readonly #schedule: Schedule;
  /** By runs left and place; where their number is no limit there is one layer, which follows itself. */
  readonly #layers: (Choice | undefined)[][] = [];
  /** The same with at least one run, of the top layer. */
  readonly #onTop: (Choice | undefined)[] = [];

  constructor(limits: RunLimits, schedule: Schedule) {
    this.#limits = limits;
    this.#schedule = schedule;
    const runsPossible = Math.ceil(schedule.values.length / (1 + limits.pause));
    const isUnlimited = limits.runsMax >= runsPossible;
    const top = isUnlimited ? 0 : limits.runsMax;
    for (let layer = 0; layer <= top; layer += 1) this.#fill(layer, isUnlimited, layer === top);
  }

  best(isOn: boolean): BestRuns | undefined {
    const places = this.#schedule.values.length;
    let layer = this.#layers.length - 1;
    let choices = isOn ? this.#onTop : this.#layerAt(layer);
    const first = choices[0];
    if (first === undefined) return undefined;
    const runs: PlacedRun[] = [];
    for (let place = 0; place < places;) {
      const { length } = present(choices[place], 'What was chosen leads on.');
      if (length > 0) {
        runs.push({ place, length });
        layer = Math.max(layer - 1, 0);
        choices = this.#layerAt(layer);
      }
      place += length === 0 ? 1 : length + this.#limits.pause;
    }
    return { value: first.value, runs };
  }

  #layerAt(layer: number): (Choice | undefined)[] {
    return present(this.#layers[layer], 'A programme has a layer for each number of runs left.');
  }

  #fill(layer: number, isUnlimited: boolean, isTop: boolean): void {
    const places = this.#schedule.values.length;
    const choices: (Choice | undefined)[] = [];
    choices[places] = { value: 0n, length: 0 };
    const after = isUnlimited ? choices : this.#layers[layer - 1];
    this.#layers.push(choices);
    for (let place = places - 1; place >= 0; place -= 1) {
      const begun = after === undefined ? undefined : this.#begin(place, after);
      const mayStayOff = this.#schedule.nextMust[place] !== place;
      const stay = mayStayOff ? choices[place + 1] : undefined;
      choices[place] = better(stay, begun);
      if (isTop) {
        this.#onTop[place] = better(mayStayOff ? this.#onTop[place + 1] : undefined, begun);
      }
    }
  }

  /** The best run that begins at a place, with the best after it. */
  #begin(place: number, after: readonly (Choice | undefined)[]): Choice | undefined {
    const { nextMust, startCost, values } = this.#schedule;
    const places = values.length;
    let found: Choice | undefined;
    let value = -startCost;
    for (let length = 1; length <= this.#limits.longest; length += 1) {
      const gain = values[place + length - 1];
      if (gain === undefined) break;
      value += gain;
      const end = place + length;
      const next = Math.min(end + this.#limits.pause, places);
      const rest = (nextMust[end] ?? places) < next ? undefined : after[next];
      if (rest !== undefined && (found === undefined || value + rest.value > found.value)) {
        found = { value: value + rest.value, length };
      }
    }
    return found;
  }
}

/** Staying off is chosen where both are worth the same. */
function better(stay: Choice | undefined, begun: Choice | undefined): Choice | undefined {
  if (stay === undefined) return begun;
  return begun !== undefined && begun.value > stay.value ? begun : { value: stay.value, length: 0 };
}
