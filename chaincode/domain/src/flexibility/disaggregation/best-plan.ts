import { present } from '../../assert';
import type { PreparedAsset } from './prepare';

/** Between which energies an asset is in a slot; 0 is off. */
export interface EnergyFixing {
  readonly lowWh: bigint;
  readonly highWh: bigint | undefined;
}

/** What a branch of a certificate allows an asset. */
export interface AssetFixing {
  /** True where it is called at least once, false where never, undefined for either. */
  readonly called: boolean | undefined;
  /** By place; one that is absent is free. */
  readonly energies: ReadonlyMap<number, EnergyFixing>;
}

export const freeAsset: AssetFixing = { called: undefined, energies: new Map() };

/** What being on in a slot is worth, and the energy that makes it so. */
export interface Gain {
  readonly value: bigint;
  readonly energyWh: bigint;
}

/** A call by its place and its energies. */
export interface PlacedCall {
  readonly place: number;
  readonly energiesWh: readonly bigint[];
}

/** The best that an asset can do, and how. */
export interface BestPlan {
  readonly value: bigint;
  readonly calls: readonly PlacedCall[];
}

/** How an asset's time is cut: which slots it can be on in, and in which it must be. */
interface Schedule {
  readonly gains: readonly (Gain | undefined)[];
  /** By place, the next one from there on in which it must be on; the number of places where there is none. */
  readonly nextMust: readonly number[];
  readonly callCost: bigint;
}

/** The best from a place on, in an asset that is free there: the value and the length of the call that begins; 0 for none. */
interface Choice {
  readonly value: bigint;
  readonly length: number;
}

/**
 * The profile of an asset that is worth most under its own rules (longest call, rest, calls left, and what a branch allows), found exactly by
 * a dynamic programme over the slots from the last to the first: stay off, or begin a call of any length. Undefined where no profile is allowed.
 */
export function bestPlan(
  asset: PreparedAsset,
  gains: readonly (Gain | undefined)[],
  callCost: bigint,
  fixing: AssetFixing = freeAsset,
): BestPlan | undefined {
  const nextMust = nextMustOf(fixing, gains.length);
  const mayRest = (nextMust[0] ?? 0) === gains.length;
  const isWorthNothing = gains.every((gain) => gain === undefined || gain.value <= 0n);
  if (fixing.called === false || (isWorthNothing && mayRest && fixing.called === undefined)) {
    return mayRest ? { value: 0n, calls: [] } : undefined;
  }
  return new Programme(asset, { gains, nextMust, callCost }).best(fixing.called === true);
}

function nextMustOf({ energies }: AssetFixing, places: number): readonly number[] {
  const next: number[] = Array.from({ length: places + 1 }, () => places);
  for (let place = places - 1; place >= 0; place -= 1) {
    const isMust = (energies.get(place)?.lowWh ?? 0n) > 0n;
    next[place] = isMust ? place : (next[place + 1] ?? places);
  }
  return next;
}

class Programme {
  readonly #asset: PreparedAsset;
  readonly #schedule: Schedule;
  /** By calls left and place; where calls are no limit there is one layer, which follows itself. */
  readonly #layers: (Choice | undefined)[][] = [];
  /** The same for profiles with at least one call, of the top layer. */
  readonly #calledTop: (Choice | undefined)[] = [];

  constructor(asset: PreparedAsset, schedule: Schedule) {
    this.#asset = asset;
    this.#schedule = schedule;
    const callsPossible = Math.ceil(schedule.gains.length / (1 + asset.pauseSlots));
    const isUnlimited = asset.callsMax >= callsPossible;
    const top = isUnlimited ? 0 : asset.callsMax;
    for (let layer = 0; layer <= top; layer += 1) this.#fill(layer, isUnlimited, layer === top);
  }

  best(isCalled: boolean): BestPlan | undefined {
    const { gains } = this.#schedule;
    let layer = this.#layers.length - 1;
    let choices = isCalled ? this.#calledTop : this.#layerAt(layer);
    const first = choices[0];
    if (first === undefined) return undefined;
    const calls: PlacedCall[] = [];
    for (let place = 0; place < gains.length;) {
      const { length } = present(choices[place], 'What was chosen leads on.');
      if (length > 0) {
        calls.push({ place, energiesWh: gains.slice(place, place + length).map((gain) => gain?.energyWh ?? 0n) });
        layer = Math.max(layer - 1, 0);
        choices = this.#layerAt(layer);
      }
      place += length === 0 ? 1 : length + this.#asset.pauseSlots;
    }
    return { value: first.value, calls };
  }

  #layerAt(layer: number): (Choice | undefined)[] {
    return present(this.#layers[layer], 'A programme has a layer for each number of calls left.');
  }

  #fill(layer: number, isUnlimited: boolean, isTop: boolean): void {
    const places = this.#schedule.gains.length;
    const choices: (Choice | undefined)[] = [];
    choices[places] = { value: 0n, length: 0 };
    const after = isUnlimited ? choices : this.#layers[layer - 1];
    this.#layers.push(choices);
    for (let place = places - 1; place >= 0; place -= 1) {
      const begun = after === undefined ? undefined : this.#begin(place, after);
      const mayStayOff = this.#schedule.nextMust[place] !== place;
      const stay = mayStayOff ? choices[place + 1] : undefined;
      choices[place] = better(stay, begun);
      if (isTop) {
        this.#calledTop[place] = better(mayStayOff ? this.#calledTop[place + 1] : undefined, begun);
      }
    }
  }

  /** The best call that begins at a place, with the best after it. */
  #begin(place: number, after: readonly (Choice | undefined)[]): Choice | undefined {
    const { callCost, gains, nextMust } = this.#schedule;
    const places = gains.length;
    let found: Choice | undefined;
    let value = -callCost;
    for (let length = 1; length <= this.#asset.asset.runSlotsMax; length += 1) {
      const gain = gains[place + length - 1];
      if (gain === undefined) break;
      value += gain.value;
      const end = place + length;
      const next = Math.min(end + this.#asset.pauseSlots, places);
      const rest = (nextMust[end] ?? places) < next ? undefined : after[next];
      if (rest !== undefined && (found === undefined || value + rest.value > found.value)) {
        found = { value: value + rest.value, length };
      }
    }
    return found;
  }
}

/** Staying off is chosen where both are worth the same. */
function better(stay: Choice | undefined, begun: Choice | undefined): Choice | undefined {
  if (stay === undefined) return begun;
  return begun !== undefined && begun.value > stay.value ? begun : { value: stay.value, length: 0 };
}
