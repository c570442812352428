import type { Cells } from './fast-cells';
import type { FastPool } from './fast-pool';
import { FastRuns, NEVER } from './fast-runs';

/** What is asked for, in the places of prices. */
export interface Wishes {
  /** Firm power in W × millionths, and assets that are on. */
  readonly needed: Float64Array;
  /** What that is worth as long as it is missing: a W × millionth of firm power, an asset that is on. */
  readonly worth: Float64Array;
  /** What a W takes from others: the prices of groups, or a part of them. */
  readonly groupPrices: Float64Array;
}

/** Halvings of the interval in which the price of a storage is looked for, and doublings until one is found that suffices. */
const HALVINGS = 8;
const DOUBLINGS = 24;
/** Where the price of a storage is looked for that has had none: a thousandth of a micro-unit for a Wh. */
const PRICE_LEAST = 1;
/** How near to the price that was found last it is looked for first. */
const NEAR_ABOVE = 1.25;
const NEAR_BELOW = 0.8;
/** What rounding may add to the energy that a storage gives. */
const ENERGY_SHARE = 1 - 1e-9;

/**
 * What is best for one asset while all others stay as they are: what is missing is worth something, what is there already is worth nothing, and limits
 * of groups leave what others do not use. Storages get a price of their own, by bisection, at which they nearly keep their energy; what is too much is
 * taken away where it is worth least.
 */
export class FastResponse {
  readonly #cells: Cells;
  readonly #pool: FastPool;
  readonly #wishes: Wishes;
  readonly #runs: FastRuns;
  /** By step, of the asset in turn. */
  readonly #options: Int32Array;
  readonly #powersW: Float64Array;
  /** Up and down, of the asset in turn: what it has, and what its duties take. */
  readonly #hasWh = new Float64Array(2);
  readonly #takesWh = new Float64Array(2);
  /** Up and down: the price in turn. By asset: where it was found last. */
  readonly #price = new Float64Array(2);
  readonly #found: readonly [Float64Array, Float64Array];

  constructor(cells: Cells, pool: FastPool, wishes: Wishes, prices: Float64Array) {
    const { assets, offsets, steps } = cells;
    this.#cells = cells;
    this.#pool = pool;
    this.#wishes = wishes;
    this.#runs = new FastRuns(cells);
    this.#options = new Int32Array(steps).fill(-1);
    this.#powersW = new Float64Array(steps);
    this.#found = [prices.slice(offsets.up, offsets.up + assets), prices.slice(offsets.down, offsets.down + assets)];
  }

