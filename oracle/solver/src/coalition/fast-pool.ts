import type { Cells } from './fast-cells';

const PPM = 1e6;

/** What an asset does, to be restored. */
export interface KeptDuty {
  readonly asset: number;
  readonly options: Int32Array;
  readonly powersW: Float64Array;
}

/**
 * What all assets do, and what that comes to, in floating point. Powers are whole W and firm power stands in W × millionths, so that both are exact
 * below 2^53, as the contract counts them.
 */
export class FastPool {
  /** By asset and step, which option is chosen (-1: off), and its power. */
  readonly options: Int32Array;
  readonly powersW: Float64Array;
  /** In the places of their prices: firm power, assets that are on, W of groups, Wh of storages. */
  readonly use: Float64Array;
  /** By option, its firm share in millionths. */
  readonly firmPpm: Float64Array;
  readonly #cells: Cells;
  #costNano = 0;

  constructor(cells: Cells) {
    this.#cells = cells;
    this.options = new Int32Array(cells.assets * cells.steps).fill(-1);
    this.powersW = new Float64Array(cells.assets * cells.steps);
    this.use = new Float64Array(cells.offsets.size);
    this.firmPpm = cells.firm.map((share) => Math.round(share * PPM));
  }

  /** What it costs in all. */
  get costNano(): number {
    return this.#costNano;
  }

  /** The power with which a slice can be served. */
  servedW(slice: number): number {
    const { offsets, slices } = this.#cells;
    const asked = slices[slice];
    if (asked === undefined) return 0;
    let mostW = asked.highW;
    for (let place = asked.first; place < asked.first + asked.steps; place += 1) {
      if (asked.assetsMin > 1 && (this.use[offsets.count + place] as number) < asked.assetsMin) return 0;
      mostW = Math.min(mostW, (this.use[place] as number) / Math.round(asked.factor * PPM));
    }
    const servedW = Math.floor(mostW / asked.stepW) * asked.stepW;
    return servedW < asked.lowW ? 0 : servedW;
  }

  /** What is earned where every slice is served with what is there. */
  earnedNano(): number {
    return (
      this.#cells.slices.reduce((sum, { priceNano }, slice) => sum + priceNano * this.servedW(slice), 0) -
      this.#costNano
    );
  }

  /** Makes an asset do nothing. */
  clear(asset: number): void {
    this.#count(asset, -1);
    const { steps } = this.#cells;
    this.options.fill(-1, asset * steps, (asset + 1) * steps);
  }

  /** Makes an asset that does nothing do this. */
  put(asset: number, options: Int32Array, powersW: Float64Array): void {
    const first = asset * this.#cells.steps;
    this.options.set(options, first);
    this.powersW.set(powersW, first);
    this.#count(asset, 1);
  }

  /** What assets do now. */
  keep(assets: Iterable<number>): readonly KeptDuty[] {
    const { steps } = this.#cells;
    return Array.from(assets, (asset) => ({
      asset,
      options: this.options.slice(asset * steps, (asset + 1) * steps),
      powersW: this.powersW.slice(asset * steps, (asset + 1) * steps),
    }));
  }

  restore(kept: readonly KeptDuty[]): void {
    for (const { asset } of kept) this.clear(asset);
    for (const { asset, options, powersW } of kept) this.put(asset, options, powersW);
  }

  #count(asset: number, sign: 1 | -1): void {
    const { charge, chargeAt, charges, costNano, count, cover, startNano, steps } = this.#cells;
    let before = -1;
    for (let cell = asset * steps; cell < (asset + 1) * steps; cell += 1) {
      const option = this.options[cell] as number;
      if (option >= 0) {
        const powerW = (this.powersW[cell] as number) * sign;
        this.#add(cover[option] as number, powerW * (this.firmPpm[option] as number));
        this.#add(count[option] as number, sign);
        const last = charges[option + 1] as number;
        for (let place = charges[option] as number; place < last; place += 1) {
          this.#add(chargeAt[place] as number, powerW * (charge[place] as number));
        }
        this.#costNano += powerW * (costNano[option] as number);
        if (before < 0) this.#costNano += sign * (startNano[asset] as number);
      }
      before = option;
    }
  }

  #add(place: number, amount: number): void {
    this.use[place] = (this.use[place] as number) + amount;
  }
}
