import type { CoalitionMultipliers, PreparedCoalition } from '@flexledger/domain';
import type { Cells, FastSlice } from './fast-cells';
import { FastRuns, NEVER } from './fast-runs';

const QUARTERS = 4;
const PICO_PER_KWH = 1e6;
/** The same of multipliers of counts. */
const PICO_PER_NANO = 1e3;
/** Share of what it earns at which the price of firm power begins. */
const PRICE_FIRST = 0.6;
/** By which share of itself the bound is hoped to fall at first, and below which the search has ended. */
const HOPE_FIRST = 0.05;
const HOPE_END = 1e-6;
/** What counts is whole: where nothing can be earned a share of the bound alone would be hoped for endlessly. */
const HOPE_LEAST = 0.5;
/** Rounds without a clearly better bound after which less is hoped for, and what then remains of the hope. */
const PATIENCE = 20;
const HOPE_LESS = 0.7;
const HOPE_MORE = 1.1;
/** Share of a new direction in the one that is followed. */
const FRESH = 0.7;
/** Share of a round in the mean of what slices are served with. */
const MEAN_SHARE = 0.02;

/** Prices in thousandths of a micro-unit per W and step, in one row (see `Offsets`). */
export type Prices = Float64Array;

/** What a search for prices has come to. */
export interface FastPrices {
  readonly prices: Prices;
  /** In thousandths of a micro-unit, up to rounding. */
  readonly bound: number;
  /** By slice, what it was served with in the last rounds, as a mean, in W. */
  readonly servedW: Float64Array;
  /** By asset, which share of its revenue at these prices it keeps; 0 where it does nothing. */
  readonly margins: Float64Array;
}

/**
 * Prices by subgradients in floating point: about a millisecond a round for 25,000 options. A step goes as far as a bound that is a little better
 * than the best one would be if the function were a plane; how much is hoped for shrinks where nothing comes of it. Each price moves in its own scale, the
 * price of firm power over the power that it could call, because storages of a household and a whole pool stand side by side. What it answers
 * is only where the exact bound is looked for.
 */
export class FastBound {
  readonly #cells: Cells;
  readonly #runs: FastRuns;
  /** By asset and step, which option is chosen; -1 for none. */
  readonly #chosen: Int32Array;
  /** By asset and step, its power. */
  readonly #power: Float64Array;
  /** By slice, what it is served with. */
  readonly #servedW: Float64Array;

  constructor(cells: Cells) {
    this.#cells = cells;
    this.#runs = new FastRuns(cells);
    this.#chosen = new Int32Array(cells.assets * cells.steps).fill(-1);
    this.#power = new Float64Array(cells.assets * cells.steps);
    this.#servedW = new Float64Array(cells.slices.length);
  }

