import { canonicalJson } from '../canonical-writer';
import { present } from '../assert';
import { demand } from '../errors';
import type { AssetId, MeterId, ParticipantId } from '../ids';
import type { JsonObject } from '../json';
import { publicKeyOf } from '../signature';
import { addressOf } from './participants';
import {
  assetEntryCodec,
  meterEntryCodec,
  type Asset,
  type AssetEntry,
  type Meter,
  type MeterEntry,
  type MeterIdentity,
} from './device-types';
import { checkFeeder } from './feeder';
import { checkRegisters } from './obis';
import type { Grid } from './types';

/** What the ledger already holds, as far as a registration of meters or assets asks for it. */
export interface Known {
  readonly participantIds: ReadonlySet<ParticipantId>;
  readonly grids: ReadonlyMap<string, Grid>;
  readonly meters: ReadonlyMap<MeterId, Meter>;
}

/** What a registration of meters is judged by. */
export interface KnownForMeters extends Known {
  /** Addresses of the keys that meters or participants already have. */
  readonly keyAddresses: ReadonlySet<string>;
}

/** What a registration of assets is judged by. */
export interface KnownForAssets extends Known {
  readonly assets: ReadonlyMap<AssetId, Asset>;
}

/**
 * The meters of a registration. Refuses keys that are not P-256 or that another meter or participant has, references to what is
 * not registered, meters that exist (METER_IMMUTABLE where their metadata are others) or stand twice, registers that do not go
 * together, feeder meters that are none, and identities that do not name exactly the same meters.
 */
export function admitMeters(
  entries: readonly MeterEntry[],
  identities: readonly MeterIdentity[],
  known: KnownForMeters,
): readonly Meter[] {
  for (const { meterId, publicKey } of entries) {
    demand(publicKeyOf(publicKey) !== undefined, 'SIGNATURE_KEY_INVALID', { meterId });
  }
  checkReferences(
    entries.map((entry) => [entry, { meterId: entry.meterId }]),
    known,
  );
  checkUnused(entries, known);
  for (const { meterId, gridId, bus } of entries) {
    demand(hasBus(known, gridId, bus), 'METER_BUS_UNKNOWN', { bus, meterId });
  }
  entries.forEach(checkRegisters);
  for (const entry of entries) {
    checkFeeder(entry, known.grids.get(entry.gridId));
  }
  const identified = new Set(identities.map((identity) => identity.meterId));
  const same = identified.size === identities.length && identities.length === entries.length;
  demand(same && entries.every(({ meterId }) => identified.has(meterId)), 'METER_IDENTITIES_MISMATCH');
  return entries.map(({ publicKey, ...entry }) => ({
    ...entry,
    keys: [{ version: 1, publicKey, firstSequence: 1 }],
    status: 'REGISTERED',
  }));
}

/** The metadata of a meter as it was registered: its entry with the first of its keys. */
export function meterEntryOf({ keys, status: _status, ...metadata }: Meter): MeterEntry {
  return { ...metadata, publicKey: present(keys[0], 'A meter has a first key.').publicKey };
}

/** The metadata of an asset as it was registered. */
export function assetEntryOf({ status: _status, ...metadata }: Asset): AssetEntry {
  return metadata;
}

function checkReferences(
  entries: readonly (readonly [Pick<MeterEntry, 'participantId' | 'gridId'>, JsonObject])[],
  known: Known,
): void {
  for (const [{ participantId }, named] of entries) {
    if (participantId !== undefined) {
      demand(known.participantIds.has(participantId), 'PARTICIPANT_UNKNOWN', { ...named, participantId });
    }
  }
  for (const [{ gridId }, named] of entries) {
    demand(known.grids.has(gridId), 'GRID_UNKNOWN', { ...named, gridId });
  }
}

function hasBus(known: Known, gridId: string, bus: string): boolean {
  return known.grids.get(gridId)?.buses.some(({ id }) => id === bus) ?? false;
}

function checkUnused(entries: readonly MeterEntry[], known: KnownForMeters): void {
  for (const entry of entries) {
    const { meterId } = entry;
    const meter = known.meters.get(meterId);
    const equal = meter === undefined || sameContent(meterEntryCodec.encode, meterEntryOf(meter), entry);
    demand(equal, 'METER_IMMUTABLE', { meterId });
  }
  const meterIds = new Set(known.meters.keys());
  for (const { meterId } of entries) {
    demand(!meterIds.has(meterId), 'METER_EXISTS', { meterId });
    meterIds.add(meterId);
  }
  const addresses = new Set(known.keyAddresses);
  for (const { meterId, publicKey } of entries) {
    const address = addressOf(publicKey);
    demand(!addresses.has(address), 'METER_KEY_USED', { meterId });
    addresses.add(address);
  }
}

function sameContent<T>(encode: (value: T) => ReturnType<typeof meterEntryCodec.encode>, left: T, right: T): boolean {
  return canonicalJson(encode(left)) === canonicalJson(encode(right));
}

/**
 * The assets of a registration. Refuses assets of unknown participants, grids, buses or meters, assets whose meter is at another
 * connection, assets that exist (ASSET_IMMUTABLE where their metadata are others) or stand twice, and a capacity of anything but
 * a storage, or a storage without.
 */
export function admitAssets(entries: readonly AssetEntry[], known: KnownForAssets): readonly Asset[] {
  checkReferences(
    entries.map((entry) => [entry, { assetId: entry.assetId }]),
    known,
  );
  for (const { assetId, meterId } of entries) {
    demand(meterId === undefined || known.meters.has(meterId), 'METER_UNKNOWN', { assetId });
  }
  for (const { assetId, gridId, bus } of entries) {
    demand(hasBus(known, gridId, bus), 'METER_BUS_UNKNOWN', { assetId, bus });
  }
  checkAssetsUnused(entries, known);
  for (const { assetId, kind, energyWh } of entries) {
    demand((kind === 'storage') === (energyWh !== undefined), 'ASSET_CAPACITY', { assetId });
  }
  for (const entry of entries) {
    demand(isAtItsMeter(entry, known), 'ASSET_METER_ELSEWHERE', { assetId: entry.assetId });
  }
  return entries.map((entry) => ({ ...entry, status: 'REGISTERED' }));
}

function checkAssetsUnused(entries: readonly AssetEntry[], known: KnownForAssets): void {
  for (const entry of entries) {
    const { assetId } = entry;
    const asset = known.assets.get(assetId);
    const equal = asset === undefined || sameContent(assetEntryCodec.encode, assetEntryOf(asset), entry);
    demand(equal, 'ASSET_IMMUTABLE', { assetId });
  }
  const seen = new Set(known.assets.keys());
  for (const { assetId } of entries) {
    demand(!seen.has(assetId), 'ASSET_EXISTS', { assetId });
    seen.add(assetId);
  }
}

function isAtItsMeter({ meterId, gridId, bus }: AssetEntry, known: Known): boolean {
  const meter = meterId === undefined ? undefined : known.meters.get(meterId);
  return meter === undefined || (meter.gridId === gridId && meter.bus === bus);
}
