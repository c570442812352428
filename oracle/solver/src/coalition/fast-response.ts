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

/** What each option of the asset in turn can do, from its first one on. */
interface Weighed {
  /** What a W costs, without its storage. */
  readonly costs: Float64Array;
  /** Twice as long: Wh that a W takes up and down. */
  readonly held: Float64Array;
  /** The least power, and what covers what is missing as far as there is room; and what each of them earns. */
  readonly least: Float64Array;
  readonly leastGain: Float64Array;
  readonly enough: Float64Array;
  readonly enoughGain: Float64Array;
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
  readonly #weighed: Weighed;
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
    this.#weighed = roomFor(cells);
    this.#found = [prices.slice(offsets.up, offsets.up + assets), prices.slice(offsets.down, offsets.down + assets)];
  }

  /** Makes an asset do what is best. */
  respond(asset: number): void {
    this.#pool.clear(asset);
    this.#lookUp(asset);
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

  /** Works out what does not depend on the prices of its storage: what each option can do, and earns. */
  #lookUp(asset: number): void {
    const { starts, steps } = this.#cells;
    const first = starts[asset * steps] as number;
    const last = starts[(asset + 1) * steps] as number;
    for (let option = first; option < last; option += 1) this.#weigh(option, option - first);
  }

  #weigh(option: number, at: number): void {
    const { charge, chargeAt, charges, costNano, count, cover, highW, limits, lowW, offsets } = this.#cells;
    const { use } = this.#pool;
    const { groupPrices, needed, worth } = this.#wishes;
    const { costs, enough, enoughGain, held, least, leastGain } = this.#weighed;
    let roomW = highW[option] as number;
    let cost = costNano[option] as number;
    held[2 * at] = 0;
    held[2 * at + 1] = 0;
    const last = charges[option + 1] as number;
    for (let place = charges[option] as number; place < last; place += 1) {
      const priced = chargeAt[place] as number;
      if (priced < offsets.up) {
        const freeW = (limits[priced] as number) - (use[priced] as number);
        if (freeW < roomW) roomW = freeW;
        cost += groupPrices[priced] as number;
      } else {
        held[2 * at + (priced < offsets.down ? 0 : 1)] = charge[place] as number;
      }
    }
    const [place, counted] = [cover[option] as number, count[option] as number];
    const leastW = lowW[option] as number;
    const firm = this.#pool.firmPpm[option] as number;
    const each = worth[place] as number;
    const missing = (needed[place] as number) - (use[place] as number);
    const wantedW = missing > 0 ? enoughW(missing, { firm, leastW, roomW }) : leastW;
    const isMissed = (use[counted] as number) < (needed[counted] as number);
    const bonus = roomW < leastW ? NEVER : isMissed ? (worth[counted] as number) : 0;
    costs[at] = cost;
    least[at] = leastW;
    leastGain[at] = bonus + each * counting(leastW * firm, missing);
    enough[at] = wantedW;
    enoughGain[at] = bonus + each * counting(wantedW * firm, missing);
  }

  /** What is best at the prices of its storage. */
  #choose(asset: number): void {
    const { isStored, starts, steps } = this.#cells;
    const { costs, enough, enoughGain, held, least, leastGain } = this.#weighed;
    const [up, down] = [this.#price[0] as number, this.#price[1] as number];
    const { gains } = this.#runs;
    const first = starts[asset * steps] as number;
    for (let step = 0; step < steps; step += 1) {
      let most = NEVER;
      const last = (starts[asset * steps + step + 1] as number) - first;
      for (let at = (starts[asset * steps + step] as number) - first; at < last; at += 1) {
        const cost = (costs[at] as number) + up * (held[2 * at] as number) + down * (held[2 * at + 1] as number);
        const leastW = least[at] as number;
        const enoughPower = enough[at] as number;
        const atLeast = (leastGain[at] as number) - cost * leastW;
        const atEnough = (enoughGain[at] as number) - cost * enoughPower;
        const gain = atEnough > atLeast ? atEnough : atLeast;
        if (gain <= most) continue;
        most = gain;
        this.#options[step] = first + at;
        this.#powersW[step] = atEnough > atLeast ? enoughPower : leastW;
      }
      gains[step] = most;
    }
    this.#runs.value(asset);
    this.#runs.keepRuns(asset, this.#options, 0);
    if (isStored[asset] === 1) this.#sumEnergy(first);
  }

  /** How much of the energy of a storage a W takes. */
  #held(asset: number, option: number, way: 0 | 1): number {
    const first = this.#cells.starts[asset * this.#cells.steps] as number;
    return this.#weighed.held[2 * (option - first) + way] as number;
  }

  #sumEnergy(first: number): void {
    const { held } = this.#weighed;
    let [up, down] = [0, 0];
    for (let step = 0; step < this.#options.length; step += 1) {
      const at = (this.#options[step] as number) - first;
      if (at < 0) continue;
      up += (held[2 * at] as number) * (this.#powersW[step] as number);
      down += (held[2 * at + 1] as number) * (this.#powersW[step] as number);
    }
    this.#takesWh[0] = up;
    this.#takesWh[1] = down;
  }

  /** Takes away what a storage does not have; answers whether that could be done. */
  #trim(asset: number, way: 0 | 1): boolean {
    for (let tries = 0; tries <= this.#options.length; tries += 1) {
      const excess = (this.#takesWh[way] as number) - (this.#hasWh[way] as number);
      if (excess <= 0) return true;
      const step = this.#leastWorth(asset, way);
      if (step === undefined) return false;
      const option = this.#options[step] as number;
      const powerW = Math.floor((this.#powersW[step] as number) - excess / this.#held(asset, option, way));
      const leastW = this.#cells.lowW[option] as number;
      if (powerW >= leastW) this.#powersW[step] = powerW;
      else if (this.#mayRest(asset, step)) this.#options[step] = -1;
      else this.#powersW[step] = leastW;
      this.#sumEnergy(this.#cells.starts[asset * this.#cells.steps] as number);
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
      const held = option < 0 ? 0 : this.#held(asset, option, way);
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

/** Room for the options of any asset. */
function roomFor({ assets, starts, steps }: Cells): Weighed {
  let most = 0;
  for (let asset = 0; asset < assets; asset += 1) {
    most = Math.max(most, (starts[(asset + 1) * steps] as number) - (starts[asset * steps] as number));
  }
  const row = (): Float64Array => new Float64Array(most);
  return {
    costs: row(),
    held: new Float64Array(2 * most),
    least: row(),
    leastGain: row(),
    enough: row(),
    enoughGain: row(),
  };
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