  /** Looks for prices that bound well, until the time is up or nothing is to be hoped for. */
  search(leftMs: () => number, patience = PATIENCE): FastPrices {
    const { size } = this.#cells.offsets;
    const prices = this.#firstPrices();
    const scales = this.#scales(prices);
    const best = Float64Array.from(prices);
    const [slope, followed] = [new Float64Array(size), new Float64Array(size)];
    const servedW = new Float64Array(this.#servedW.length);
    let bound = this.#evaluate(prices, slope);
    let [hope, reached, waited] = [bound * HOPE_FIRST, bound, 0];
    for (let value = bound; leftMs() > 0 && hope > leastHope(bound); value = this.#evaluate(prices, slope)) {
      this.#servedW.forEach((powerW, slice) => raise(servedW, slice, (powerW - at(servedW, slice)) * MEAN_SHARE));
      waited += 1;
      if (value < bound) {
        bound = value;
        best.set(prices);
        if (value < reached - hope / 2) [reached, waited, hope] = [value, 0, hope * HOPE_MORE];
      }
      if (waited > patience) {
        [hope, waited, reached] = [hope * HOPE_LESS, 0, bound];
        prices.set(best);
        followed.fill(0);
      } else {
        follow(prices, { slope, followed, scales, fall: value - (bound - hope) });
      }
    }
    this.#evaluate(best, slope);
    return { prices: best, bound, servedW, margins: this.#margins(best) };
  }

  /** Firm power at a share of what it earns: nobody is served for nothing. */
  #firstPrices(): Prices {
    const prices = new Float64Array(this.#cells.offsets.size);
    for (const { factor, first, priceNano, steps } of this.#cells.slices) {
      prices.fill((priceNano / steps / factor) * PRICE_FIRST, first, first + steps);
    }
    return prices;
  }

  /** By how much each price moves: a usual price over what could be asked for at it. */
  #scales(prices: Prices): Float64Array {
    const { assets, charge, chargeAt, charges, count, cover, firm, highW, offsets, starts, steps } = this.#cells;
    /** By price, the power that pays it, and how much of what is priced that is. */
    const [paying, paid] = [new Float64Array(offsets.size), new Float64Array(offsets.size)];
    const pay = (place: number, powerW: number, amount: number): void => {
      raise(paying, place, powerW);
      raise(paid, place, amount);
    };
    for (let cell = 0; cell < assets * steps; cell += 1) {
      const [begin, end] = [at(starts, cell), at(starts, cell + 1)];
      for (let option = begin; option < end; option += 1) {
        const share = 1 / (end - begin);
        const powerW = at(highW, option) * share;
        pay(at(cover, option), powerW, powerW * at(firm, option));
        pay(at(count, option), powerW, share);
        for (let each = at(charges, option); each < at(charges, option + 1); each += 1) {
          pay(at(chargeAt, each), powerW, powerW * at(charge, each));
        }
      }
    }
    const priced = prices.filter((price) => price > 0);
    const usual = priced.reduce((total, price) => total + price, 0) / Math.max(priced.length, 1);
    return paid.map((amount, place) => {
      const isPrice = amount > 0 && place !== offsets.nothing;
      return isPrice ? (usual * at(paying, place)) / amount ** 2 : 0;
    });
  }

  /** The bound at prices; writes where it grows. */
  #evaluate(prices: Prices, slope: Prices): number {
    const { assets, limits } = this.#cells;
    slope.set(limits);
    let total = this.#slices(prices, slope);
    for (let place = 0; place < limits.length; place += 1) total += at(limits, place) * at(prices, place);
    for (let asset = 0; asset < assets; asset += 1) total += this.#asset(asset, prices, slope);
    return total;
  }

  #slices(prices: Prices, slope: Prices): number {
    const { offsets, slices } = this.#cells;
    let total = 0;
    for (const [index, slice] of slices.entries()) {
      const { servedW, value } = bestBid(slice, prices, offsets.count);
      this.#servedW[index] = servedW;
      if (servedW === 0) continue;
      total += value;
      const { assetsMin, factor, first, steps } = slice;
      for (let place = first; place < first + steps; place += 1) {
        raise(slope, place, -factor * servedW);
        if (assetsMin > 1) raise(slope, offsets.count + place, -assetsMin);
      }
    }
    return total;
  }

  /** What is worth most to an asset. */
  #asset(asset: number, prices: Prices, slope: Prices): number {
    const { steps } = this.#cells;
    const first = asset * steps;
    this.#price(first, prices);
    const value = this.#runs.value(asset);
    this.#runs.keepRuns(asset, this.#chosen, first);
    for (let cell = first; cell < first + steps; cell += 1) {
      if ((this.#chosen[cell] as number) >= 0) this.#count(cell, slope);
    }
    return value;
  }

  /** What being on is worth in each step of an asset; the option that makes it so is noted, with its power. */
  #price(first: number, prices: Prices): void {
    const { charge, chargeAt, charges, costNano, count, cover, firm, highW, lowW, starts, steps } = this.#cells;
    const { gains } = this.#runs;
    for (let step = 0; step < steps; step += 1) {
      const cell = first + step;
      let gain = NEVER;
      const end = starts[cell + 1] as number;
      for (let option = starts[cell] as number; option < end; option += 1) {
        let each =
          (prices[cover[option] as number] as number) * (firm[option] as number) - (costNano[option] as number);
        const last = charges[option + 1] as number;
        for (let place = charges[option] as number; place < last; place += 1) {
          each -= (prices[chargeAt[place] as number] as number) * (charge[place] as number);
        }
        const powerW = (each > 0 ? highW[option] : lowW[option]) as number;
        const value = each * powerW + (prices[count[option] as number] as number);
        if (value <= gain) continue;
        gain = value;
        this.#chosen[cell] = option;
        this.#power[cell] = powerW;
      }
      gains[step] = gain;
    }
  }

  #count(cell: number, slope: Prices): void {
    const { charge, chargeAt, charges, count, cover, firm, offsets } = this.#cells;
    const option = this.#chosen[cell] as number;
    const powerW = this.#power[cell] as number;
    raise(slope, cover[option] as number, powerW * (firm[option] as number));
    const counted = count[option] as number;
    if (counted !== offsets.nothing) raise(slope, counted, 1);
    const last = charges[option + 1] as number;
    for (let place = charges[option] as number; place < last; place += 1) {
      raise(slope, chargeAt[place] as number, -powerW * (charge[place] as number));
    }
  }

  /** At the prices of the last evaluation. */
  #margins(prices: Prices): Float64Array {
    const { assets, cover, firm, offsets, steps } = this.#cells;
    const slope = new Float64Array(offsets.size);
    return Float64Array.from({ length: assets }, (_, asset) => {
      const value = this.#asset(asset, prices, slope);
      let revenue = 0;
      for (let cell = asset * steps; cell < (asset + 1) * steps; cell += 1) {
        const option = this.#chosen[cell] as number;
        if (option < 0) continue;
        revenue += at(this.#power, cell) * at(firm, option) * at(prices, at(cover, option));
      }
      return revenue > 0 ? value / revenue : 0;
    });
  }
}

