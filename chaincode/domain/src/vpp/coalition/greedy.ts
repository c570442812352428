import { compareBigint, greatest, least } from '../../math';
import { nano, ppmWhole, w } from '../../units';
import { noMultipliers, relaxCoalition, type CoalitionMultipliers } from './bound';
import { coalitionLeaf } from './certificate';
import { checkChoice, nanoOf, placedPowers, type CoalitionChoice, type PlacedPower } from './choice';
import { CoalitionDraft, firmCost } from './draft';
import {
  amountIn,
  optionAt,
  stepsOfSlice,
  type CoalitionOption,
  type PreparedCoalition,
  type PreparedCoalitionAsset,
  type PreparedDemand,
} from './prepare';
import type { CoalitionAnswer, CoalitionAssignment } from './rows';

/** Passes over the slices. */
const PASSES = 2;

/** A slice of a request. */
interface Slice {
  readonly request: PreparedDemand;
  readonly slice: number;
}

/** An asset that could help in a step. */
interface Helper {
  readonly asset: PreparedCoalitionAsset;
  readonly option: CoalitionOption;
  readonly cost: bigint;
}

/**
 * An answer without an optimum, for when no oracle answers: slices are served one after the other, each with the assets whose firm power costs
 * least, as far as a W earns more than it costs; what earns nothing is taken back. Several orders of the slices are tried, and the best one counts.
 * Its bound comes from one set of multipliers, so that how far it may be from the best answer is stated all the same.
 */
export function greedyCoalition(prepared: PreparedCoalition): CoalitionAnswer {
  const choices = slicesInOrders(prepared).map((slices) => completedIn(prepared, [], slices));
  const best = choices.reduce((most, choice) => (choice.units > most.units ? choice : most));
  const answers = boundsOf(prepared, best.choice).map((multipliers) => {
    const { boundNano = 0n } = relaxCoalition(prepared, multipliers);
    return { multipliers, boundNano };
  });
  const closest = answers.reduce((low, answer) => (answer.boundNano < low.boundNano ? answer : low));
  return {
    ...best.choice,
    objectiveNano: nano(nanoOf(best.units)),
    boundNano: nano(greatest(closest.boundNano, 0n)),
    certificate: [coalitionLeaf(prepared, closest.multipliers)],
  };
}

/** A choice with what it earns, in units of the objective. */
export interface EarningChoice {
  readonly choice: CoalitionChoice;
  readonly units: bigint;
}

/** The same beginning with what some assets do, as far as their rules and the limits of groups allow; the others are asked. */
export function completedCoalition(prepared: PreparedCoalition, begun: readonly CoalitionAssignment[]): EarningChoice {
  const [slices = []] = slicesInOrders(prepared);
  return completedIn(prepared, begun, slices);
}

/** The slices in orders that suit different cases: the best price first, the most money first, and one after the other in time. */
function slicesInOrders({ requests }: PreparedCoalition): readonly (readonly Slice[])[] {
  const all = requests.flatMap((request) =>
    Array.from({ length: request.demand.slices }, (_, slice): Slice => ({ request, slice })),
  );
  const price = ({ request }: Slice): bigint => (request.priceUnits * ppmWhole) / (ppmWhole + request.demand.marginPpm);
  const money = (slice: Slice): bigint => price(slice) * slice.request.highW * BigInt(slice.request.demand.sliceSteps);
  const by = (value: (slice: Slice) => bigint): readonly Slice[] =>
    [...all].sort((left, right) => compareBigint(value(right), value(left)));
  const start = ({ request, slice }: Slice): bigint =>
    BigInt(request.demand.firstStep + slice * request.demand.sliceSteps);
  return [by(price), by(money), by((slice) => -start(slice))];
}

function completedIn(
  prepared: PreparedCoalition,
  begun: readonly CoalitionAssignment[],
  slices: readonly Slice[],
): EarningChoice {
  const draft = new CoalitionDraft(prepared);
  for (const assignment of begun) begin(prepared, draft, assignment);
  const served = prepared.requests.map(({ demand }) => Array.from({ length: demand.slices }, () => 0n));
  // What the first pass sets free can serve others in the second.
  for (let pass = 0; pass < PASSES; pass += 1) {
    for (const slice of slices) {
      const powers = served[slice.request.index];
      if (powers !== undefined) powers[slice.slice] = serve(prepared, draft, slice);
    }
    for (const { request, slice } of slices) prune(prepared, draft, request, { slice, served });
  }
  const choice = choiceOf(prepared, draft, served);
  return { choice, units: checkChoice(prepared, choice) };
}

