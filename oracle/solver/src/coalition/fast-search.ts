import {
  dutiesOf,
  w,
  type CoalitionAssignment,
  type CoalitionChoice,
  type PlacedPower,
  type PreparedCoalition,
} from '@flexledger/domain';
import type { FastPrices } from './fast-bound';
import { slicePlaces, type Cells } from './fast-cells';
import { FastPool, type KeptDuty } from './fast-pool';
import { FastResponse, type Wishes } from './fast-response';

const PPM = 1e6;
/** What is missing is worth its price at first, then somewhat more, and far more where only little is missing at the end. */
const WORTH_FIRST = 1;
const WORTH_MORE = 1.1;
const WORTH_LAST = 1.65;
/** The least worth of what is missing, as a share of what it earns. */
const WORTH_LEAST = 0.02;
/** Responses of all assets by which a first answer is found, at each worth. */
const SWEEPS = 3;
/** Assets that are asked again at once: so many at least, and at most so many more. */
const ASKED_LEAST = 5;
const ASKED_MORE = 20;
/** What the order in which they are asked is shaken by. */
const SHAKE = 0.2;
/** Changes after which the answer is made whole. */
const CHANGES = 250;
/** How fast heat is lost: before the last sixth of the changes it is gone. */
const COOLING = 1.2;
const PER_MILLE = 1_000;

/** Marsaglia's xorshift: the same numbers every time. */
class Dice {
  #state = 12_345;

  below(count: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % count;
  }
}

/**
 * Answers near given prices. Assets respond one after the other to what the others leave missing of what slices are to be served with; those that keep most
 * of their revenue come first, so that those on the edge fill what is left. Then a few assets at a time forget what they do, a slice
 * is asked for a step more or less, and they respond anew: what earns more is kept.
 */
export class FastSearch {
  readonly #prepared: PreparedCoalition;
  readonly #cells: Cells;
  readonly #found: FastPrices;
  readonly #pool: FastPool;
  readonly #response: FastResponse;
  readonly #wishes: Wishes & { readonly targetsW: Float64Array };
  readonly #dice = new Dice();
  /** Assets in the order of the share of their revenue that they keep. */
  readonly #byMargin: readonly number[];
  /** By slice, who could serve it. */
  readonly #able: readonly (readonly number[])[];
  #bestNano = Number.NEGATIVE_INFINITY;

