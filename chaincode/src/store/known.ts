import {
  addressOf,
  genesisLink,
  type Asset,
  type AssetId,
  type Grid,
  type Known,
  type Meter,
  type MeterEntry,
  type MeterHead,
  type MeterIdentity,
  type ParticipantId,
} from '@flexledger/domain';
import { meterHeads } from './meter-store';
import { assets, grids, meterIdentities, meterKeys, meters, participantMeters, participants } from './registry-store';
import type { StoreSession } from './session';

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

/** Everything that a registration of assets is judged by: the registered participants and meters, and the assets that exist. */
export async function knownForAssets(
  session: StoreSession,
  entries: readonly Asset[],
): Promise<[Pick<Known, 'participantIds' | 'meterIds'>, ReadonlySet<AssetId>]> {
  const meterIds = entries.map(({ meterId }) => meterId).filter((meterId) => meterId !== undefined);
  const [participantIds, heldMeterIds, existing] = await Promise.all([
    heldParticipants(
      session,
      entries.map(({ participantId }) => participantId),
    ),
    held(meterIds, (meterId) => meters.exists(session, meterId)),
    held(
      entries.map(({ assetId }) => assetId),
      (assetId) => assets.exists(session, assetId),
    ),
  ]);
  return [{ participantIds, meterIds: heldMeterIds }, existing];
}

/** Everything that a registration of meters is judged by. */
export async function knownFor(session: StoreSession, entries: readonly MeterEntry[]): Promise<Known> {
  const addresses = entries.map(({ publicKey }) => addressOf(publicKey));
  const [participantIds, meterIds, keyAddresses, gridRows] = await Promise.all([
    heldParticipants(
      session,
      entries.map(({ participantId }) => participantId),
    ),
    held(
      entries.map(({ meterId }) => meterId),
      (meterId) => meters.exists(session, meterId),
    ),
    held(addresses, async (address) => {
      const owners = await Promise.all([meterKeys.exists(session, address), participants.exists(session, address)]);
      return owners.includes(true);
    }),
    Promise.all(entries.map(({ gridId }) => grids.load(session, gridId))),
  ]);
  const grid = gridRows.filter((row) => row !== undefined).map((row): [string, Grid] => [row.gridId, row]);
  return { participantIds, meterIds, keyAddresses, grids: new Map(grid) };
}

/** Saves registered meters: their rows, their keys' owners, the beginning of their chains and, confidentially, who they are. */
export function saveMeters(
  session: StoreSession,
  registered: readonly Meter[],
  identities: readonly MeterIdentity[],
): void {
  for (const meter of registered) {
    const { meterId, participantId, firstSlot, keys } = meter;
    const head: MeterHead = { sequence: 0, link: genesisLink, nextSlot: firstSlot };
    meters.save(session, meter, meterId);
    meterHeads.save(session, head, meterId);
    participantMeters.save(session, { meterId }, participantId, meterId);
    for (const { publicKey } of keys) {
      meterKeys.save(session, { meterId }, addressOf(publicKey));
    }
  }
  for (const identity of identities) {
    meterIdentities.save(session, identity, identity.meterId);
  }
}
