import { demand } from '../errors';
import type { AssetId, MeterId, ParticipantId } from '../ids';
import { publicKeyOf } from '../signature';
import { addressOf } from './participants';
import type { Asset, Grid, Meter, MeterEntry, MeterIdentity } from './types';

/** What the ledger already holds, as far as a registration of meters or assets asks for it. */
export interface Known {
  readonly participantIds: ReadonlySet<ParticipantId>;
  readonly grids: ReadonlyMap<string, Grid>;
  readonly meterIds: ReadonlySet<MeterId>;
  /** Addresses of the keys that meters or participants already have. */
  readonly keyAddresses: ReadonlySet<string>;
}

/**
 * The meters of a registration. Refuses keys that are not P-256 or that another meter or participant has, references to what is
 * not registered, meters that exist or stand twice, and identities that do not name exactly the same meters.
 */
export function admitMeters(
  entries: readonly MeterEntry[],
  identities: readonly MeterIdentity[],
  known: Known,
): readonly Meter[] {
  for (const { meterId, publicKey } of entries) {
    demand(publicKeyOf(publicKey) !== undefined, 'SIGNATURE_KEY_INVALID', { meterId });
  }
  checkReferences(entries, known);
  checkUnused(entries, known);
  for (const { meterId, gridId, bus } of entries) {
    const buses = known.grids.get(gridId)?.buses ?? [];
    const named = buses.some((candidate) => candidate.id === bus);
    demand(named, 'METER_BUS_UNKNOWN', { bus, meterId });
  }
  const identified = new Set(identities.map((identity) => identity.meterId));
  const same = identified.size === identities.length && identities.length === entries.length;
  demand(same && entries.every(({ meterId }) => identified.has(meterId)), 'METER_IDENTITIES_MISMATCH');
  return entries.map(({ publicKey, ...entry }) => ({ ...entry, keys: [{ version: 1, publicKey, firstSequence: 1 }] }));
}

function checkReferences(entries: readonly MeterEntry[], known: Known): void {
  for (const { meterId, participantId } of entries) {
    demand(known.participantIds.has(participantId), 'PARTICIPANT_UNKNOWN', { meterId, participantId });
  }
  for (const { meterId, gridId } of entries) {
    demand(known.grids.has(gridId), 'GRID_UNKNOWN', { meterId, gridId });
  }
}

function checkUnused(entries: readonly MeterEntry[], known: Known): void {
  const meterIds = new Set(known.meterIds);
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

/** Refuses assets of unknown participants or meters, and assets that exist or stand twice. */
export function checkAssets(
  assets: readonly Asset[],
  known: Pick<Known, 'participantIds' | 'meterIds'>,
  existing: ReadonlySet<AssetId>,
): void {
  for (const { assetId, participantId } of assets) {
    demand(known.participantIds.has(participantId), 'PARTICIPANT_UNKNOWN', { assetId, participantId });
  }
  for (const { assetId, meterId } of assets) {
    demand(meterId === undefined || known.meterIds.has(meterId), 'METER_UNKNOWN', { assetId });
  }
  const seen = new Set(existing);
  for (const { assetId } of assets) {
    demand(!seen.has(assetId), 'ASSET_EXISTS', { assetId });
    seen.add(assetId);
  }
}