  constructor(prepared: PreparedCoalition, cells: Cells, found: FastPrices) {
    const { size } = cells.offsets;
    this.#prepared = prepared;
    this.#cells = cells;
    this.#found = found;
    this.#pool = new FastPool(cells);
    this.#wishes = {
      needed: new Float64Array(size),
      worth: new Float64Array(size),
      groupPrices: new Float64Array(size),
      targetsW: new Float64Array(cells.slices.length),
    };
    this.#response = new FastResponse(cells, this.#pool, this.#wishes, found.prices);
    const margin = (asset: number): number => found.margins[asset] ?? 0;
    this.#byMargin = Array.from({ length: cells.assets }, (_, asset) => asset).sort(
      (one, other) => margin(other) - margin(one),
    );
    this.#able = ableAssets(cells);
  }

  /** A first answer. */
  begin(): CoalitionChoice | undefined {
    for (const [slice, servedW] of this.#found.servedW.entries()) this.#ask(slice, this.#bidNear(slice, servedW));
    this.#value(WORTH_FIRST);
    this.#chargeGroups(1);
    this.#sweep(this.#byMargin);
    for (let sweep = 0; sweep < SWEEPS; sweep += 1) this.#sweep(this.#fromLast());
    this.#value(WORTH_MORE);
    for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
      this.#chargeGroups(sweep === 0 ? 1 : 0);
      this.#sweep(this.#byMargin);
    }
    return this.#whole();
  }

  /**
   * Changes what is there, for better; answers a whole answer where it is the best so far. With heat, changes that earn somewhat less are kept too, the
   * less the longer it goes on, which leads out of where nothing small betters; what has come to less in the end is forgotten.
   */
  improve(leftMs: () => number, heat = 0): CoalitionChoice | undefined {
    const before = { kept: this.#pool.keep(this.#byMargin), targetsW: this.#wishes.targetsW.slice() };
    const begun = this.#earnedNano();
    let earned = begun;
    for (let change = 0; change < CHANGES && leftMs() > 0; change += 1) {
      const share = Math.max(1 - (change / CHANGES) * COOLING, 0) * heat;
      earned = this.#change(earned, share * (this.#dice.below(PER_MILLE) / PER_MILLE));
    }
    const choice = this.#whole();
    if (earned < begun) this.#back(before.kept, before.targetsW);
    return choice;
  }

  /** Asks some assets that could serve a slice anew, and takes it back where that earns less, by more than a share. */
  #change(earnedNano: number, share: number): number {
    const slice = this.#dice.below(Math.max(this.#cells.slices.length, 1));
    const able = this.#able[slice] ?? [];
    if (able.length === 0) return earnedNano;
    const targetW = this.#wishes.targetsW[slice] as number;
    const count = ASKED_LEAST + this.#dice.below(ASKED_MORE);
    const assets = [...new Set(Array.from({ length: count }, () => able[this.#dice.below(able.length)] ?? 0))];
    const kept = this.#pool.keep(assets);
    this.#ask(slice, this.#otherBid(slice, targetW));
    for (const asset of assets) this.#pool.clear(asset);
    const order = this.#shaken(assets);
    this.#chargeGroups(this.#dice.below(2));
    this.#sweep(order);
    this.#chargeGroups(0);
    this.#sweep([...order].reverse());
    const now = this.#earnedNano();
    if (now >= earnedNano - Math.abs(earnedNano) * share) return now;
    this.#pool.restore(kept);
    this.#ask(slice, targetW);
    return earnedNano;
  }

  /** Nearly in the order of their margins. */
  #shaken(assets: readonly number[]): readonly number[] {
    const ranked = assets.map((asset) => {
      const shake = (this.#dice.below(PER_MILLE) / PER_MILLE - 1 / 2) * SHAKE;
      return { asset, rank: (this.#found.margins[asset] ?? 0) + shake };
    });
    return ranked.sort((one, other) => other.rank - one.rank).map(({ asset }) => asset);
  }

  /** What is asked for earns, less what assets cost, and less what is missing is worth. */
  #earnedNano(): number {
    const { needed, targetsW, worth } = this.#wishes;
    const { use } = this.#pool;
    let earned = -this.#pool.costNano;
    for (const [slice, { priceNano }] of this.#cells.slices.entries())
      earned += priceNano * (targetsW[slice] as number);
    for (let place = 0; place < this.#cells.offsets.groups; place += 1) {
      const missing = (needed[place] as number) - (use[place] as number);
      if (missing > 0) earned -= missing * (worth[place] as number);
    }
    return earned;
  }

  /**
   * Makes an answer of what is there, and answers it where it is the best so far: what is missing is sought at any price, slices are served with what is
   * there, and assets give up what is too much. The search goes on from where it was.
   */
  #whole(): CoalitionChoice | undefined {
    const targetsW = this.#wishes.targetsW.slice();
    const kept = this.#pool.keep(this.#byMargin);
    this.#value(WORTH_LAST);
    this.#chargeGroups(0);
    this.#sweep(this.#byMargin);
    this.#askWhatIsThere();
    this.#sweep(this.#fromLast());
    this.#sweep(this.#fromLast());
    const earned = this.#pool.earnedNano();
    const isBest = earned > this.#bestNano;
    if (isBest) this.#bestNano = earned;
    const choice = isBest ? { assignments: this.#assignments(), served: this.#served() } : undefined;
    this.#back(kept, targetsW);
    return choice;
  }

  #back(kept: readonly KeptDuty[], targetsW: Float64Array): void {
    this.#pool.restore(kept);
    for (const [slice, targetW] of targetsW.entries()) this.#ask(slice, targetW);
    this.#value(WORTH_MORE);
  }

  #askWhatIsThere(): void {
    for (const slice of this.#cells.slices.keys()) this.#ask(slice, this.#pool.servedW(slice));
  }

  #sweep(assets: readonly number[]): void {
    for (const asset of assets) this.#response.respond(asset);
  }

  #fromLast(): readonly number[] {
    return [...this.#byMargin].reverse();
  }

  /** Asks for a bid. */
  #ask(slice: number, targetW: number): void {
    const { offsets, slices } = this.#cells;
    const asked = slices[slice];
    if (asked === undefined) return;
    const { assetsMin, factor, first, steps } = asked;
    this.#wishes.targetsW[slice] = targetW;
    this.#wishes.needed.fill(targetW * Math.round(factor * PPM), first, first + steps);
    const count = assetsMin > 1 && targetW > 0 ? assetsMin : 0;
    this.#wishes.needed.fill(count, offsets.count + first, offsets.count + first + steps);
  }

  #bidNear(slice: number, powerW: number): number {
    const asked = this.#cells.slices[slice];
    if (asked === undefined || asked.lowW > asked.highW) return 0;
    const bidW = Math.round(powerW / asked.stepW) * asked.stepW;
    if (bidW < asked.lowW) return powerW > asked.lowW / 2 ? asked.lowW : 0;
    return Math.min(bidW, asked.highW);
  }

  /** As often the same as another one: a step more, or less. */
  #otherBid(slice: number, targetW: number): number {
    const asked = this.#cells.slices[slice];
    if (asked === undefined || asked.lowW > asked.highW) return 0;
    switch (this.#dice.below(4)) {
      case 0:
        return Math.min(Math.max(targetW + asked.stepW, asked.lowW), asked.highW);
      case 1:
        return targetW - asked.stepW < asked.lowW ? 0 : targetW - asked.stepW;
      default:
        return targetW;
    }
  }

  /** States what is missing to be worth so many times its price. */
  #value(times: number): void {
    const { prices } = this.#found;
    const { offsets, slices } = this.#cells;
    const { worth } = this.#wishes;
    for (const { factor, first, priceNano, steps } of slices) {
      const least = (priceNano / steps / factor) * WORTH_LEAST;
      for (let place = first; place < first + steps; place += 1) {
        worth[place] = ((prices[place] as number) * times + least * times) / PPM;
        worth[offsets.count + place] = (prices[offsets.count + place] as number) * times;
      }
    }
  }

  #chargeGroups(share: number): void {
    const { groups, up } = this.#cells.offsets;
    for (let place = groups; place < up; place += 1) {
      this.#wishes.groupPrices[place] = (this.#found.prices[place] as number) * share;
    }
  }

  #served(): CoalitionChoice['served'] {
    const slicesW = this.#prepared.requests.map(({ demand }) => Array.from({ length: demand.slices }, () => w(0n)));
    for (const [index, { request, slice }] of this.#cells.slices.entries()) {
      const powers = slicesW[request];
      if (powers !== undefined) powers[slice] = w(BigInt(this.#pool.servedW(index)));
    }
    return this.#prepared.requests.flatMap(({ demand: { requestId }, index }) => {
      const powers = slicesW[index] ?? [];
      return powers.some((powerW) => powerW > 0n) ? [{ requestId, slicesW: powers }] : [];
    });
  }

  #assignments(): readonly CoalitionAssignment[] {
    const { request, steps } = this.#cells;
    const { options, powersW } = this.#pool;
    return this.#prepared.assets.flatMap(({ asset: { assetId }, index }) => {
      const powers = Array.from({ length: steps }, (_, step) => step).flatMap((step): readonly PlacedPower[] => {
        const option = options[index * steps + step] ?? -1;
        const powerW = BigInt(powersW[index * steps + step] ?? 0);
        return option < 0 ? [] : [{ step, request: request[option] ?? 0, powerW }];
      });
      const duties = dutiesOf(this.#prepared, powers);
      return duties.length === 0 ? [] : [{ assetId, duties }];
    });
  }
}

/** By slice, the assets that can serve it in some step. */
function ableAssets(cells: Cells): readonly (readonly number[])[] {
  const { assets, cover, slices, starts, steps } = cells;
  const places = slicePlaces(cells);
  const able = slices.map(() => new Set<number>());
  for (let asset = 0; asset < assets; asset += 1) {
    const last = starts[(asset + 1) * steps] as number;
    for (let option = starts[asset * steps] as number; option < last; option += 1) {
      able[places[cover[option] as number] ?? -1]?.add(asset);
    }
  }
  return able.map((each) => [...each]);
}
