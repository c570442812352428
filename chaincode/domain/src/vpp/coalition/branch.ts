import { demand } from '../../errors';
import { limits } from '../../limits';
import { greatest, least } from '../../math';
import type { PreparedCoalition, PreparedDemand } from './prepare';
import type { CoalitionLeaf, CoalitionNode } from './rows';

/** Between which powers something is; 0 is off. */
export interface PowerFixing {
  readonly lowW: bigint;
  readonly highW: bigint | undefined;
}

/** What an asset may serve in a step. */
export interface ServiceFixing {
  readonly only: number | undefined;
  readonly not: ReadonlySet<number>;
}

/** What a branch of a certificate allows an asset. Steps that are absent are free. */
export interface CoalitionAssetFixing {
  /** True where it is on at least once, false where never, undefined for either. */
  readonly isUsed: boolean | undefined;
  readonly powers: ReadonlyMap<number, PowerFixing>;
  readonly services: ReadonlyMap<number, ServiceFixing>;
}

/** What a branch allows, by asset and by slice (see `sliceKey`); what is absent is free. */
export interface CoalitionBranch {
  readonly assets: ReadonlyMap<number, CoalitionAssetFixing>;
  readonly slices: ReadonlyMap<number, PowerFixing>;
}

export const freeCoalitionAsset: CoalitionAssetFixing = { isUsed: undefined, powers: new Map(), services: new Map() };
export const freeCoalition: CoalitionBranch = { assets: new Map(), slices: new Map() };

/** One number for a slice of a request. */
export function sliceKey({ index }: Pick<PreparedDemand, 'index'>, slice: number): number {
  return index * limits.coalitionStepsMax + slice;
}

/** The two halves of a branch, which together are all of it; refuses a node that names nothing of the case (VPP_CERTIFICATE_INVALID). */
export function coalitionHalves(
  prepared: PreparedCoalition,
  branch: CoalitionBranch,
  node: Exclude<CoalitionNode, CoalitionLeaf>,
  index = 0,
): readonly [CoalitionBranch, CoalitionBranch] {
  const fault = (holds: boolean, problem: string): void => {
    demand(holds, 'VPP_CERTIFICATE_INVALID', { node: index, problem });
  };
  const requestOf = (requestId: string): PreparedDemand => {
    const request = prepared.requests[prepared.requestIndex.get(requestId) ?? -1];
    demand(request !== undefined, 'VPP_CERTIFICATE_INVALID', { node: index, problem: 'a request is not in the case' });
    return request;
  };
  if (node.kind === 'slice') {
    const request = requestOf(node.requestId);
    fault(node.slice < request.demand.slices, 'a slice is not of its request');
    const key = sliceKey(request, node.slice);
    const withSlice = (fixed: PowerFixing): CoalitionBranch => {
      return { ...branch, slices: new Map(branch.slices).set(key, fixed) };
    };
    const [first, second] = halvesOf(branch.slices.get(key), node.atMostW);
    return [withSlice(first), withSlice(second)];
  }
  const asset = prepared.assetIndex.get(node.assetId) ?? -1;
  fault(asset >= 0, 'an asset is not in the case');
  const fixing = branch.assets.get(asset) ?? freeCoalitionAsset;
  const withFixing = (fixed: Partial<CoalitionAssetFixing>): CoalitionBranch => {
    return { ...branch, assets: new Map(branch.assets).set(asset, { ...fixing, ...fixed }) };
  };
  if (node.kind === 'used') {
    fault(fixing.isUsed === undefined, 'an asset is decided twice');
    return [withFixing({ isUsed: false }), withFixing({ isUsed: true })];
  }
  fault(node.step < prepared.asked.steps, 'a step is not in the case');
  if (node.kind === 'power') {
    const [first, second] = halvesOf(fixing.powers.get(node.step), node.atMostW);
    const withPower = (fixed: PowerFixing): CoalitionBranch =>
      withFixing({ powers: new Map(fixing.powers).set(node.step, fixed) });
    return [withPower(first), withPower(second)];
  }
  const request = requestOf(node.requestId).index;
  const { not, only } = fixing.services.get(node.step) ?? { only: undefined, not: new Set<number>() };
  const withService = (fixed: ServiceFixing): CoalitionBranch =>
    withFixing({ services: new Map(fixing.services).set(node.step, fixed) });
  // Where only another one may be served, the second half is what serves neither.
  const both = only === undefined || only === request ? { only: request, not } : { only, not: new Set([...not, only]) };
  return [withService({ only, not: new Set([...not, request]) }), withService(both)];
}

/** Amounts of at most so many W, and those above. */
function halvesOf(fixed: PowerFixing | undefined, atMostW: bigint): readonly [PowerFixing, PowerFixing] {
  const { highW, lowW } = fixed ?? { lowW: 0n, highW: undefined };
  const firstHigh = highW === undefined ? atMostW : least<bigint>(atMostW, highW);
  return [
    { lowW, highW: firstHigh },
    { lowW: greatest<bigint>(lowW, atMostW + 1n), highW },
  ];
}

/** The least and the largest power other than 0 of a slice in a branch, and whether 0 is allowed. */
export function sliceRange(
  request: PreparedDemand,
  slice: number,
  { slices }: CoalitionBranch,
): { readonly mayRest: boolean; readonly lowW: bigint; readonly highW: bigint } {
  const { stepW } = request.demand;
  const fixed = slices.get(sliceKey(request, slice));
  const lowW = greatest<bigint>(request.lowW, fixed?.lowW ?? 0n);
  const highW = least<bigint>(request.highW, fixed?.highW ?? request.highW);
  return {
    mayRest: (fixed?.lowW ?? 0n) === 0n,
    lowW: ((lowW + stepW - 1n) / stepW) * stepW,
    highW: (highW / stepW) * stepW,
  };
}
