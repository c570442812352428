import { floorQuotient, greatest, least } from '../../math';
import { bestRuns } from '../../proof/best-runs';
import { ppmWhole } from '../../units';
import {
  freeCoalition,
  freeCoalitionAsset,
  sliceRange,
  type CoalitionAssetFixing,
  type CoalitionBranch,
  type PowerFixing,
  type ServiceFixing,
} from './branch';
import type { PlacedPower } from './choice';
import {
  amountIn,
  stepsOfSlice,
  storageUnits,
  takesOf,
  unitsPerNano,
  type CoalitionOption,
  type PreparedCoalition,
  type PreparedCoalitionAsset,
  type PreparedDemand,
} from './prepare';

/** Multipliers are in millionths, and so are shares of power: bounds are in millionths of a unit of the objective. */
const scale = ppmWhole;
const scaledPerNano = unitsPerNano * scale;
/** Units of a bound in a millionth of a micro-unit, in which the prices of assets that are on stand. */
const scaledPerPico = scaledPerNano / 1_000n;

/** What a kWh of a storage is worth, in each direction. */
export interface StoragePrice {
  readonly up: bigint;
  readonly down: bigint;
}

/** Multipliers, none below zero: in millionths of a micro-unit per kWh, of counts in millionths of a micro-unit. */
export interface CoalitionMultipliers {
  /** By request and step of the case. */
  readonly cover: readonly (readonly bigint[])[];
  /** By request and step of the case. */
  readonly count: readonly (readonly bigint[])[];
  /** By group and step of the case. */
  readonly groups: readonly (readonly bigint[])[];
  /** By asset; zero where absent. */
  readonly storages: ReadonlyMap<number, StoragePrice>;
}

/** What is worth most to one asset. */
export interface BestDuty {
  /** In millionths of a unit of the objective. */
  readonly value: bigint;
  readonly powers: readonly PlacedPower[];
}

/** What multipliers prove, and what is worth most at them. */
export interface RelaxedCoalition {
  /** No answer in the branch earns more, in thousandths of a micro-unit; undefined where the branch allows no answer. */
  readonly boundNano: bigint | undefined;
  /** By asset. */
  readonly duties: readonly BestDuty[];
}

/** Multipliers of zero. */
export function noMultipliers({ asked, requests }: PreparedCoalition): CoalitionMultipliers {
  const zeros = (): bigint[] => Array.from({ length: asked.steps }, () => 0n);
  return {
    cover: requests.map(zeros),
    count: requests.map(zeros),
    groups: asked.groups.map(zeros),
    storages: new Map(),
  };
}

/**
 * The Lagrangian bound: firm power, assets that are on, limits of groups and energies of storages have prices; every slice is served with what earns
 * most at them, and every asset does what is worth most to it alone. For any multipliers no answer earns more (weak duality); it is exact in
 * integers, and separates by slice and by asset.
 */
export function relaxCoalition(
  prepared: PreparedCoalition,
  multipliers: CoalitionMultipliers,
  branch: CoalitionBranch = freeCoalition,
): RelaxedCoalition {
  const nothing = { boundNano: undefined, duties: [] };
  const slices = slicesWorth(prepared, multipliers, branch);
  if (slices === undefined) return nothing;
  let total = slices + limitsWorth(prepared, multipliers);
  const duties: BestDuty[] = [];
  for (const asset of prepared.assets) {
    const best = bestDuty(prepared, asset, multipliers, branch.assets.get(asset.index) ?? freeCoalitionAsset);
    if (best === undefined) return nothing;
    total += best.value;
    duties.push(best);
  }
  return { boundNano: floorQuotient(total, scaledPerNano), duties };
}

/** What the slices earn at multipliers, each served with the power that earns most; undefined where a branch allows one nothing. */
function slicesWorth(
  prepared: PreparedCoalition,
  multipliers: CoalitionMultipliers,
  branch: CoalitionBranch,
): bigint | undefined {
  let total = 0n;
  for (const request of prepared.requests) {
    for (let slice = 0; slice < request.demand.slices; slice += 1) {
      const best = sliceWorth(sliceRange(request, slice, branch), worthOf(prepared, request, slice, multipliers));
      if (best === undefined) return undefined;
      total += best;
    }
  }
  return total;
}

/** What a W of a slice earns at multipliers, and what being served costs it whatever its power. */
function worthOf(
  { stepSlots }: PreparedCoalition,
  request: PreparedDemand,
  slice: number,
  { count, cover }: CoalitionMultipliers,
): SliceWorth {
  const { assetsMin, marginPpm } = request.demand;
  let prices = 0n;
  let fixed = 0n;
  const steps = stepsOfSlice(request, slice);
  for (const step of steps) {
    prices += amountIn(cover, request.index, step);
    fixed += amountIn(count, request.index, step);
  }
  const each = request.priceUnits * scale * BigInt(steps.length) - prices * stepSlots * (ppmWhole + marginPpm);
  return { each, fixed: fixed * scaledPerPico * BigInt(assetsMin) };
}

interface SliceWorth {
  readonly each: bigint;
  readonly fixed: bigint;
}

function sliceWorth(
  { highW, lowW, mayRest }: ReturnType<typeof sliceRange>,
  { each, fixed }: SliceWorth,
): bigint | undefined {
  const served = lowW > highW ? undefined : each * (each > 0n ? highW : lowW) - fixed;
  if (!mayRest) return served;
  return served === undefined ? 0n : greatest(served, 0n);
}

