/** What a model is told about cases of the past in order to say how wrong it may be: kept in columns, since there are thousands. */
export class PastCases {
  /** The day of each case, in days since any fixed one, in rising order. */
  readonly #days: number[] = [];
  /** Interval of the day. */
  readonly #times: number[] = [];
  /** What was said before it, and what came, both as shares of the clear sky. */
  readonly #said: number[] = [];
  readonly #came: number[] = [];

  get count(): number {
    return this.#days.length;
  }

  add(day: number, time: number, said: number, came: number): void {
    this.#days.push(day);
    this.#times.push(time);
    this.#said.push(said);
    this.#came.push(came);
  }

  /**
   * What came of the cases that are most like one that is foreseen: with about the same forecast at about the same time of the day. Their forecasts
   * were made before they came, so that the band is as wide as the errors were. Undefined with too few cases.
   *
   * @param beforeDay only cases of earlier days count
   * @returns in rising order
   */
  cameOfAlike(time: number, said: number, timesPerDay: number, beforeDay = Infinity): Float64Array | undefined {
    const count = this.#countBefore(beforeDay);
    if (count < CASES_MIN) return undefined;
    const timeWeight = (TIME_WEIGHT * 2) / timesPerDay;
    const distances = new Float64Array(count);
    for (let index = 0; index < count; index += 1) {
      const apart = Math.abs(at(this.#times, index) - time) * timeWeight;
      distances[index] = Math.abs(at(this.#said, index) - said) + apart;
    }
    const farthest = at(Float64Array.from(distances).sort(), Math.min(CASES, count) - 1);
    const near: number[] = [];
    for (let index = count - 1; index >= 0 && near.length < CASES; index -= 1) {
      if (at(distances, index) <= farthest) near.push(at(this.#came, index));
    }
    return Float64Array.from(near).sort();
  }

  #countBefore(day: number): number {
    let count = this.#days.length;
    while (count > 0 && at(this.#days, count - 1) >= day) count -= 1;
    return count;
  }
}

/** The band of some cases, of which this share lies below it and as much above, and their middle. */
export function bandOf(sorted: Float64Array, tail: number): Band {
  return { low: quantileOf(sorted, tail), middle: quantileOf(sorted, 0.5), high: quantileOf(sorted, 1 - tail) };
}

/** What came in few cases at most, in half of them, and in most. */
export interface Band {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Cases that a band is made of, and how many there must be to choose from. */
const CASES = 120;
const CASES_MIN = 60;
/** What a half day's distance in time counts as, in shares of the clear sky. */
const TIME_WEIGHT = 0.3;

/**
 * The quantile that the next of n + 1 like values is at most in this share of cases: that of rank share · (n + 1), linear between neighbours, the
 * outermost where there are too few (type 6 of Hyndman and Fan 1996).
 */
export function quantileOf(sorted: Float64Array, share: number): number {
  const last = sorted.length - 1;
  const position = Math.min(Math.max(share * (sorted.length + 1) - 1, 0), last);
  const index = Math.floor(position);
  const value = sorted[index] ?? 0;
  return value + (position - index) * ((sorted[Math.min(index + 1, last)] ?? value) - value);
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? 0;
}
