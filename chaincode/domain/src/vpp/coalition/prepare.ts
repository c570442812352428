import { demand } from '../../errors';
import { greatest, least, mulDivCeil } from '../../math';
import type { RunLimits } from '../../proof/best-runs';
import { ppmWhole } from '../../units';
import type { CoalitionAsset, CoalitionBand, CoalitionCase, CoalitionDemand, CoalitionDirection } from './rows';

/** Objectives are exact in units of W × quarter hours × micro-units per kWh × millionths: so many of them make a micro-unit. */
export const unitsPerMicro = 4_000_000_000n;
/** The same for a thousandth of a micro-unit. */
export const unitsPerNano = 4_000_000n;

/** What an asset can do for one request in one step: from `lowW` to `highW`. */
export interface CoalitionOption {
  /** Which request of the case. */
  readonly request: number;
  readonly lowW: bigint;
  readonly highW: bigint;
  /** What a W of it costs in the step, in units of the objective. */
  readonly costUnits: bigint;
  readonly firmPpm: bigint;
}

/** An asset with what follows from its case. Steps count from 0. */
export interface PreparedCoalitionAsset {
  readonly index: number;
  readonly asset: CoalitionAsset;
  readonly runs: RunLimits;
  readonly startUnits: bigint;
  /** By step, what it can do, at most one of it at a time. */
  readonly options: readonly (readonly CoalitionOption[])[];
  /** Which groups it is in. */
  readonly groups: readonly number[];
}

/** A request with what follows from its case. */
export interface PreparedDemand {
  readonly index: number;
  readonly demand: CoalitionDemand;
  /** The first step after its last one. */
  readonly endStep: number;
  /** What can be served in a slice other than nothing: multiples of its step from `lowW` to `highW`; nothing where the latter is lower. */
  readonly lowW: bigint;
  readonly highW: bigint;
  /** What a W earns in a step, in units of the objective. */
  readonly priceUnits: bigint;
}

/** A case that is checked, with what all of its rules need. */
export interface PreparedCoalition {
  readonly asked: CoalitionCase;
  readonly stepSlots: bigint;
  readonly assets: readonly PreparedCoalitionAsset[];
  readonly requests: readonly PreparedDemand[];
  readonly assetIndex: ReadonlyMap<string, number>;
  readonly requestIndex: ReadonlyMap<string, number>;
  readonly groupIndex: ReadonlyMap<string, number>;
  /** By group and request, whether what serves it counts against the group. */
  readonly counts: readonly (readonly boolean[])[];
  /** Requests that each asset can serve in each step, in all: what one leaf of a proof costs to check. */
  readonly choices: number;
}

/** Checks a case against itself: VPP_CASE_TWICE, VPP_CASE_BAND, VPP_CASE_REQUEST, VPP_CASE_GROUP. */
export function prepareCoalition(asked: CoalitionCase): PreparedCoalition {
  const assetIndex = indexOf(asked.assets.map(({ assetId }) => assetId));
  const requestIndex = indexOf(asked.requests.map(({ requestId }) => requestId));
  const groupIndex = indexOf(asked.groups.map(({ groupId }) => groupId));
  checkParts(asked);
  const groupsOf = membersOf(asked, assetIndex);
  const requests = asked.requests.map((request, index) => prepareDemand(asked, request, index));
  const assets = asked.assets.map((asset, index) => {
    return prepareAsset(asked, asset, index, { requests, groups: groupsOf.get(index) ?? [] });
  });
  const counts = asked.groups.map(({ direction }) => requests.map((request) => isCounted(direction, request)));
  const choices = assets.reduce(
    (total, { options }) => total + options.reduce((all, { length }) => all + length, 0),
    0,
  );
  const stepSlots = BigInt(asked.stepSlots);
  return { asked, stepSlots, assets, requests, assetIndex, requestIndex, groupIndex, counts, choices };
}

function checkParts(asked: CoalitionCase): void {
  for (const asset of asked.assets) {
    const areBands = bandsOf(asset).every(({ maxW, maxWByStep, minW }) => {
      return minW <= maxW && (maxWByStep === undefined || maxWByStep.length === asked.steps);
    });
    demand(areBands, 'VPP_CASE_BAND', { assetId: asset.assetId });
  }
  for (const { firstStep, maxW, minW, requestId, sliceSteps, slices, stepW } of asked.requests) {
    const isWhole = firstStep + sliceSteps * slices <= asked.steps && stepW > 0n && minW <= maxW;
    demand(isWhole, 'VPP_CASE_REQUEST', { requestId });
  }
}

/** By asset, the groups that it is in. */
function membersOf(
  asked: CoalitionCase,
  assetIndex: ReadonlyMap<string, number>,
): ReadonlyMap<number, readonly number[]> {
  const groupsOf = new Map<number, number[]>();
  for (const [index, { assetIds, groupId, maxWByStep }] of asked.groups.entries()) {
    const members = new Set(assetIds.map((assetId) => assetIndex.get(assetId)));
    const isWhole = members.size === assetIds.length && !members.has(undefined) && maxWByStep.length === asked.steps;
    demand(isWhole, 'VPP_CASE_GROUP', { groupId });
    for (const member of members) {
      if (member !== undefined) groupsOf.set(member, [...(groupsOf.get(member) ?? []), index]);
    }
  }
  return groupsOf;
}

