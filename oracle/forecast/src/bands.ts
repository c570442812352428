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

/** Learns how far actual values are from what was foreseen, by the step of the day and by how far ahead. */
export class Bands {
  /** Of each try: day, step of the day, lead, error; four numbers in a row. */
  readonly #tries: number[] = [];
  #day = -1;
  #scales: Float64Array = new Float64Array(0);
  #quantiles: Float64Array = new Float64Array(0);
  #absolute = 0;
  #load = 0;
  #inside = 0;

  constructor(
    private readonly perDay: number,
    private readonly leads: number,
    private readonly isNeverNegative: boolean,
  ) {}

  beginDay(): void {
    this.#day += 1;
  }

  learn(step: number, lead: number, foreseen: number, actual: number): void {
    this.#tries.push(this.#day, step, lead, actual - foreseen);
    this.#absolute += Math.abs(actual - foreseen);
    this.#load += Math.abs(actual);
  }

  /** Mean absolute error by mean load, in millionths; null where nothing was tried. */
  get nmaePpm(): number | null {
    return this.#load > 0 ? Math.round((this.#absolute / this.#load) * 1_000_000) : null;
  }

  /** The share of tries whose actual value was in the band of all others, in millionths; null where there were too few. */
  get coveragePpm(): number | null {
    const tries = this.#tries.length / 4;
    return tries < ERRORS_MIN ? null : Math.round((this.#inside / tries) * 1_000_000);
  }

  /** The band around what is foreseen for a step of the day. */
  around(step: number, lead: number, foreseen: number): { readonly low: number; readonly high: number } {
    const isTried = this.#tries.length / 4 >= ERRORS_MIN;
    const scale = isTried ? (this.#scales[step] ?? 0) : Math.abs(foreseen);
    const low = foreseen + scale * (isTried ? Math.min(0, this.#quantiles[lead * 2] ?? 0) : UNTRIED.low);
    const high = foreseen + scale * (isTried ? Math.max(0, this.#quantiles[lead * 2 + 1] ?? 0) : UNTRIED.high);
    return this.isNeverNegative ? { low: Math.max(0, low), high: Math.max(0, high) } : { low, high };
  }

  /** Works out typical errors and their quantiles. */
  finish(): void {
    const sums = new Float64Array(this.perDay);
    const weights = new Float64Array(this.perDay);
    this.#each((day, step, _lead, error) => {
      const weight = DECAY ** (this.#day - day);
      sums[step] = (sums[step] ?? 0) + weight * Math.abs(error);
      weights[step] = (weights[step] ?? 0) + weight;
    });
    this.#scales = this.#scalesOf(sums, weights);
    this.#quantiles = this.#quantilesOf();
    this.#each((_day, step, lead, error) => {
      const scaled = error / (this.#scales[step] ?? 1);
      if (scaled >= (this.#quantiles[lead * 2] ?? 0) && scaled <= (this.#quantiles[lead * 2 + 1] ?? 0))
        this.#inside += 1;
    });
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

  #quantilesOf(): Float64Array {
    const found = new Float64Array(this.leads * 2);
    for (let lead = 0; lead < this.leads; lead += 1) {
      const scaled: { readonly value: number; readonly weight: number }[] = [];
      this.#each((day, step, at, error) => {
        if (at === lead) {
          scaled.push({ value: error / (this.#scales[step] ?? 1), weight: DECAY ** (this.#day - day) });
        }
      });
      scaled.sort((left, right) => left.value - right.value);
      found[lead * 2] = quantile(scaled, LOW);
      found[lead * 2 + 1] = quantile(scaled, HIGH);
    }
    return found;
  }

  #each(visit: (day: number, step: number, lead: number, error: number) => void): void {
    const tries = this.#tries;
    for (let index = 0; index < tries.length; index += 4) {
      visit(tries[index] ?? 0, tries[index + 1] ?? 0, tries[index + 2] ?? 0, tries[index + 3] ?? 0);
    }
  }
}

function quantile(sorted: readonly { readonly value: number; readonly weight: number }[], share: number): number {
  const all = sorted.reduce((total, { weight }) => total + weight, 0);
  let passed = 0;
  for (const { value, weight } of sorted) {
    passed += weight;
    if (passed >= all * share) return value;
  }
  return 0;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
