import type { Cells } from './fast-cells';

/** What being on is worth where that cannot be. */
export const NEVER = Number.NEGATIVE_INFINITY;
/** Below this, a run cannot be. */
const LEAST = -1e300;

/** The runs of one asset that are worth most, by the same programme as the exact one, in floating point. */
export class FastRuns {
  /** By step: what being on is worth, to be written before; `NEVER` where that cannot be. */
  readonly gains: Float64Array;
  readonly #cells: Cells;
  readonly #best: Float64Array;
  /** By step, the length of the run that begins; 0 for none. */
  readonly #lengths: Int32Array;

  constructor(cells: Cells) {
    this.#cells = cells;
    this.gains = new Float64Array(cells.steps);
    this.#best = new Float64Array(cells.steps + 1);
    this.#lengths = new Int32Array(cells.steps);
  }

  /** What the best runs are worth by the gains. */
  value(asset: number): number {
    const { longest, pause, startNano, steps } = this.#cells;
    const isFree = (longest[asset] as number) >= steps && pause[asset] === 1 && startNano[asset] === 0;
    return isFree ? this.#free() : this.#limited(asset);
  }

  /** Takes out of the options that are noted for each step those of steps in which the asset is off. */
  keepRuns(asset: number, options: Int32Array, first: number): void {
    const { pause, steps } = this.#cells;
    for (let step = 0; step < steps;) {
      const length = this.#lengths[step] as number;
      const off = step + length;
      const next = length === 0 ? step + 1 : off + (pause[asset] as number);
      for (let at = off; at < next && at < steps; at += 1) options[first + at] = -1;
      step = next;
    }
  }

  /** Where nothing joins the steps: on wherever that is worth something. */
  #free(): number {
    let value = 0;
    let length = 0;
    for (let step = this.#cells.steps - 1; step >= 0; step -= 1) {
      const gain = this.gains[step] as number;
      length = gain > 0 ? length + 1 : 0;
      this.#lengths[step] = length;
      if (gain > 0) value += gain;
    }
    return value;
  }

  #limited(asset: number): number {
    const { longest, pause, startNano, steps } = this.#cells;
    const [start, most, rest] = [startNano[asset] as number, longest[asset] as number, pause[asset] as number];
    const best = this.#best;
    best[steps] = 0;
    for (let step = steps - 1; step >= 0; step -= 1) {
      let found = best[step + 1] as number;
      let length = 0;
      let value = -start;
      const end = most < steps - step ? most : steps - step;
      for (let run = 1; run <= end; run += 1) {
        value += this.gains[step + run - 1] as number;
        if (value < LEAST) break;
        const next = step + run + rest;
        const after = value + (best[next < steps ? next : steps] as number);
        if (after > found) {
          found = after;
          length = run;
        }
      }
      best[step] = found;
      this.#lengths[step] = length;
    }
    return best[0] as number;
  }
}