/** Takes over what an asset is to do, as far as its own rules and the limits of groups allow. */
function begin(prepared: PreparedCoalition, draft: CoalitionDraft, assignment: CoalitionAssignment): void {
  const asset = prepared.assets[prepared.assetIndex.get(assignment.assetId) ?? -1];
  if (asset === undefined) return;
  for (const power of placedPowers(prepared, assignment)) {
    const option = optionAt(asset, power.step, power.request);
    const room = option === undefined ? undefined : draft.roomFor(asset, option, power.step);
    if (room !== undefined) draft.set(asset, { ...power, powerW: least(power.powerW, room) });
  }
}

function choiceOf(
  { requests }: PreparedCoalition,
  draft: CoalitionDraft,
  served: readonly (readonly bigint[])[],
): CoalitionChoice {
  return {
    assignments: draft.assignments(),
    served: requests.flatMap(({ demand: { requestId }, index }) => {
      const slicesW = (served[index] ?? []).map(w);
      return slicesW.some((powerW) => powerW > 0n) ? [{ requestId, slicesW }] : [];
    }),
  };
}

/** What was added to a slice, and what that costs. */
interface Added {
  readonly powers: (readonly [PreparedCoalitionAsset, PlacedPower])[];
  costs: bigint;
}

/** Adds assets to a slice as far as that pays; answers the power with which it is served. */
function serve(prepared: PreparedCoalition, draft: CoalitionDraft, { request, slice }: Slice): bigint {
  const steps = stepsOfSlice(request, slice);
  const before = coveredW(draft, request, steps);
  const added: Added = { powers: [], costs: 0n };
  for (const step of steps) addHelpers(prepared, draft, request, step, added);
  const powerW = coveredW(draft, request, steps);
  const earned = (powerW - before) * request.priceUnits * BigInt(steps.length);
  if (powerW > 0n && earned + trim(draft, request, powerW, added) > added.costs) return powerW;
  for (const [asset, { step }] of added.powers) draft.clear(asset, step);
  return before;
}

/** Adds the cheapest assets in a step until the largest power is covered. */
function addHelpers(
  prepared: PreparedCoalition,
  draft: CoalitionDraft,
  request: PreparedDemand,
  step: number,
  added: Added,
): void {
  for (const { asset, option } of helpersFor(prepared, draft, request, step)) {
    const missing = request.highW * factorOf(request) - amountIn(draft.use.firm, request.index, step);
    if (missing <= 0n && isCounted(draft, request, step)) return;
    const room = draft.roomFor(asset, option, step);
    if (room === undefined) continue;
    const needed = (greatest(missing, 0n) + option.firmPpm - 1n) / option.firmPpm;
    const power = { step, request: request.index, powerW: greatest(least(room, needed), option.lowW) };
    added.costs += power.powerW * option.costUnits + (startsAt(draft, asset, step) ? asset.startUnits : 0n);
    draft.set(asset, power);
    added.powers.push([asset, power]);
  }
}

/** Whether as many assets are on for a request as it demands. */
function isCounted(draft: CoalitionDraft, { demand: { assetsMin }, index }: PreparedDemand, step: number): boolean {
  return amountIn(draft.use.assets, index, step) >= BigInt(assetsMin);
}

function factorOf({ demand: { marginPpm } }: PreparedDemand): bigint {
  return ppmWhole + marginPpm;
}

/** Whether being on in a step begins another run. */
function startsAt(draft: CoalitionDraft, asset: PreparedCoalitionAsset, step: number): boolean {
  return !draft.isOn(asset, step - 1) && !draft.isOn(asset, step + 1);
}

/** The largest power that what is on can serve in all of the steps; 0 where that is no bid. */
function coveredW(draft: CoalitionDraft, request: PreparedDemand, steps: readonly number[]): bigint {
  const { stepW } = request.demand;
  let most = request.highW;
  for (const step of steps) {
    if (!isCounted(draft, request, step)) return 0n;
    most = least(most, amountIn(draft.use.firm, request.index, step) / factorOf(request));
  }
  const powerW = (most / stepW) * stepW;
  return powerW < request.lowW ? 0n : powerW;
}

/** Who could help in a step and earns more than it costs, the cheapest first; those of equal cost in the order of the case. */
function helpersFor(
  { assets, asked }: PreparedCoalition,
  draft: CoalitionDraft,
  request: PreparedDemand,
  step: number,
): readonly Helper[] {
  const most = (request.priceUnits * ppmWhole) / factorOf(request);
  const left = request.endStep - step;
  return assets
    .flatMap((asset): readonly Helper[] => {
      const option = optionAt(asset, step, request.index);
      if (option === undefined || draft.isOn(asset, step)) return [];
      const start = startsAt(draft, asset, step) ? asset.startUnits : 0n;
      const cost = firmCost(option, start, Math.min(asset.runs.longest, left, asked.steps));
      return cost === undefined || cost >= most ? [] : [{ asset, option, cost }];
    })
    .sort((one, other) => compareBigint(one.cost, other.cost));
}