/** What is hoped for at least, in thousandths of a micro-unit, before a search ends. */
function leastHope(bound: number): number {
  return Math.max(bound * HOPE_END, HOPE_LEAST);
}

/** What a slice is best served with at prices, and what that earns; nothing earns nothing. */
function bestBid(
  { assetsMin, factor, first, highW, lowW, priceNano, steps }: FastSlice,
  prices: Prices,
  count: number,
): { readonly servedW: number; readonly value: number } {
  let [power, fixed] = [0, 0];
  for (let place = first; place < first + steps; place += 1) {
    power += at(prices, place);
    if (assetsMin > 1) fixed += assetsMin * at(prices, count + place);
  }
  const each = priceNano - power * factor;
  const servedW = each > 0 ? highW : lowW;
  const value = each * servedW - fixed;
  return lowW <= highW && value > 0 ? { servedW, value } : { servedW: 0, value: 0 };
}

/** Moves prices against the slope, remembering the slopes before it, as far as a plane would fall so much. */
function follow(
  prices: Prices,
  {
    fall,
    followed,
    scales,
    slope,
  }: { readonly slope: Prices; readonly followed: Prices; readonly scales: Float64Array; readonly fall: number },
): void {
  let norm = 0;
  for (let place = 0; place < prices.length; place += 1) {
    const way = FRESH * at(slope, place) + (1 - FRESH) * at(followed, place);
    followed[place] = way;
    // What a price of zero would push below zero does not count.
    if (at(prices, place) > 0 || way < 0) norm += at(scales, place) * way * way;
  }
  if (norm === 0) return;
  const length = fall / norm;
  for (let place = 0; place < prices.length; place += 1) {
    prices[place] = Math.max(at(prices, place) - length * at(scales, place) * at(followed, place), 0);
  }
}

/** Prices as the multipliers of a certificate. */
export function multipliersAt(
  { asked, assets, requests, stepSlots }: PreparedCoalition,
  { offsets }: Cells,
  prices: Prices,
): CoalitionMultipliers {
  const unit = (QUARTERS * PICO_PER_KWH) / Number(stepSlots);
  const rows = (offset: number, count: number, scale: number): readonly (readonly bigint[])[] =>
    Array.from({ length: count }, (_, row) =>
      Array.from({ length: asked.steps }, (__, step) => whole(at(prices, offset + row * asked.steps + step) * scale)),
    );
  const storages = new Map<number, { readonly up: bigint; readonly down: bigint }>();
  for (const { asset, index } of assets) {
    const up = whole(at(prices, offsets.up + index) * PICO_PER_KWH);
    const down = whole(at(prices, offsets.down + index) * PICO_PER_KWH);
    if (asset.storage !== undefined && (up > 0n || down > 0n)) storages.set(index, { up, down });
  }
  return {
    cover: rows(0, requests.length, unit),
    count: rows(offsets.count, requests.length, PICO_PER_NANO),
    groups: rows(offsets.groups, asked.groups.length, unit),
    storages,
  };
}

function at(row: ArrayLike<number>, place: number): number {
  return row[place] ?? 0;
}

function whole(price: number): bigint {
  return price > 0 ? BigInt(Math.round(price)) : 0n;
}

function raise(row: Float64Array, place: number, by: number): void {
  row[place] = (row[place] ?? 0) + by;
}