function indexOf(ids: readonly string[]): ReadonlyMap<string, number> {
  const index = new Map(ids.map((id, at) => [id, at]));
  demand(index.size === ids.length, 'VPP_CASE_TWICE', { id: ids.find((id, at) => index.get(id) !== at) ?? '' });
  return index;
}

function bandsOf({ capacitive, down, inductive, symmetric, up }: CoalitionAsset): readonly CoalitionBand[] {
  return [up, down, symmetric, inductive, capacitive].filter((band) => band !== undefined);
}

/** What is symmetric takes of both directions. */
function isCounted(direction: CoalitionDirection, { demand: { direction: asked } }: PreparedDemand): boolean {
  return direction === asked || (asked === 'symmetric' && (direction === 'up' || direction === 'down'));
}

function prepareDemand({ stepSlots }: CoalitionCase, request: CoalitionDemand, index: number): PreparedDemand {
  const { activationPpm, capacityPriceMicroPerKwh, energyPriceMicroPerKwh, maxW, minW, stepW } = request;
  const steps = mulDivCeil(minW, 1n, stepW);
  return {
    index,
    demand: request,
    endStep: request.firstStep + request.sliceSteps * request.slices,
    lowW: greatest<bigint>(steps, 1n) * stepW,
    highW: (maxW / stepW) * stepW,
    priceUnits: BigInt(stepSlots) * (capacityPriceMicroPerKwh * ppmWhole + activationPpm * energyPriceMicroPerKwh),
  };
}

function prepareAsset(
  asked: CoalitionCase,
  asset: CoalitionAsset,
  index: number,
  { groups, requests }: { readonly requests: readonly PreparedDemand[]; readonly groups: readonly number[] },
): PreparedCoalitionAsset {
  const able = requests.filter(({ demand: { activationSecondsMax, requestId } }) => {
    const isAllowed = asset.requestIds === undefined || asset.requestIds.includes(requestId);
    return isAllowed && asset.activationSeconds <= activationSecondsMax;
  });
  return {
    index,
    asset,
    runs: { longest: asset.runStepsMax, pause: Math.max(asset.restSteps, 1), runsMax: asked.steps },
    startUnits: asset.startCostMicro * unitsPerMicro,
    options: Array.from({ length: asked.steps }, (_, step) =>
      able.flatMap((request) => optionOf(asked, asset, request, step) ?? []),
    ),
    groups,
  };
}

/** An asset that is on promises at least one W. */
function optionOf(
  { stepSlots }: CoalitionCase,
  asset: CoalitionAsset,
  { demand: request, endStep, highW: servedW, index, lowW: leastW }: PreparedDemand,
  step: number,
): CoalitionOption | undefined {
  const band = asset[request.direction];
  const isOpen = request.firstStep <= step && step < endStep && leastW <= servedW;
  if (band === undefined || !isOpen) return undefined;
  const highW = least<bigint>(mostOf(asset, request, band), band.maxWByStep?.[step] ?? band.maxW);
  const lowW = greatest<bigint>(band.minW, 1n);
  if (lowW > highW) return undefined;
  const cost = band.keepMicroPerKwh * ppmWhole + request.activationPpm * band.costMicroPerKwh;
  return { request: index, lowW, highW, costUnits: BigInt(stepSlots) * cost, firmPpm: band.firmPpm };
}

/** What an asset can do for a request in any step: its band, and what it was tested with for it. */
function mostOf({ tested }: CoalitionAsset, { requestId }: CoalitionDemand, { maxW }: CoalitionBand): bigint {
  const own = tested?.find((one) => one.requestId === requestId);
  return own === undefined ? maxW : least<bigint>(maxW, own.maxW);
}

/** What stands in a row at a step; zero where nothing does. */
export function amountIn(rows: readonly (readonly bigint[])[], row: number, step: number): bigint {
  return rows[row]?.[step] ?? 0n;
}

/** What an asset can do for a request in a step; undefined where it cannot. */
export function optionAt(
  { options }: PreparedCoalitionAsset,
  step: number,
  request: number,
): CoalitionOption | undefined {
  return options[step]?.find((option) => option.request === request);
}

/** The slice of a request that a step is in. */
export function sliceOf({ demand: { firstStep, sliceSteps } }: PreparedDemand, step: number): number {
  return Math.floor((step - firstStep) / sliceSteps);
}

/** The steps of a slice. */
export function stepsOfSlice({ demand: { firstStep, sliceSteps } }: PreparedDemand, slice: number): readonly number[] {
  return Array.from({ length: sliceSteps }, (_, index) => firstStep + slice * sliceSteps + index);
}

/** Whether what serves a request takes of the energy of a storage up, and of that down. */
export function takesOf({ demand: { direction } }: PreparedDemand): { readonly up: boolean; readonly down: boolean } {
  const isBoth = direction === 'symmetric';
  return { up: isBoth || direction === 'up', down: isBoth || direction === 'down' };
}

/** The energy of a storage in the units in which promises take of it: W × quarter hours × millionths. */
export function storageUnits(energyWh: bigint): bigint {
  return energyWh * 4n * ppmWhole;
}
