import {
  unitsPerNano,
  type PlacedPower,
  type PreparedCoalition,
  type PreparedCoalitionAsset,
} from '@flexledger/domain';
import { cellsOf, type Cells, type Offsets } from './fast-cells';

const PPM = 1e6;
const QUARTERS = 4;
const PICO_PER_KWH = 1e6;
/** The same of multipliers of counts. */
const PICO_PER_NANO = 1e3;
/** Largest and smallest share of a step of Polyak's. */
const STEP_FIRST = 1;
const STEP_MOST = 1.5;
/** Rounds without a better bound after which the step shrinks, and to which share of itself. */
const PATIENCE = 8;
const SHRINK = 0.66;
const STEP_END = 1e-3;
/** Share of a new direction in the one that is followed. */
const FRESH = 0.4;
/** What is kept of each asset's last choices. */
const LAST_ROUNDS = 12;
/** Below this, a run cannot be. */
const LEAST = -1e300;

/** Prices in thousandths of a micro-unit per W and step, in one row: cover and count by request and step, groups by group and step, storages. */
type Prices = Float64Array;

/** What a search for prices has come to. */
export interface FastPrices {
  /** By request and step, by group and step, in the form of multipliers. */
  readonly cover: readonly (readonly bigint[])[];
  readonly count: readonly (readonly bigint[])[];
  readonly groups: readonly (readonly bigint[])[];
  readonly storages: ReadonlyMap<number, { readonly up: bigint; readonly down: bigint }>;
  /** By round, what has been worth most to each asset near these prices. */
  readonly rounds: readonly (readonly {
    readonly asset: PreparedCoalitionAsset;
    readonly powers: readonly PlacedPower[];
  }[])[];
}

/**
 * Prices for a large case, by subgradients in floating point (Polyak's step, with a direction that remembers the ones before): hundreds of rounds in the
 * time of one linear programme. What it answers is only where the exact bound is looked for.
 */
export class FastBound {
  readonly #prepared: PreparedCoalition;
  readonly #steps: number;
  readonly #cells: Cells;
  readonly #offsets: Offsets;
  /** By asset and step, which option is chosen; -1 for none. */
  readonly #chosen: Int32Array;
  /** By asset and step, its power. */
  readonly #power: Float64Array;
  /** Of the asset in turn, by step: what being on is worth, the best from there on, and the length of the run that begins. */
  readonly #gains: Float64Array;
  readonly #best: Float64Array;
  readonly #lengths: Int32Array;
  readonly #recent: { readonly chosen: Int32Array; readonly power: Float64Array }[] = [];