/** Takes back what is more than enough of what was added, the dearest first; answers what that spares. */
function trim(draft: CoalitionDraft, request: PreparedDemand, powerW: bigint, { powers }: Added): bigint {
  let spared = 0n;
  for (const [asset, power] of [...powers].reverse()) {
    const option = optionAt(asset, power.step, request.index);
    const excess = amountIn(draft.use.firm, request.index, power.step) - powerW * factorOf(request);
    if (option === undefined || excess < option.firmPpm) continue;
    const less = least(excess / option.firmPpm, power.powerW - option.lowW);
    if (less <= 0n) continue;
    draft.set(asset, { ...power, powerW: power.powerW - less });
    spared += less * option.costUnits;
  }
  return spared;
}

/** Takes back what a slice does not need: the dearest first, whole where a run does not break by it. */
function prune(
  prepared: PreparedCoalition,
  draft: CoalitionDraft,
  request: PreparedDemand,
  { served, slice }: { readonly slice: number; readonly served: readonly (readonly bigint[])[] },
): void {
  const needed = amountIn(served, request.index, slice) * factorOf(request);
  for (const step of stepsOfSlice(request, slice)) {
    let excess = amountIn(draft.use.firm, request.index, step) - needed;
    if (excess <= 0n) continue;
    const on = prepared.assets.flatMap((asset): readonly Helper[] => {
      const option = optionAt(asset, step, request.index);
      const isOn = option !== undefined && draft.at(asset, step)?.request === request.index;
      return isOn ? [{ asset, option, cost: firmCost(option, 0n, 1) ?? option.costUnits }] : [];
    });
    for (const helper of on.sort((one, other) => compareBigint(other.cost, one.cost))) {
      const mayDrop =
        needed === 0n || amountIn(draft.use.assets, request.index, step) > BigInt(request.demand.assetsMin);
      excess -= lower(draft, helper, step, { excess, mayDrop });
    }
  }
}

/** Lowers what an asset does in a step as far as it is too much; answers the firm power that this takes away. */
function lower(
  draft: CoalitionDraft,
  { asset, option }: Helper,
  step: number,
  { excess, mayDrop }: { readonly excess: bigint; readonly mayDrop: boolean },
): bigint {
  const power = draft.at(asset, step);
  if (power === undefined || option.firmPpm === 0n) return 0n;
  const isEdge = !draft.isOn(asset, step - 1) || !draft.isOn(asset, step + 1);
  const whole = power.powerW * option.firmPpm;
  if (mayDrop && isEdge && whole <= excess) {
    draft.clear(asset, step);
    return whole;
  }
  const less = least(excess / option.firmPpm, power.powerW - option.lowW);
  if (less <= 0n) return 0n;
  draft.set(asset, { ...power, powerW: power.powerW - less });
  return less * option.firmPpm;
}

/** Multipliers that could bound a case: firm power for nothing, at what it earns, and at what it costs in a choice. */
function boundsOf(prepared: PreparedCoalition, choice: CoalitionChoice): readonly CoalitionMultipliers[] {
  const none = noMultipliers(prepared);
  const earns = none.cover.map((row, index) => {
    const request = prepared.requests[index];
    const price =
      request === undefined ? 0n : (request.priceUnits * ppmWhole) / (prepared.stepSlots * factorOf(request));
    return row.map(() => price);
  });
  return [none, { ...none, cover: earns }, { ...none, cover: costsOf(prepared, choice, earns) }];
}

/** What firm power costs in a choice, by request and step, at most what it earns. */
function costsOf(
  prepared: PreparedCoalition,
  { assignments }: CoalitionChoice,
  earns: readonly (readonly bigint[])[],
): readonly (readonly bigint[])[] {
  const costs = earns.map((row) => row.map(() => 0n));
  for (const assignment of assignments) {
    const asset = prepared.assets[prepared.assetIndex.get(assignment.assetId) ?? -1];
    const powers = asset === undefined ? [] : placedPowers(prepared, assignment);
    for (const { request, step } of powers) {
      const option = asset === undefined ? undefined : optionAt(asset, step, request);
      const row = costs[request];
      if (asset === undefined || option === undefined || row === undefined) continue;
      const cost = (firmCost(option, asset.startUnits, powers.length) ?? 0n) / prepared.stepSlots;
      row[step] = greatest(amountIn(costs, request, step), least(cost, amountIn(earns, request, step)));
    }
  }
  return costs;
}
