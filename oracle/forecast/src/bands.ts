/** One value of four out of five lies between these shares of all. */
const LOW = 0.1;
const HIGH = 0.9;
/** Weight of a day's errors by those of the day after it. */
const DECAY = 0.96;
/** The share of the typical error of all steps in that of one step of the day. */
const SHARED = 0.25;
/** Errors from which on quantiles are taken from a series' own errors alone. */
const ERRORS_MIN = 48;
/** Where there is nothing to learn from: the band of a home by its load, as found on other homes' first days. */
const UNTRIED = { low: -0.6, high: 0.9 } as const;

/** Tries of one lead in the order in which they were made: of each its day, its step of the day, and its error. */
interface Tries {
  readonly days: number[];
  readonly steps: number[];
  readonly errors: number[];
}

/** Learns how far actual values are from what was foreseen, by the step of the day and by how far ahead. */
export class Bands {
  /** The tries, by how far ahead they were; forgotten when they have been learned from. */
  #tries: readonly Tries[];
  #count = 0;
  #day = -1;
  #scales: Float64Array = new Float64Array(0);
  #quantiles: Float64Array = new Float64Array(0);
  #absolute = 0;
  #load = 0;
  #inside = 0;

  constructor(
    private readonly perDay: number,
    leads: number,
    private readonly isNeverNegative: boolean,
  ) {
    this.#tries = Array.from({ length: leads }, () => ({ days: [], steps: [], errors: [] }));
  }

  beginDay(): void {
    this.#day += 1;
  }

  learn(step: number, lead: number, foreseen: number, actual: number): void {
    const tries = this.#tries[lead];
    tries?.days.push(this.#day);
    tries?.steps.push(step);
    tries?.errors.push(actual - foreseen);
    this.#count += 1;
    this.#absolute += Math.abs(actual - foreseen);
    this.#load += Math.abs(actual);
  }

  /** Mean absolute error by mean load, in millionths; null where nothing was tried. */
  get nmaePpm(): number | null {
    return this.#load > 0 ? Math.round((this.#absolute / this.#load) * 1_000_000) : null;
  }

  /** The share of tries whose actual value was in the band of all others, in millionths; null where there were too few. */
  get coveragePpm(): number | null {
    return this.#count < ERRORS_MIN ? null : Math.round((this.#inside / this.#count) * 1_000_000);
  }

  /** The band around what is foreseen for a step of the day. */
  around(step: number, lead: number, foreseen: number): { readonly low: number; readonly high: number } {
    const isTried = this.#count >= ERRORS_MIN;
    const scale = isTried ? (this.#scales[step] ?? 0) : Math.abs(foreseen);
    const low = foreseen + scale * (isTried ? Math.min(0, this.#quantiles[lead * 2] ?? 0) : UNTRIED.low);
    const high = foreseen + scale * (isTried ? Math.max(0, this.#quantiles[lead * 2 + 1] ?? 0) : UNTRIED.high);
    return this.isNeverNegative ? { low: Math.max(0, low), high: Math.max(0, high) } : { low, high };
  }

  /** Works out typical errors and their quantiles. */
  finish(): void {
    const sums = new Float64Array(this.perDay);
    const weights = new Float64Array(this.perDay);
    const weightOfDay = Float64Array.from({ length: this.#day + 1 }, (_, day) => DECAY ** (this.#day - day));
    for (const { days, steps, errors } of this.#tries) {
      for (let index = 0; index < steps.length; index += 1) {
        const step = steps[index] ?? 0;
        const weight = weightOfDay[days[index] ?? 0] ?? 0;
        sums[step] = (sums[step] ?? 0) + weight * Math.abs(errors[index] ?? 0);
        weights[step] = (weights[step] ?? 0) + weight;
      }
    }
    this.#scales = this.#scalesOf(sums, weights);
    this.#quantiles = new Float64Array(this.#tries.length * 2);
    for (const [lead, tries] of this.#tries.entries()) this.#finishLead(lead, tries, weightOfDay);
    this.#tries = [];
  }

  /** Works out the quantiles of one lead, and how many of its tries lie between them. */
  #finishLead(lead: number, { days, steps, errors }: Tries, weightOfDay: Float64Array): void {
    const scaled = new Float64Array(errors.length);
    const weights = new Float64Array(errors.length);
    for (let index = 0; index < errors.length; index += 1) {
      scaled[index] = (errors[index] ?? 0) / (this.#scales[steps[index] ?? 0] ?? 1);
      weights[index] = weightOfDay[days[index] ?? 0] ?? 0;
    }
    const sorted = scaled.slice().sort();
    const low = quantile(sorted, scaled, weights, LOW);
    const high = quantile(sorted, scaled, weights, HIGH);
    for (const value of scaled) if (value >= low && value <= high) this.#inside += 1;
    this.#quantiles.set([low, high], lead * 2);
  }

  /** The mean absolute error of each step of the day, with that of its neighbours and a part of all. */
  #scalesOf(sums: Float64Array, weights: Float64Array): Float64Array {
    const all = sum(sums) / Math.max(sum(weights), 1e-9);
    return Float64Array.from({ length: this.perDay }, (_, step) => {
      let total = 0;
      let weight = 0;
      for (const [shift, share] of [
        [-1, 0.5],
        [0, 1],
        [1, 0.5],
      ] as const) {
        const place = (step + shift + this.perDay) % this.perDay;
        total += share * (sums[place] ?? 0);
        weight += share * (weights[place] ?? 0);
      }
      const own = weight > 0 ? total / weight : all;
      return Math.max((1 - SHARED) * own + SHARED * all, 1e-9);
    });
  }
}

/** The least of the values up to which a share of all weight lies; found by halving, as values in order have lost their weights. */
function quantile(sorted: Float64Array, values: Float64Array, weights: Float64Array, share: number): number {
  const wanted = sum(weights) * share;
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (weightUpTo(sorted[middle] ?? 0, values, weights) >= wanted) high = middle;
    else low = middle + 1;
  }
  return sorted[low] ?? 0;
}

function weightUpTo(limit: number, values: Float64Array, weights: Float64Array): number {
  let total = 0;
  for (let index = 0; index < values.length; index += 1) {
    if ((values[index] ?? 0) <= limit) total += weights[index] ?? 0;
  }
  return total;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
