import { join } from 'node:path';
import {
  exampleFounding,
  exampleGrid,
  exampleMeter,
  limits,
  slotOfSeconds,
  slotsPerDay,
  type JsonObject,
} from '@flexledger/domain';
import { deriveBytes } from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { openParty, submitPlain, type Party } from '../faults/party';
import { commandIdOf, registerTraders, traderOf } from '../faults/scene';
import { BenchMeter } from './blocks';

/** Whole days on the ledger clock: room for so many hours of every meter. */
const CLOCK_DAYS = 12;
const SECONDS_PER_DAY = 86_400;
/** Registrations under way at once. */
const REGISTRATIONS = 4;

/** The community's gateway has so many meters in front of it. */
export interface BenchScene {
  readonly seed: string;
  readonly meters: readonly BenchMeter[];
  /** The participant whose meters and assets they are. */
  readonly ownerId: string;
}

/** Founds the consortium, moves the clock on and puts the meters into service, through the ordinary ledger client. */
export async function prepareBenchScene(
  handle: NetworkHandle,
  folder: string,
  meterCount: number,
): Promise<BenchScene> {
  const seed = `bench-${Date.now()}`;
  const parties = await openParties(handle, folder);
  try {
    const firstSlot = slotOfSeconds(Math.floor(Date.now() / 1000) - (CLOCK_DAYS + 2) * SECONDS_PER_DAY);
    await foundConsortium(parties, seed);
    await moveClock(parties.tso, seed, firstSlot);
    const meters = Array.from(
      { length: meterCount },
      (_, index) => new BenchMeter(seed, handle.channelName, firstSlot, index),
    );
    await registerMeters(parties, handle.channelName, seed, firstSlot, meters);
    return { seed, meters, ownerId: traderOf(seed, 'owner').key.address };
  } finally {
    await Promise.all(Object.values(parties).map((party) => party.close()));
  }
}

/** The parties of a benchmark, each with its own client. */
export type PartyOf = Readonly<Record<'tso' | 'dso' | 'regulator' | 'community' | 'market', Party>>;

/** Opens a client for every party; `folder` holds their outboxes. */
export async function openParties(handle: NetworkHandle, folder: string): Promise<PartyOf> {
  const open = async (organization: string): Promise<Party> => {
    const identity = organization.toLowerCase();
    return openParty(handle, { organization, identity }, join(folder, identity));
  };
  return {
    tso: await open('Tso'),
    dso: await open('Dso'),
    regulator: await open('Regulator'),
    community: await open('Community'),
    market: await open('Market'),
  };
}

/** Founds the consortium with the example's rule set, or with some rules of it changed. */
export async function foundConsortium(
  { regulator, tso, community }: PartyOf,
  seed: string,
  rules: JsonObject = {},
): Promise<void> {
  const { ruleSet, ...others } = exampleFounding;
  const founding = { ...others, ruleSet: { ...ruleSet, ...rules } } as unknown as JsonObject;
  const commandId = commandIdOf(seed, 'bootstrap');
  const { response } = await submitPlain(regulator, 'registry', 'bootstrap', { commandId, ...founding });
  const { proposalId, proposalDigest } = response;
  for (const party of [tso, community]) {
    const approval = commandIdOf(seed, `approve/${party.organization}`);
    await submitPlain(party, 'registry', 'approve', { commandId: approval, proposalId, proposalDigest });
  }
}

async function moveClock(party: Party, seed: string, firstSlot: number): Promise<void> {
  for (let day = 0; day < CLOCK_DAYS; day += 1) {
    const fromSlot = firstSlot + day * slotsPerDay;
    const commandId = commandIdOf(seed, `tick/${day}`);
    await submitPlain(party, 'registry', 'tick', { commandId, fromSlot, toSlot: fromSlot + slotsPerDay - 1 });
  }
}

async function registerMeters(
  { dso, community }: PartyOf,
  channel: string,
  seed: string,
  firstSlot: number,
  meters: readonly BenchMeter[],
): Promise<void> {
  const owner = traderOf(seed, 'owner');
  await registerTraders(community, channel, seed, 'owner', [owner]);
  await submitPlain(dso, 'registry', 'registerGrid', {
    commandId: commandIdOf(seed, 'grid'),
    ...(exampleGrid as unknown as JsonObject),
  });
  const size = limits.metersPerCallMax;
  const groups = Array.from({ length: Math.ceil(meters.length / size) }, (_, group) =>
    meters.slice(group * size, (group + 1) * size),
  );
  const worker = async (first: number): Promise<void> => {
    for (let group = first; group < groups.length; group += REGISTRATIONS) {
      await registerGroup(dso, seed, owner.key.address, firstSlot, groups[group] ?? [], group);
    }
  };
  await Promise.all(Array.from({ length: REGISTRATIONS }, (_, first) => worker(first)));
}

async function registerGroup(
  dso: Party,
  seed: string,
  participantId: string,
  firstSlot: number,
  meters: readonly BenchMeter[],
  group: number,
): Promise<void> {
  const entries = meters.map(({ meterId, key }) => ({
    ...(exampleMeter as unknown as JsonObject),
    meterId,
    participantId,
    gridId: exampleGrid.gridId,
    resolutionMinutes: 1,
    firstSlot,
    publicKey: key.publicKey,
  }));
  const identities = meters.map(({ meterId }) => ({
    meterId,
    meteringPoint: `METERING-POINT-${meterId}`,
    salt: deriveBytes(seed, `identity-salt/${meterId}`, 16).toString('base64url'),
  }));
  const commandId = commandIdOf(seed, `meters/${group}`);
  await submitPlain(dso, 'registry', 'registerMeters', { commandId, meters: entries }, { confidential: identities });
  await submitPlain(dso, 'registry', 'commissionMeters', {
    commandId: commandIdOf(seed, `commission/${group}`),
    meterIds: meters.map(({ meterId }) => meterId),
    reason: 'installed and sealed',
  });
}