/** What the limits of groups and storages are worth at multipliers. */
function limitsWorth({ asked, assets, stepSlots }: PreparedCoalition, multipliers: CoalitionMultipliers): bigint {
  let total = 0n;
  for (const [group, { maxWByStep }] of asked.groups.entries()) {
    for (const [step, maxW] of maxWByStep.entries()) {
      total += amountIn(multipliers.groups, group, step) * stepSlots * maxW * scale;
    }
  }
  for (const [index, { down, up }] of multipliers.storages) {
    const storage = assets[index]?.asset.storage;
    if (storage !== undefined) total += up * storageUnits(storage.upWh) + down * storageUnits(storage.downWh);
  }
  return total;
}

/** What one asset does at multipliers; undefined where its branch allows it nothing. */
export function bestDuty(
  prepared: PreparedCoalition,
  asset: PreparedCoalitionAsset,
  multipliers: CoalitionMultipliers,
  fixing: CoalitionAssetFixing,
): BestDuty | undefined {
  const gains = asset.options.map((options, step) => {
    return bestOption(prepared, asset, { step, options, multipliers }, fixing);
  });
  const isMust = (step: number): boolean => (fixing.powers.get(step)?.lowW ?? 0n) > 0n;
  const values = gains.map((gain) => gain?.value);
  const best = bestRuns(asset.runs, values, asset.startUnits * scale, { isOn: fixing.isUsed, isMust });
  if (best === undefined) return undefined;
  const powers = best.runs.flatMap(({ length, place }) =>
    gains.slice(place, place + length).flatMap((gain, index): PlacedPower[] => {
      return gain === undefined ? [] : [{ step: place + index, request: gain.request, powerW: gain.powerW }];
    }),
  );
  return { value: best.value, powers };
}

interface StepAt {
  readonly step: number;
  readonly options: readonly CoalitionOption[];
  readonly multipliers: CoalitionMultipliers;
}

interface OptionGain {
  readonly value: bigint;
  readonly request: number;
  readonly powerW: bigint;
}

/** The request that is worth most to an asset in a step: with its highest power where a W gains, else with its lowest. */
function bestOption(
  prepared: PreparedCoalition,
  asset: PreparedCoalitionAsset,
  { multipliers, options, step }: StepAt,
  { powers, services }: CoalitionAssetFixing,
): OptionGain | undefined {
  let best: OptionGain | undefined;
  const power = powers.size === 0 ? undefined : powers.get(step);
  const service = services.size === 0 ? undefined : services.get(step);
  for (const option of options) {
    const range = within(option, power);
    if (range.lowW > range.highW || !mayServe(service, option.request)) continue;
    const { request } = option;
    const each =
      eachWorth(prepared, multipliers, option, step) - chargesOf(prepared, asset, multipliers, request, step);
    const powerW = each > 0n ? range.highW : range.lowW;
    const value = each * powerW + amountIn(multipliers.count, request, step) * scaledPerPico;
    if (best === undefined || value > best.value) best = { value, request, powerW };
  }
  return best;
}

/** What a W is worth, before what groups and storages charge. */
function eachWorth(
  { stepSlots }: PreparedCoalition,
  { cover }: CoalitionMultipliers,
  { costUnits, firmPpm, request }: CoalitionOption,
  step: number,
): bigint {
  return amountIn(cover, request, step) * stepSlots * firmPpm - costUnits * scale;
}

function within(
  option: CoalitionOption,
  fixed: PowerFixing | undefined,
): { readonly lowW: bigint; readonly highW: bigint } {
  if (fixed === undefined) return option;
  const { highW = option.highW, lowW } = fixed;
  return { lowW: greatest(option.lowW, lowW), highW: least(option.highW, highW) };
}

/** What groups and the own storage charge for a W; only assets that have some are asked. */
function chargesOf(
  prepared: PreparedCoalition,
  asset: PreparedCoalitionAsset,
  multipliers: CoalitionMultipliers,
  request: number,
  step: number,
): bigint {
  const storage = multipliers.storages.get(asset.index);
  const ofGroups = asset.groups.length === 0 ? 0n : groupCharge(prepared, asset, multipliers, request, step);
  return storage === undefined ? ofGroups : ofGroups + storageCharge(prepared, prepared.requests[request], storage);
}

function mayServe(service: ServiceFixing | undefined, request: number): boolean {
  if (service === undefined) return true;
  return !service.not.has(request) && (service.only === undefined || service.only === request);
}

function storageCharge(
  { stepSlots }: PreparedCoalition,
  request: PreparedDemand | undefined,
  price: StoragePrice,
): bigint {
  if (request === undefined) return 0n;
  const takes = takesOf(request);
  return stepSlots * request.demand.holdPpm * ((takes.up ? price.up : 0n) + (takes.down ? price.down : 0n));
}

function groupCharge(
  { counts, stepSlots }: PreparedCoalition,
  { groups }: PreparedCoalitionAsset,
  multipliers: CoalitionMultipliers,
  request: number,
  step: number,
): bigint {
  let total = 0n;
  for (const group of groups) {
    if (counts[group]?.[request] === true) total += amountIn(multipliers.groups, group, step);
  }
  return total * stepSlots * scale;
}
