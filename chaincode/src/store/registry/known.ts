import {
  addressOf,
  type AssetEntry,
  type Known,
  type KnownForAssets,
  type KnownForMeters,
  type Meter,
  type MeterEntry,
  type MeterIdentity,
  type ParticipantId,
} from '@flexledger/domain';
import {
  assets,
  gridMeters,
  grids,
  meterIdentities,
  meterKeys,
  meters,
  participantMeters,
  participants,
} from './registry-store';
import type { StoreSession } from '../session';

/** The ids of a list that the ledger already holds. */
async function held<Id>(ids: readonly Id[], exists: (id: Id) => Promise<boolean>): Promise<ReadonlySet<Id>> {
  const unique = [...new Set(ids)];
  const answers = await Promise.all(unique.map((id) => exists(id)));
  return new Set(unique.filter((_, index) => answers[index]));
}

/** Which of these participants are registered. */
export function heldParticipants(
  session: StoreSession,
  ids: readonly ParticipantId[],
): Promise<ReadonlySet<ParticipantId>> {
  return held(ids, (id) => participants.exists(session, id));
}

/** The rows of a list of ids that the ledger holds, by id. */
async function rowsOf<Id, T>(
  ids: readonly Id[],
  load: (id: Id) => Promise<T | undefined>,
): Promise<ReadonlyMap<Id, T>> {
  const unique = [...new Set(ids)];
  const rows = await Promise.all(unique.map(async (id) => [id, await load(id)] as const));
  return new Map(rows.flatMap(([id, row]) => (row === undefined ? [] : [[id, row] as const])));
}

type Entry = Pick<MeterEntry | AssetEntry, 'participantId' | 'gridId' | 'meterId'>;

/** What registrations of meters and assets ask for alike. */
async function knownFor(session: StoreSession, entries: readonly Entry[]): Promise<Known> {
  const meterIds = entries.map(({ meterId }) => meterId).filter((meterId) => meterId !== undefined);
  const [participantIds, meterRows, gridRows] = await Promise.all([
    heldParticipants(
      session,
      entries.flatMap(({ participantId }) => participantId ?? []),
    ),
    rowsOf(meterIds, (meterId) => meters.load(session, meterId)),
    rowsOf(
      entries.map(({ gridId }) => gridId),
      (gridId) => grids.load(session, gridId),
    ),
  ]);
  return { participantIds, meters: meterRows, grids: gridRows };
}

/** Everything that a registration of assets is judged by. */
export async function knownForAssets(session: StoreSession, entries: readonly AssetEntry[]): Promise<KnownForAssets> {
  const assetIds = entries.map(({ assetId }) => assetId);
  const [known, assetRows] = await Promise.all([
    knownFor(session, entries),
    rowsOf(assetIds, (assetId) => assets.load(session, assetId)),
  ]);
  return { ...known, assets: assetRows };
}

/** Everything that a registration of meters is judged by. */
export async function knownForMeters(session: StoreSession, entries: readonly MeterEntry[]): Promise<KnownForMeters> {
  const addresses = entries.map(({ publicKey }) => addressOf(publicKey));
  const [known, keyAddresses] = await Promise.all([
    knownFor(session, entries),
    held(addresses, (address) => isKeyUsed(session, address)),
  ]);
  return { ...known, keyAddresses };
}

/** True where a meter or a participant has the key of this address. */
export async function isKeyUsed(session: StoreSession, address: ParticipantId): Promise<boolean> {
  const owners = await Promise.all([meterKeys.exists(session, address), participants.exists(session, address)]);
  return owners.includes(true);
}

/** Saves registered meters: their rows, their keys' owners and, confidentially, who they are. */
export function saveMeters(
  session: StoreSession,
  registered: readonly Meter[],
  identities: readonly MeterIdentity[],
): void {
  for (const meter of registered) {
    const { meterId, participantId, gridId, keys } = meter;
    meters.save(session, meter, meterId);
    gridMeters.save(session, { meterId }, gridId, meterId);
    if (participantId !== undefined) {
      participantMeters.save(session, { meterId }, participantId, meterId);
    }
    for (const { publicKey } of keys) {
      meterKeys.save(session, { meterId }, addressOf(publicKey));
    }
  }
  for (const identity of identities) {
    meterIdentities.save(session, identity, identity.meterId);
  }
}