  /** Makes an asset do what is best. */
  respond(asset: number): void {
    this.#pool.clear(asset);
    if (this.#cells.isStored[asset] === 1) this.#store(asset);
    else this.#choose(asset);
    this.#pool.put(asset, this.#options, this.#powersW);
  }

  #store(asset: number): void {
    const { limits, offsets } = this.#cells;
    this.#hasWh[0] = (limits[offsets.up + asset] as number) * ENERGY_SHARE;
    this.#hasWh[1] = (limits[offsets.down + asset] as number) * ENERGY_SHARE;
    this.#price[0] = this.#found[0][asset] as number;
    this.#price[1] = this.#found[1][asset] as number;
    for (const way of [0, 1] as const) this.#findPrice(asset, way);
    this.#choose(asset);
    for (const way of [0, 1] as const) {
      if (!this.#trim(asset, way)) this.#options.fill(-1);
    }
  }

  /** The largest price, nearly, at which a storage promises more than it has; zero where it never does. */
  #findPrice(asset: number, way: 0 | 1): void {
    const isOver = (price: number): boolean => {
      this.#price[way] = price;
      this.#choose(asset);
      return (this.#takesWh[way] as number) > (this.#hasWh[way] as number);
    };
    let [low, high] = bracketNear(this.#price[way] as number, isOver);
    for (let half = 0; half < HALVINGS && low < high; half += 1) {
      const middle = (low + high) / 2;
      if (isOver(middle)) low = middle;
      else high = middle;
    }
    this.#price[way] = low;
    this.#found[way][asset] = (low + high) / 2;
  }

  /** What is best at the prices of its storage. */
  #choose(asset: number): void {
    const { starts, steps } = this.#cells;
    const first = asset * steps;
    for (let step = 0; step < steps; step += 1) {
      this.#runs.gains[step] = NEVER;
      const last = starts[first + step + 1] as number;
      for (let option = starts[first + step] as number; option < last; option += 1) this.#weigh(option, step);
    }
    this.#runs.value(asset);
    this.#runs.keepRuns(asset, this.#options, 0);
    if (this.#cells.isStored[asset] === 1) this.#sumEnergy();
  }

  /** Notes an option for a step where it is worth more than those before it. */
  #weigh(option: number, step: number): void {
    const { charge, chargeAt, charges, costNano, count, cover, highW, limits, lowW, offsets } = this.#cells;
    const { use } = this.#pool;
    const { groupPrices, needed, worth } = this.#wishes;
    let roomW = highW[option] as number;
    let cost = costNano[option] as number;
    const last = charges[option + 1] as number;
    for (let place = charges[option] as number; place < last; place += 1) {
      const at = chargeAt[place] as number;
      if (at < offsets.up) {
        const freeW = (limits[at] as number) - (use[at] as number);
        if (freeW < roomW) roomW = freeW;
        cost += groupPrices[at] as number;
      } else {
        cost += (charge[place] as number) * (this.#price[at < offsets.down ? 0 : 1] as number);
      }
    }
    const leastW = lowW[option] as number;
    if (roomW < leastW) return;
    const [at, counted] = [cover[option] as number, count[option] as number];
    const firm = this.#pool.firmPpm[option] as number;
    const each = worth[at] as number;
    const missing = (needed[at] as number) - (use[at] as number);
    const isWorth = missing > 0 && each * firm > cost;
    const powerW = isWorth ? enoughW(missing, { firm, leastW, roomW }) : leastW;
    let gain = each * counting(powerW * firm, missing) - cost * powerW;
    if ((use[counted] as number) < (needed[counted] as number)) gain += worth[counted] as number;
    if (gain <= (this.#runs.gains[step] as number)) return;
    this.#runs.gains[step] = gain;
    this.#options[step] = option;
    this.#powersW[step] = powerW;
  }

  /** How much of the energy of a storage a W takes. */
  #held(option: number, way: 0 | 1): number {
    const { charge, chargeAt, charges, offsets } = this.#cells;
    const [from, to] = way === 0 ? [offsets.up, offsets.down] : [offsets.down, offsets.nothing];
    for (let place = charges[option] as number; place < (charges[option + 1] as number); place += 1) {
      const at = chargeAt[place] as number;
      if (at >= from && at < to) return charge[place] as number;
    }
    return 0;
  }

  #sumEnergy(): void {
    for (const way of [0, 1] as const) {
      let takes = 0;
      for (let step = 0; step < this.#options.length; step += 1) {
        const option = this.#options[step] as number;
        if (option >= 0) takes += this.#held(option, way) * (this.#powersW[step] as number);
      }
      this.#takesWh[way] = takes;
    }
  }

  /** Takes away what a storage does not have; answers whether that could be done. */
  #trim(asset: number, way: 0 | 1): boolean {
    for (let tries = 0; tries <= this.#options.length; tries += 1) {
      const excess = (this.#takesWh[way] as number) - (this.#hasWh[way] as number);
      if (excess <= 0) return true;
      const step = this.#leastWorth(asset, way);
      if (step === undefined) return false;
      const option = this.#options[step] as number;
      const powerW = Math.floor((this.#powersW[step] as number) - excess / this.#held(option, way));
      const leastW = this.#cells.lowW[option] as number;
      if (powerW >= leastW) this.#powersW[step] = powerW;
      else if (this.#mayRest(asset, step)) this.#options[step] = -1;
      else this.#powersW[step] = leastW;
      this.#sumEnergy();
    }
    return false;
  }

  /** The step whose energy is worth least, of those in which it can do less. */
  #leastWorth(asset: number, way: 0 | 1): number | undefined {
    const { costNano, cover, lowW } = this.#cells;
    const { worth } = this.#wishes;
    let found: number | undefined;
    let least = -NEVER;
    for (let step = 0; step < this.#options.length; step += 1) {
      const option = this.#options[step] as number;
      const held = option < 0 ? 0 : this.#held(option, way);
      if (held === 0) continue;
      if ((this.#powersW[step] as number) <= (lowW[option] as number) && !this.#mayRest(asset, step)) continue;
      const earns = (worth[cover[option] as number] as number) * (this.#pool.firmPpm[option] as number);
      const each = (earns - (costNano[option] as number)) / held;
      if (each < least) [found, least] = [step, each];
    }
    return found;
  }

  /** Whether a step can be taken out of its run: at an edge, or where short rests and runs of any length are allowed. */
  #mayRest(asset: number, step: number): boolean {
    const { longest, pause, steps } = this.#cells;
    const isOff = (at: number): boolean => at < 0 || at >= steps || (this.#options[at] as number) < 0;
    return isOff(step - 1) || isOff(step + 1) || ((longest[asset] as number) >= steps && pause[asset] === 1);
  }
}

/** The least whole power within its bounds whose firm share is all that is missing, or the largest. */
function enoughW(
  missing: number,
  { firm, leastW, roomW }: { readonly firm: number; readonly leastW: number; readonly roomW: number },
): number {
  const wholeW = Math.ceil(missing / firm);
  if (wholeW >= roomW) return roomW;
  return wholeW < leastW ? leastW : wholeW;
}

/** What counts of firm power: as much as is missing. */
function counting(firm: number, missing: number): number {
  if (missing <= 0) return 0;
  return firm < missing ? firm : missing;
}

/** Two prices near a known one: too much is promised at the lower one, and not at the higher one; both zero where it never is. */
function bracketNear(known: number, isOver: (price: number) => boolean): readonly [number, number] {
  if (isOver(known)) {
    let [low, high] = [known, Math.max(known * NEAR_ABOVE, PRICE_LEAST)];
    for (let tries = 0; tries < DOUBLINGS && isOver(high); tries += 1) [low, high] = [high, high * 2];
    return [low, high];
  }
  let [low, high] = [known * NEAR_BELOW, known];
  while (low > PRICE_LEAST && !isOver(low)) [low, high] = [low / 2, low];
  if (low > PRICE_LEAST) return [low, high];
  return known > 0 && isOver(0) ? [0, high] : [0, 0];
}
