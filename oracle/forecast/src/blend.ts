/** How strongly a method that was better counts more. Halving or doubling it changes errors by less than a hundredth. */
const SHARPNESS = 20;
/** Weight of a day's errors by those of the day after it. */
const DECAY = 0.95;

/** Weighs methods by how small their errors were: exponential weights on the mean absolute error by the mean load. */
export class Blend {
  readonly #losses: Float64Array;
  readonly #today: Float64Array;
  readonly #weights: Float64Array;
  readonly #load: Float64Array;

  constructor(
    private readonly methods: number,
    private readonly leads: number,
  ) {
    this.#losses = new Float64Array(methods * leads);
    this.#today = new Float64Array(methods * leads);
    this.#weights = new Float64Array(methods * leads).fill(1 / methods);
    this.#load = new Float64Array(leads);
  }

  beginDay(): void {
    this.#today.fill(0);
    this.#load.fill(0);
  }

  /** The weighted mean of what the methods foresee. */
  mix(lead: number, found: Float64Array): number {
    let sum = 0;
    const base = lead * this.methods;
    for (let method = 0; method < this.methods; method += 1) {
      sum += (this.#weights[base + method] ?? 0) * (found[method] ?? 0);
    }
    return sum;
  }

  /** The weighted mean of what the methods foresaw for a step, whose energy is then counted against each of them. */
  mixAndLearn(lead: number, found: Float64Array, actual: number): number {
    let sum = 0;
    const base = lead * this.methods;
    for (let method = 0; method < this.methods; method += 1) {
      const place = base + method;
      const foreseen = found[method] ?? 0;
      sum += (this.#weights[place] ?? 0) * foreseen;
      this.#today[place] = (this.#today[place] ?? 0) + Math.abs(foreseen - actual);
    }
    this.#load[lead] = (this.#load[lead] ?? 0) + Math.abs(actual);
    return sum;
  }

  /** From now on the methods count by their errors up to this day. */
  endDay(): void {
    for (let lead = 0; lead < this.leads; lead += 1) {
      const load = this.#load[lead] ?? 0;
      if (load > 0) this.#endDayOf(lead * this.methods, load);
    }
  }

  #endDayOf(base: number, load: number): void {
    let least = Number.POSITIVE_INFINITY;
    for (let place = base; place < base + this.methods; place += 1) {
      const loss = (this.#losses[place] ?? 0) * DECAY + (this.#today[place] ?? 0) / load;
      this.#losses[place] = loss;
      least = Math.min(least, loss);
    }
    let sum = 0;
    for (let place = base; place < base + this.methods; place += 1) {
      const weight = Math.exp(-SHARPNESS * ((this.#losses[place] ?? 0) - least));
      this.#weights[place] = weight;
      sum += weight;
    }
    for (let place = base; place < base + this.methods; place += 1) {
      this.#weights[place] = (this.#weights[place] ?? 0) / sum;
    }
  }
}
