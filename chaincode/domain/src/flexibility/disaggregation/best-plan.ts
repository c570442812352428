import { bestRuns } from '../../proof/best-runs';
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

/**
 * The profile of an asset that is worth most under its own rules (longest call, rest, calls left, and what a branch allows), found exactly.
 * Undefined where no profile is allowed.
 */
export function bestPlan(
  asset: PreparedAsset,
  gains: readonly (Gain | undefined)[],
  callCost: bigint,
  fixing: AssetFixing = freeAsset,
): BestPlan | undefined {
  const runLimits = { longest: asset.asset.runSlotsMax, pause: asset.pauseSlots, runsMax: asset.callsMax };
  const values = gains.map((gain) => gain?.value);
  const isMust = (place: number): boolean => (fixing.energies.get(place)?.lowWh ?? 0n) > 0n;
  const best = bestRuns(runLimits, values, callCost, { isOn: fixing.called, isMust });
  if (best === undefined) return undefined;
  const calls = best.runs.map(({ length, place }) => {
    return { place, energiesWh: gains.slice(place, place + length).map((gain) => gain?.energyWh ?? 0n) };
  });
  return { value: best.value, calls };
}