  constructor(prepared: PreparedCoalition) {
    this.#prepared = prepared;
    this.#steps = prepared.asked.steps;
    const [requests, groups, assets] = [prepared.requests.length, prepared.asked.groups.length, prepared.assets.length];
    const count = requests * this.#steps;
    const up = 2 * count + groups * this.#steps;
    this.#offsets = {
      count,
      groups: 2 * count,
      up,
      down: up + assets,
      nothing: up + 2 * assets,
      size: up + 2 * assets + 1,
    };
    this.#cells = cellsOf(prepared, this.#offsets);
    this.#chosen = new Int32Array(assets * this.#steps).fill(-1);
    this.#power = new Float64Array(assets * this.#steps);
    this.#gains = new Float64Array(this.#steps);
    this.#best = new Float64Array(this.#steps + 1);
    this.#lengths = new Int32Array(this.#steps);
  }

  /** Looks for prices that bound well, from none, until the time is up or the steps are too small. */
  search(earnedNano: number, leftMs: () => number): FastPrices {
    let prices: Prices = this.#firstPrices();
    let best = Float64Array.from(prices);
    let bound = Number.POSITIVE_INFINITY;
    let share = STEP_FIRST;
    let waited = 0;
    const slope = new Float64Array(this.#offsets.size);
    const followed = new Float64Array(this.#offsets.size);
    while (leftMs() > 0 && share > STEP_END) {
      const value = this.#evaluate(prices, slope);
      this.#remember();
      if (value < bound) {
        waited = value < bound - Math.abs(bound) * 1e-5 ? 0 : waited + 1;
        bound = value;
        best = Float64Array.from(prices);
        share = Math.min(share * 1.05, STEP_MOST);
      } else {
        waited += 1;
      }
      if (waited >= PATIENCE) {
        share *= SHRINK;
        waited = 0;
        prices = Float64Array.from(best);
        followed.fill(0);
        continue;
      }
      prices = this.#stepped(prices, { slope, followed, value, target: earnedNano, share });
    }
    return this.#answer(best);
  }

  /** Firm power at what it earns: nobody is served for nothing. */
  #firstPrices(): Prices {
    const prices = new Float64Array(this.#offsets.size);
    for (const { demand, endStep, index, priceUnits } of this.#prepared.requests) {
      const price = Number(priceUnits) / Number(unitsPerNano) / (1 + Number(demand.marginPpm) / PPM);
      for (let step = demand.firstStep; step < endStep; step += 1) prices[index * this.#steps + step] = price * 0.6;
    }
    return prices;
  }

  #stepped(
    prices: Prices,
    {
      followed,
      share,
      slope,
      target,
      value,
    }: {
      readonly slope: Prices;
      readonly followed: Prices;
      readonly value: number;
      readonly target: number;
      readonly share: number;
    },
  ): Prices {
    let norm = 0;
    for (let at = 0; at < slope.length; at += 1) {
      followed[at] = FRESH * at0(slope, at) + (1 - FRESH) * at0(followed, at);
      // What a price of zero would push below zero does not count.
      if (at0(prices, at) > 0 || at0(followed, at) < 0) norm += at0(followed, at) ** 2;
    }
    if (norm === 0) return prices;
    const length = (share * Math.max(value - target, Math.abs(value) * 1e-4)) / norm;
    return prices.map((price, at) => Math.max(price - length * at0(followed, at), 0));
  }

  /** The bound at prices; writes where it grows. */
  #evaluate(prices: Prices, slope: Prices): number {
    slope.fill(0);
    let total = this.#limits(prices, slope) + this.#slices(prices, slope);
    for (const asset of this.#prepared.assets) total += this.#asset(asset, prices, slope);
    return total;
  }

  #limits(prices: Prices, slope: Prices): number {
    let total = 0;
    const { down, groups, up } = this.#offsets;
    for (const [group, { maxWByStep }] of this.#prepared.asked.groups.entries()) {
      for (const [step, maxW] of maxWByStep.entries()) {
        const at = groups + group * this.#steps + step;
        total += at0(prices, at) * Number(maxW);
        slope[at] = Number(maxW);
      }
    }
    for (const { asset, index } of this.#prepared.assets) {
      if (asset.storage === undefined) continue;
      slope[up + index] = Number(asset.storage.upWh);
      slope[down + index] = Number(asset.storage.downWh);
      total +=
        at0(prices, up + index) * Number(asset.storage.upWh) + at0(prices, down + index) * Number(asset.storage.downWh);
    }
    return total;
  }

  #slices(prices: Prices, slope: Prices): number {
    let total = 0;
    for (const { demand, highW, index, lowW, priceUnits } of this.#prepared.requests) {
      const factor = 1 + Number(demand.marginPpm) / PPM;
      for (let slice = 0; slice < demand.slices; slice += 1) {
        const first = index * this.#steps + demand.firstStep + slice * demand.sliceSteps;
        let each = (Number(priceUnits) / Number(unitsPerNano)) * demand.sliceSteps;
        let fixed = 0;
        for (let at = first; at < first + demand.sliceSteps; at += 1) {
          each -= at0(prices, at) * factor;
          fixed += at0(prices, this.#offsets.count + at) * demand.assetsMin;
        }
        const powerW = Number(each > 0 ? highW : lowW);
        if (lowW > highW || each * powerW - fixed <= 0) continue;
        total += each * powerW - fixed;
        for (let at = first; at < first + demand.sliceSteps; at += 1) {
          slope[at] = at0(slope, at) - factor * powerW;
          if (demand.assetsMin > 1)
            slope[this.#offsets.count + at] = at0(slope, this.#offsets.count + at) - demand.assetsMin;
        }
      }
    }
    return total;
  }

  /** What is worth most to an asset, by the same programme as the exact one. */
  #asset(asset: PreparedCoalitionAsset, prices: Prices, slope: Prices): number {
    const steps = this.#steps;
    const { pause } = asset.runs;
    const first = asset.index * steps;
    this.#price(first, prices);
    const lengths = this.#lengths;
    const value = this.#runs(asset);
    for (let step = 0; step < steps;) {
      const length = lengths[step] as number;
      if (length === 0) this.#chosen[first + step] = -1;
      const next = Math.min(step + (length === 0 ? 1 : length + pause), steps);
      this.#chosen.fill(-1, first + step + length, first + next);
      for (let on = step; on < step + length; on += 1) this.#count(first + on, slope);
      step = next;
    }
    return value;
  }

  /** The best runs by the gains of the steps; writes the length of the run that begins in each step. */
  #runs({ runs: { longest, pause }, startUnits }: PreparedCoalitionAsset): number {
    const steps = this.#steps;
    const gains = this.#gains;
    const best = this.#best;
    const start = Number(startUnits) / Number(unitsPerNano);
    best[steps] = 0;
    for (let step = steps - 1; step >= 0; step -= 1) {
      let most = best[step + 1] as number;
      let length = 0;
      let value = -start;
      const end = Math.min(longest, steps - step);
      for (let run = 1; run <= end; run += 1) {
        value += gains[step + run - 1] as number;
        if (value < LEAST) break;
        const next = step + run + pause;
        const after = value + (best[next < steps ? next : steps] as number);
        if (after > most) {
          most = after;
          length = run;
        }
      }
      best[step] = most;
      this.#lengths[step] = length;
    }
    return best[0] as number;
  }

  /** What being on is worth in each step of an asset; the option that makes it so is noted, with its power. */
  #price(first: number, prices: Prices): void {
    const { charge, chargeAt, charges, costNano, count, cover, firm, highW, lowW, starts } = this.#cells;
    for (let step = 0; step < this.#steps; step += 1) {
      const cell = first + step;
      let gain = Number.NEGATIVE_INFINITY;
      const end = starts[cell + 1] as number;
      for (let option = starts[cell] as number; option < end; option += 1) {
        let each =
          (prices[cover[option] as number] as number) * (firm[option] as number) - (costNano[option] as number);
        const last = charges[option + 1] as number;
        for (let at = charges[option] as number; at < last; at += 1) {
          each -= (prices[chargeAt[at] as number] as number) * (charge[at] as number);
        }
        const powerW = (each > 0 ? highW[option] : lowW[option]) as number;
        const value = each * powerW + (prices[count[option] as number] as number);
        if (value <= gain) continue;
        gain = value;
        this.#chosen[cell] = option;
        this.#power[cell] = powerW;
      }
      this.#gains[step] = gain;
    }
  }

  #count(cell: number, slope: Prices): void {
    const { charge, chargeAt, charges, count, cover, firm } = this.#cells;
    const option = this.#chosen[cell] as number;
    const powerW = this.#power[cell] as number;
    raise(slope, cover[option] as number, powerW * (firm[option] as number));
    raise(slope, count[option] as number, 1);
    const last = charges[option + 1] as number;
    for (let at = charges[option] as number; at < last; at += 1) {
      raise(slope, chargeAt[at] as number, -powerW * (charge[at] as number));
    }
  }

  #remember(): void {
    this.#recent.push({ chosen: Int32Array.from(this.#chosen), power: Float64Array.from(this.#power) });
    if (this.#recent.length > LAST_ROUNDS) this.#recent.shift();
  }

  #answer(prices: Prices): FastPrices {
    const { assets, asked, requests, stepSlots } = this.#prepared;
    const unit = (QUARTERS * PICO_PER_KWH) / Number(stepSlots);
    const rows = (offset: number, count: number, scale: number): readonly (readonly bigint[])[] =>
      Array.from({ length: count }, (_, row) =>
        Array.from({ length: this.#steps }, (__, step) =>
          whole(at0(prices, offset + row * this.#steps + step) * scale),
        ),
      );
    const storages = new Map<number, { readonly up: bigint; readonly down: bigint }>();
    for (const { asset, index } of assets) {
      const up = whole(at0(prices, this.#offsets.up + index) * PICO_PER_KWH);
      const down = whole(at0(prices, this.#offsets.down + index) * PICO_PER_KWH);
      if (asset.storage !== undefined && (up > 0n || down > 0n)) storages.set(index, { up, down });
    }
    return {
      cover: rows(0, requests.length, unit),
      count: rows(this.#offsets.count, requests.length, PICO_PER_NANO),
      groups: rows(this.#offsets.groups, asked.groups.length, unit),
      storages,
      rounds: this.#duties(),
    };
  }

  /** By round, what each asset does. */
  #duties(): FastPrices['rounds'] {
    const { request } = this.#cells;
    return this.#recent.map(({ chosen, power }) =>
      this.#prepared.assets.map((asset) => {
        const first = asset.index * this.#steps;
        const powers: PlacedPower[] = [];
        for (let step = 0; step < this.#steps; step += 1) {
          const option = chosen[first + step] ?? -1;
          if (option < 0) continue;
          powers.push({ step, request: request[option] ?? 0, powerW: BigInt(power[first + step] ?? 0) });
        }
        return { asset, powers };
      }),
    );
  }
}

function at0(row: ArrayLike<number>, at: number): number {
  return row[at] ?? 0;
}

function whole(price: number): bigint {
  return price > 0 ? BigInt(Math.round(price)) : 0n;
}

function raise(row: Prices, at: number, by: number): void {
  row[at] = (row[at] ?? 0) + by;
}
