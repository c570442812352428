import {
  addSlots,
  checkPlans,
  plansOutcome,
  RuleError,
  wh,
  type AssetPlan,
  type PreparedAsset,
  type PreparedCase,
} from '@flexledger/domain';
import type { Costing } from '../proof/bound-tree';

/** Profiles that keep the rules, with what they cost in thousandths of a micro-unit. */
export interface Candidate extends Costing {
  readonly plans: readonly AssetPlan[];
}

/** The calls that a model makes of an asset: energies in fractions of a Wh, by place. */
export interface ChosenEnergies {
  readonly asset: PreparedAsset;
  readonly energiesWh: ReadonlyMap<number, number>;
}

const PPM = 1_000_000n;
/** What the tolerances of a solver leave of a whole Wh. */
const ROUNDING_WH = 1e-4;

/** Ways to make whole Wh of fractions, each for cases that the one before it does not suit. */
const roundings: readonly ((energyWh: number) => number)[] = [
  (energyWh) => Math.floor(energyWh + ROUNDING_WH),
  Math.round,
  (energyWh) => Math.ceil(energyWh - ROUNDING_WH),
];

/** Profiles as a candidate; undefined where they break a rule. */
export function candidateOf(prepared: PreparedCase, plans: readonly AssetPlan[]): Candidate | undefined {
  try {
    return { plans, cost: checkPlans(prepared, plans).objectiveNano };
  } catch (error) {
    // What a solver in floating point proposes may miss a rule by a Wh; then it is no answer.
    if (error instanceof RuleError) return undefined;
    throw error;
  }
}

/** The best answer in whole Wh that is next to what a model has found; undefined where none keeps the rules. */
export function wholeAnswer(prepared: PreparedCase, chosen: readonly ChosenEnergies[]): Candidate | undefined {
  const inOrder = [...chosen].sort((left, right) => left.asset.index - right.asset.index);
  const candidates = roundings.flatMap((round) => {
    const plans = inOrder.flatMap(({ asset, energiesWh }) => {
      const plan = planOf(prepared, asset, callsOf(asset, energiesWh, round));
      return plan.calls.length === 0 ? [] : [plan];
    });
    return [candidateOf(prepared, plans), candidateOf(prepared, filledUp(prepared, plans))];
  });
  return candidates.reduce((best, candidate) => {
    if (candidate === undefined) return best;
    return best === undefined || candidate.cost < best.cost ? candidate : best;
  }, undefined);
}

/** A profile by places as one by slots. */
export function planOf(
  { asked }: PreparedCase,
  { asset }: PreparedAsset,
  calls: readonly { readonly place: number; readonly energiesWh: readonly bigint[] }[],
): AssetPlan {
  return {
    assetId: asset.assetId,
    calls: calls.map(({ energiesWh, place }) => ({
      firstSlot: addSlots(asked.firstSlot, place),
      energiesWh: energiesWh.map(wh),
    })),
  };
}

/** Calls from the energies of the slots in which an asset is on, inside of its bands. */
function callsOf(
  asset: PreparedAsset,
  on: ReadonlyMap<number, number>,
  round: (energyWh: number) => number,
): readonly { readonly place: number; readonly energiesWh: readonly bigint[] }[] {
  const calls: { place: number; energiesWh: bigint[] }[] = [];
  for (const place of [...on.keys()].sort((left, right) => left - right)) {
    const cell = asset.cells[place];
    if (cell === undefined) continue;
    const whole = BigInt(round(on.get(place) ?? 0));
    const atLeast = whole < cell.lowWh ? cell.lowWh : whole;
    const energyWh = atLeast > cell.highWh ? cell.highWh : atLeast;
    const last = calls.at(-1);
    if (last !== undefined && last.place + last.energiesWh.length === place) {
      last.energiesWh.push(energyWh);
    } else {
      calls.push({ place, energiesWh: [energyWh] });
    }
  }
  return calls;
}

/** Profiles in which assets that are on anyway deliver what is missing by a few Wh, as far as bands and comfort allow. */
function filledUp(prepared: PreparedCase, plans: readonly AssetPlan[]): readonly AssetPlan[] {
  const { asked, assetIndex, assets } = prepared;
  const room = new Room(prepared, plans);
  return plans.map(({ assetId, calls }) => {
    const asset = assets[assetIndex.get(assetId) ?? -1];
    if (asset === undefined) return { assetId, calls };
    return {
      assetId,
      calls: calls.map(({ energiesWh, firstSlot }) => ({
        firstSlot,
        energiesWh: energiesWh.map((energyWh, index) => {
          return wh(energyWh + room.take(asset, firstSlot - asked.firstSlot + index, energyWh));
        }),
      })),
    };
  });
}

/** What is missing by slot, and what comfort still allows. */
class Room {
  readonly #missingWh: bigint[];
  readonly #comfortWh: bigint[];

  constructor(prepared: PreparedCase, plans: readonly AssetPlan[]) {
    const { asked, assetIndex, assets } = prepared;
    this.#missingWh = plansOutcome(prepared, plans).shortfallMicroWh.map((microWh) => (microWh + PPM - 1n) / PPM);
    this.#comfortWh = asked.comfort.map(({ energyWhMax }): bigint => energyWhMax);
    for (const { assetId, calls } of plans) {
      const comfort = assets[assetIndex.get(assetId) ?? -1]?.comfort;
      if (comfort === undefined) continue;
      for (const energyWh of calls.flatMap(({ energiesWh }) => energiesWh)) lower(this.#comfortWh, comfort, energyWh);
    }
  }

  /** How much more an asset delivers in a slot. */
  take({ cells, comfort }: PreparedAsset, place: number, energyWh: bigint): bigint {
    const missing = this.#missingWh[place] ?? 0n;
    const inBand = (cells[place]?.highWh ?? energyWh) - energyWh;
    const inComfort = comfort === undefined ? missing : (this.#comfortWh[comfort] ?? 0n);
    const more = [missing, inBand, inComfort].reduce((low, amount) => (amount < low ? amount : low));
    if (more <= 0n) return 0n;
    lower(this.#missingWh, place, more);
    if (comfort !== undefined) lower(this.#comfortWh, comfort, more);
    return more;
  }
}

function lower(amounts: bigint[], index: number, by: bigint): void {
  amounts[index] = (amounts[index] ?? 0n) - by;
}
