import { RuleError } from '../../errors';
import { compareBigint, greatest, least, sum } from '../../math';
import { addSlots } from '../../time';
import { nano, ppmWhole, wh } from '../../units';
import { bestPlan, type Gain, type PlacedCall } from './best-plan';
import { relax } from './certificate';
import {
  checkPlan,
  nanoPerMicro,
  plansOutcome,
  placeAboveCeiling,
  placedEnergies,
  totalsOf,
  type PlansOutcome,
} from './plans';
import { amountAt, ceilingOf, type PreparedAsset, type PreparedCase } from './prepare';
import type { AssetPlan, DisaggregationAnswer, FlexCall } from './rows';

/** Profiles by asset, and what they come to. */
interface Draft {
  readonly plans: ReadonlyMap<number, AssetPlan>;
  readonly outcome: PlansOutcome;
}

/**
 * An answer without an optimum, for when no oracle answers: the assets are asked one after the other, the cheapest kWh first, and each does what
 * spares most of the shortfall that is left; who would not spare anything is left out. Its bound comes from one set of multipliers, so that how far
 * it may be from the best answer is stated all the same. It costs one small programme per asset.
 */
export function meritOrder(prepared: PreparedCase): DisaggregationAnswer {
  return completedAnswer(prepared, []);
}

/** The same beginning with profiles that keep the rules; the assets that have none are asked. */
export function completedAnswer(prepared: PreparedCase, begun: readonly AssetPlan[]): DisaggregationAnswer {
  const known = new Map(begun.map((plan) => [prepared.assetIndex.get(plan.assetId) ?? -1, plan]));
  let draft: Draft = { plans: known, outcome: plansOutcome(prepared, begun) };
  for (const asset of byMerit(prepared).filter(({ index }) => !known.has(index))) {
    const calls = trimmed(prepared, asset, draft, callsFor(prepared, asset, draft));
    if (calls.length === 0) continue;
    const plan = { assetId: asset.asset.assetId, calls };
    const outcome = outcomeWith(prepared, draft, plan);
    if (outcome !== undefined && outcome.objectiveNano < draft.outcome.objectiveNano) {
      draft = { plans: new Map(draft.plans).set(asset.index, plan), outcome };
    }
  }
  const plans = inOrder(draft.plans);
  const slotPrices = marginalPrices(prepared, plans);
  const { boundNano = 0n } = relax(prepared, { slots: slotPrices, comfort: new Map(), shift: new Map() }, new Map());
  return {
    plans,
    objectiveNano: nano(draft.outcome.objectiveNano),
    boundNano: nano(greatest(boundNano, 0n)),
    certificate: [{ kind: 'leaf', slotPrices, comfortPrices: [], shiftPrices: [] }],
  };
}

/** The assets that can be called, the cheapest kWh first; those of equal cost in the order of the case. */
function byMerit({ assets }: PreparedCase): readonly PreparedAsset[] {
  return assets
    .flatMap((asset) => {
      const costs = asset.cells.flatMap((cell) => (cell === undefined ? [] : [cell.costMicroPerKwh]));
      return costs.length === 0 ? [] : [{ asset, cost: costs.reduce((low, cost) => least(low, cost)) }];
    })
    .sort((left, right) => compareBigint(left.cost, right.cost) || left.asset.index - right.asset.index)
    .map(({ asset }) => asset);
}

function inOrder(plans: Draft['plans']): readonly AssetPlan[] {
  return [...plans].sort(([left], [right]) => left - right).map(([, plan]) => plan);
}

/** What profiles come to with one more, or undefined where it breaks a rule. Comfort is what it was trimmed to. */
function outcomeWith(prepared: PreparedCase, { outcome }: Draft, plan: AssetPlan): PlansOutcome | undefined {
  try {
    checkPlan(prepared, plan);
  } catch (error) {
    // A profile that breaks a rule of its asset is not taken; every other error is a mistake of ours.
    if (error instanceof RuleError) return undefined;
    throw error;
  }
  const next = plansOutcome(prepared, [plan], outcome);
  return placeAboveCeiling(prepared, next) === undefined ? next : undefined;
}

