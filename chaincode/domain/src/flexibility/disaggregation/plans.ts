import { present } from '../../assert';
import { demand } from '../../errors';
import { greatest, sum } from '../../math';
import { ppmWhole } from '../../units';
import { amountAt, ceilingOf, type Cell, type PreparedAsset, type PreparedCase } from './prepare';
import type { AssetPlan, FlexCall } from './rows';

/** Thousandths of a micro-unit in a micro-unit: a price per kWh times Wh is in thousandths. */
export const nanoPerMicro = 1_000n;

/** What profiles come to. */
export interface PlansOutcome {
  /** What the profiles cost without what is not delivered, in thousandths of a micro-unit. */
  readonly costNano: bigint;
  /** What they cost, with what is not delivered, in thousandths of a micro-unit, rounded up once at the end. */
  readonly objectiveNano: bigint;
  /** By place, what is delivered in the direction of the slot, less what comes back, in millionths of a Wh. */
  readonly deliveredMicroWh: readonly bigint[];
  /** By place, what is missing, in millionths of a Wh. */
  readonly shortfallMicroWh: readonly bigint[];
}

/**
 * Checks profiles against the rules of every asset and answers what they come to. Refuses with the first code in precedence order:
 * FLEX_PLAN_ASSET_UNKNOWN, FLEX_PLAN_ORDER, FLEX_PLAN_OPTED_OUT, FLEX_PLAN_CALLS, FLEX_PLAN_REST, FLEX_PLAN_RUN, FLEX_PLAN_NOTICE,
 * FLEX_PLAN_BAND, FLEX_PLAN_COMFORT, FLEX_PLAN_NOT_NEUTRAL, FLEX_PLAN_ABOVE_MAXIMUM.
 */
export function checkPlans(prepared: PreparedCase, plans: readonly AssetPlan[]): PlansOutcome {
  let last = -1;
  for (const plan of plans) {
    const index = prepared.assetIndex.get(plan.assetId);
    demand(index !== undefined, 'FLEX_PLAN_ASSET_UNKNOWN', { assetId: plan.assetId });
    demand(index > last, 'FLEX_PLAN_ORDER', { assetId: plan.assetId });
    last = index;
    checkPlan(prepared, plan);
  }
  checkComfort(prepared, plans);
  const outcome = plansOutcome(prepared, plans);
  const over = placeAboveCeiling(prepared, outcome);
  demand(over === undefined, 'FLEX_PLAN_ABOVE_MAXIMUM', { slot: prepared.asked.firstSlot + (over ?? 0) });
  return outcome;
}

/** The first place in which more is delivered than it allows. */
export function placeAboveCeiling({ ceilingsWh }: PreparedCase, outcome: PlansOutcome): number | undefined {
  const place = ceilingsWh.findIndex((ceilingWh, at) => {
    return ceilingWh !== undefined && amountAt(outcome.deliveredMicroWh, at) > ceilingWh * ppmWhole;
  });
  return place < 0 ? undefined : place;
}

/** What profiles come to, whether or not they keep the rules; each is of an asset of the case. */
export function plansOutcome(
  prepared: PreparedCase,
  plans: readonly AssetPlan[],
  before: Pick<PlansOutcome, 'costNano' | 'deliveredMicroWh'> = { costNano: 0n, deliveredMicroWh: [] },
): PlansOutcome {
  const delivered: bigint[] = prepared.directions.map((_, place) => amountAt(before.deliveredMicroWh, place));
  const add = (place: number, microWh: bigint): void => {
    if (place < delivered.length) delivered[place] = amountAt(delivered, place) + microWh;
  };
  let { costNano } = before;
  for (const plan of plans) {
    const asset = assetOf(prepared, plan.assetId);
    for (const call of plan.calls) {
      costNano += asset.asset.callCostMicro * nanoPerMicro;
      for (const [place, energyWh] of placedEnergies(prepared, call)) {
        costNano += energyWh * (asset.cells[place]?.costMicroPerKwh ?? 0n);
        add(place, energyWh * ppmWhole);
        for (const effect of asset.rebounds[place] ?? []) add(effect.place, energyWh * effect.sharePpm);
      }
    }
  }
  const shortfall = prepared.floorsWh.map((floorWh, place) => {
    return floorWh === undefined ? 0n : greatest(floorWh * ppmWhole - amountAt(delivered, place), 0n);
  });
  const shortfallCost = sum(shortfall) * prepared.asked.shortfallMicroPerKwh;
  return {
    costNano,
    objectiveNano: costNano + ceilingOf(shortfallCost, ppmWhole),
    deliveredMicroWh: delivered,
    shortfallMicroWh: shortfall,
  };
}

