import { demand, RuleError } from '../../errors';
import type { AssetId, ParticipantId } from '../../ids';
import { greatest } from '../../math';
import type { Asset, Meter } from '../../registry/device-types';
import type { TechnicalData, VppStorage } from './rows';

/** What an owner signs of its asset. */
export type TechnicalAsked = Omit<TechnicalData, 'version' | 'kind' | 'gridId' | 'bus' | 'meterId'>;

/** What the ledger knows when technical data are filed. */
export interface KnownForTechnicalData {
  readonly asset: Asset | undefined;
  /** The meter that counts the asset alone, where it has one. */
  readonly meter: Meter | undefined;
  readonly before: TechnicalData | undefined;
  /** False where the state of charge is stated for a slot that has not begun. */
  readonly isStoredKnown: boolean;
}

/** Kinds that only give, and kinds that only take; storage does both, and so does a car that has one. */
const generators: readonly Asset['kind'][] = ['pv', 'wind', 'hydro', 'chp', 'generator'];
const consumers: readonly Asset['kind'][] = ['load', 'heat-pump'];
const weatherDriven: readonly Asset['kind'][] = ['pv', 'wind'];

/** True for an asset that gives what the weather lets it: it can be called upwards only from what it holds back. */
export function isWeatherDriven(kind: Asset['kind']): boolean {
  return weatherDriven.includes(kind);
}

/** True for an asset that only takes, or takes before it gives. */
export function isConsumer(kind: Asset['kind']): boolean {
  return consumers.includes(kind) || kind === 'ev-charger';
}

/**
 * The technical data of an asset, as its owner has signed them, in its next version. Refuses an asset that is unknown, not in service or
 * another's (VPP_ASSET_NOT_OWN), and data that its registration contradicts or that contradict themselves.
 */
export function acceptTechnicalData(asked: TechnicalAsked, known: KnownForTechnicalData): TechnicalData {
  demandMeterInService(known.meter);
  const asset = assetInService(asked.assetId, known.asset);
  const { assetId, participantId } = asked;
  demand(asset.participantId === participantId, 'VPP_ASSET_NOT_OWN', { assetId });
  demandWithinRating(asked, asset);
  demandDirections(asked, asset);
  demandStorage(asked.storage, asset);
  demand(known.isStoredKnown, 'VPP_STORAGE_TIME', { atSlot: asked.storage?.atSlot ?? 0 });
  demandLevels(asked);
  const { bus, gridId, kind, meterId } = asset;
  const version = (known.before?.version ?? 0) + 1;
  return { ...asked, version, kind, gridId, bus, ...(meterId === undefined ? {} : { meterId }) };
}

/** The asset while it is in service; refuses with the codes of the registry. */
export function assetInService(assetId: AssetId, asset: Asset | undefined): Asset {
  if (asset === undefined) {
    throw new RuleError('ASSET_UNKNOWN', { assetId });
  }
  demand(asset.status !== 'REGISTERED', 'ASSET_NOT_COMMISSIONED', { assetId });
  demand(asset.status !== 'FROZEN', 'ASSET_FROZEN', { assetId });
  demand(asset.status !== 'RETIRED', 'ASSET_RETIRED', { assetId });
  return asset;
}

function demandMeterInService(meter: Meter | undefined): void {
  if (meter !== undefined) {
    const { meterId, status } = meter;
    demand(status === 'COMMISSIONED', 'METER_NOT_COMMISSIONED', { meterId });
  }
}

/** The rating is apparent power as well, so that no inverter has more of it. */
function demandWithinRating(asked: PowersAsked, { ratedPowerW }: Asset): void {
  const { apparentVa, assetId, exportMaxW, importMaxW } = asked;
  const highest = [exportMaxW, importMaxW, apparentVa ?? 0n].reduce<bigint>((most, one) => greatest(most, one), 0n);
  demand(highest <= ratedPowerW, 'VPP_RATING_EXCEEDED', { assetId, ratedPowerW: ratedPowerW.toString() });
}

type PowersAsked = Pick<TechnicalAsked, 'apparentVa' | 'assetId' | 'exportMaxW' | 'importMaxW'>;

function demandDirections(
  { assetId, exportMaxW, heldBackW, importMaxW, storage }: TechnicalAsked,
  { kind }: Asset,
): void {
  const canTake = !generators.includes(kind) || importMaxW === 0n;
  // A car gives only what its battery holds.
  const canGive = kind === 'ev-charger' ? storage !== undefined : !consumers.includes(kind);
  const isHeldBack = heldBackW === undefined || (isWeatherDriven(kind) && heldBackW <= exportMaxW);
  demand(canTake && (canGive || exportMaxW === 0n) && isHeldBack, 'VPP_DIRECTION_IMPOSSIBLE', { assetId, kind });
}

function demandStorage(storage: VppStorage | undefined, { assetId, energyWh, kind }: Asset): void {
  if (storage === undefined) {
    demand(kind !== 'storage', 'VPP_STORAGE_INVALID', { assetId });
    return;
  }
  const { capacityWh, chargePpm, dischargePpm, reserveWh, storedWh } = storage;
  const mayStore = kind === 'storage' || kind === 'ev-charger';
  const holds = capacityWh > 0n && capacityWh <= (energyWh ?? capacityWh);
  const isConsistent = reserveWh <= capacityWh && storedWh <= capacityWh && chargePpm > 0n && dischargePpm > 0n;
  demand(mayStore && holds && isConsistent, 'VPP_STORAGE_INVALID', { assetId });
}

function demandLevels(asked: TechnicalAsked): void {
  const { apparentVa, assetId, exportMaxW, importMaxW, onLevelMinW, rampDownWPerMinute, rampUpWPerMinute } = asked;
  const highest = greatest<bigint>(exportMaxW, importMaxW);
  const moves = highest === 0n || (rampUpWPerMinute > 0n && rampDownWPerMinute > 0n);
  demand(onLevelMinW <= highest && moves && highest + (apparentVa ?? 0n) > 0n, 'VPP_LEVELS_INVALID', { assetId });
}

/** The technical data of an asset; refuses with VPP_DATA_UNKNOWN. */
export function knownTechnicalData(data: TechnicalData | undefined, assetId: AssetId): TechnicalData {
  if (data === undefined) {
    throw new RuleError('VPP_DATA_UNKNOWN', { assetId });
  }
  return data;
}

/** Refuses technical data of another participant (VPP_ASSET_NOT_OWN). */
export function demandOwnData({ assetId, participantId }: TechnicalData, ownerId: ParticipantId): void {
  demand(participantId === ownerId, 'VPP_ASSET_NOT_OWN', { assetId });
}