/** The calls that spare most of what is still missing, for one asset alone. */
function callsFor(prepared: PreparedCase, asset: PreparedAsset, { outcome }: Draft): readonly PlacedCall[] {
  const { asked, ceilingsWh } = prepared;
  const price = asked.shortfallMicroPerKwh;
  const gains = asset.cells.map((cell, place): Gain | undefined => {
    if (cell === undefined) return undefined;
    const missing = amountAt(outcome.shortfallMicroWh, place);
    const ceilingWh = ceilingsWh[place];
    const room =
      ceilingWh === undefined
        ? cell.highWh
        : (ceilingWh * ppmWhole - amountAt(outcome.deliveredMicroWh, place)) / ppmWhole;
    // Where energy is shifted, a slot in which nothing is missing may be what balances another one.
    const isBalance = missing === 0n && asked.shiftTolerancePpm !== undefined;
    const wanted = isBalance ? cell.highWh : ceilingOf(missing, ppmWhole);
    const energyWh = greatest(least(least(wanted, cell.highWh), room), cell.lowWh);
    if (energyWh > room) return undefined;
    const spared = isBalance ? (energyWh * price) / 2n : (least(missing, energyWh * ppmWhole) * price) / ppmWhole;
    return { value: spared - energyWh * cell.costMicroPerKwh, energyWh };
  });
  return bestPlan(asset, gains, asset.asset.callCostMicro * nanoPerMicro)?.calls ?? [];
}

/** Calls cut down to what comfort and balance allow, as far as the bands do. */
function trimmed(
  prepared: PreparedCase,
  asset: PreparedAsset,
  { plans }: Draft,
  placed: readonly PlacedCall[],
): readonly FlexCall[] {
  const { asked, directions } = prepared;
  let calls: readonly FlexCall[] = placed.map(({ energiesWh, place }) => ({
    firstSlot: addSlots(asked.firstSlot, place),
    energiesWh: energiesWh.map(wh),
  }));
  const tolerance = asked.shiftTolerancePpm ?? ppmWhole;
  if (tolerance < ppmWhole) {
    const { increaseWh, reduceWh } = totalsOf(prepared, calls);
    const most = (other: bigint): bigint => (other * ppmWhole) / (ppmWhole - tolerance);
    calls = lowered(prepared, asset, calls, reduceWh - most(increaseWh), (place) => directions[place] === 'reduce');
    calls = lowered(prepared, asset, calls, increaseWh - most(reduceWh), (place) => directions[place] === 'increase');
  }
  const left = comfortLeft(prepared, asset, plans);
  while (left !== undefined && calls.length > 0 && energyOf(calls) > left) {
    const lower = lowered(prepared, asset, calls, energyOf(calls) - left, () => true);
    calls = energyOf(lower) > left ? calls.slice(0, -1) : lower;
  }
  return calls;
}

function comfortLeft(prepared: PreparedCase, { comfort }: PreparedAsset, plans: Draft['plans']): bigint | undefined {
  if (comfort === undefined) return undefined;
  const others = [...plans].filter(([index]) => prepared.assets[index]?.comfort === comfort);
  return (prepared.asked.comfort[comfort]?.energyWhMax ?? 0n) - sum(others.map(([, { calls }]) => energyOf(calls)));
}

function energyOf(calls: readonly FlexCall[]): bigint {
  return sum(calls.flatMap(({ energiesWh }) => energiesWh));
}

/** Calls with less energy in some places, from the last to the first, by an excess or down to the bands. */
function lowered(
  { asked }: PreparedCase,
  { cells }: PreparedAsset,
  calls: readonly FlexCall[],
  excessWh: bigint,
  isMeant: (place: number) => boolean,
): readonly FlexCall[] {
  let excess = greatest(excessWh, 0n);
  return [...calls]
    .reverse()
    .map(({ energiesWh, firstSlot }) => {
      const energies = [...energiesWh];
      for (let index = energies.length - 1; index >= 0; index -= 1) {
        const place = firstSlot - asked.firstSlot + index;
        const energyWh = energies[index] ?? wh(0n);
        const cut = isMeant(place) ? least(excess, energyWh - (cells[place]?.lowWh ?? energyWh)) : 0n;
        energies[index] = wh(energyWh - cut);
        excess -= cut;
      }
      return { firstSlot, energiesWh: energies };
    })
    .reverse();
}

/** By place, what the dearest kWh that is called costs; what a shortfall costs where something is missing. */
function marginalPrices(prepared: PreparedCase, plans: readonly AssetPlan[]): readonly bigint[] {
  const { asked, assetIndex, assets, floorsWh } = prepared;
  const most = asked.shortfallMicroPerKwh;
  const { shortfallMicroWh } = plansOutcome(prepared, plans);
  const prices = shortfallMicroWh.map((missing): bigint => (missing > 0n ? most : 0n));
  for (const { assetId, calls } of plans) {
    const cells = assets[assetIndex.get(assetId) ?? -1]?.cells ?? [];
    for (const [place] of calls.flatMap((call) => placedEnergies(prepared, call))) {
      const cost = least<bigint>(cells[place]?.costMicroPerKwh ?? 0n, most);
      if (amountAt(floorsWh, place) > 0n) prices[place] = greatest(amountAt(prices, place), cost);
    }
  }
  return prices.map((price) => price * ppmWhole);
}