function assetOf(prepared: PreparedCase, assetId: string): PreparedAsset {
  return present(prepared.assets[prepared.assetIndex.get(assetId) ?? -1], 'A profile is of an asset of the case.');
}

/** The energies of a call by place. */
export function placedEnergies(
  { asked }: Pick<PreparedCase, 'asked'>,
  { energiesWh, firstSlot }: FlexCall,
): readonly (readonly [number, bigint])[] {
  return energiesWh.map((energyWh, index) => [firstSlot - asked.firstSlot + index, energyWh]);
}

/** Checks the profile of one asset of the case against the rules of that asset alone. */
export function checkPlan(prepared: PreparedCase, { assetId, calls }: AssetPlan): void {
  const { asset, callsMax, cells, pauseSlots } = assetOf(prepared, assetId);
  demand(asset.optedOut !== true, 'FLEX_PLAN_OPTED_OUT', { assetId });
  demand(calls.length <= callsMax, 'FLEX_PLAN_CALLS', { assetId, callsMax });
  const noticeEnd = prepared.asked.noticeSlot + asset.noticeSlots;
  let free = 0;
  for (const call of calls) {
    const place = call.firstSlot - prepared.asked.firstSlot;
    demand(place >= free, 'FLEX_PLAN_REST', { assetId, slot: call.firstSlot });
    const { length } = call.energiesWh;
    demand(length <= asset.runSlotsMax, 'FLEX_PLAN_RUN', { assetId, slot: call.firstSlot });
    demand(call.firstSlot >= noticeEnd, 'FLEX_PLAN_NOTICE', { assetId, slot: call.firstSlot });
    for (const [at, energyWh] of placedEnergies(prepared, call)) {
      demand(isInside(cells[at], energyWh), 'FLEX_PLAN_BAND', { assetId, slot: prepared.asked.firstSlot + at });
    }
    free = place + length + pauseSlots;
  }
  const tolerance = prepared.asked.shiftTolerancePpm;
  if (tolerance !== undefined) {
    const { increaseWh, reduceWh } = totalsOf(prepared, calls);
    const kept = ppmWhole - tolerance;
    const isNeutral = reduceWh * kept <= increaseWh * ppmWhole && increaseWh * kept <= reduceWh * ppmWhole;
    demand(isNeutral, 'FLEX_PLAN_NOT_NEUTRAL', { assetId });
  }
}

function isInside(cell: Cell, energyWh: bigint): boolean {
  return cell !== undefined && cell.lowWh <= energyWh && energyWh <= cell.highWh;
}

/** What calls deliver in each direction. */
export function totalsOf(
  prepared: PreparedCase,
  calls: readonly FlexCall[],
): { readonly reduceWh: bigint; readonly increaseWh: bigint } {
  const energies = calls.flatMap((call) => placedEnergies(prepared, call));
  const of = (direction: string): bigint =>
    sum(energies.filter(([place]) => prepared.directions[place] === direction).map(([, energyWh]) => energyWh));
  return { reduceWh: of('reduce'), increaseWh: of('increase') };
}

function checkComfort(prepared: PreparedCase, plans: readonly AssetPlan[]): void {
  const used: bigint[] = prepared.asked.comfort.map(() => 0n);
  for (const { assetId, calls } of plans) {
    const { comfort } = assetOf(prepared, assetId);
    if (comfort !== undefined) {
      used[comfort] = amountAt(used, comfort) + sum(calls.flatMap(({ energiesWh }) => energiesWh));
    }
  }
  for (const [index, { energyWhMax, participantId }] of prepared.asked.comfort.entries()) {
    demand(amountAt(used, index) <= energyWhMax, 'FLEX_PLAN_COMFORT', { participantId });
  }
}
