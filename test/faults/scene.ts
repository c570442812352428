import { join } from 'node:path';
import {
  exampleFounding,
  exampleGrid,
  exampleMeter,
  limits,
  possessionCommand,
  requestDigestOf,
  signedCommandBytes,
  slotOfSeconds,
  slotsPerDay,
  type CommandId,
  type JsonObject,
  type Session,
  participantEntryCodec,
} from '@flexledger/domain';
import { deriveBytes, deriveId, derivePrivateKey, MeterAgent, SigningKey } from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { openParty, submitPlain, type Party, type PartyName } from './party';

/** The roles that act in this suite, each with its own client. */
export type RoleName = 'tso' | 'dso' | 'regulator' | 'community' | 'market';

/** Who acts, what is measured, and the session that takes orders. */
export interface Scene {
  readonly seed: string;
  readonly parties: Readonly<Record<RoleName, Party>>;
  readonly meters: readonly MeterAgent[];
  /** Somebody else who has the key of a meter, and who measures something else from the second block on. */
  readonly clone: (meter: number) => MeterAgent;
  /** The first slot of the meters' first block; there is a block for each of the `blocks` slots from here. */
  readonly firstSlot: number;
  readonly blocks: number;
  readonly session: Session;
}

/** A participant with its key. */
export interface Trader {
  readonly label: string;
  readonly key: SigningKey;
  /** What it is registered as; absent: a prosumer. */
  readonly kind?: 'prosumer' | 'supplier' | 'aggregator';
}

/** What every participant may draw from its connection. */
export const CONNECTION_LIMIT_W = 4_000n;

const ROLES: Readonly<Record<RoleName, PartyName>> = {
  tso: { organization: 'Tso', identity: 'tso' },
  dso: { organization: 'Dso', identity: 'dso' },
  regulator: { organization: 'Regulator', identity: 'regulator' },
  community: { organization: 'Community', identity: 'community' },
  market: { organization: 'Market', identity: 'market' },
};

/** Whole days of slots on the ledger clock, all of them in the past. */
const CLOCK_DAYS = 10;
const METERS = 60;
const SECONDS_PER_DAY = 86_400;

/** Founds the consortium on an empty network, begins the clock, registers meters and opens a session. */
export async function prepareScene(handle: NetworkHandle, folder: string, seed: string): Promise<Scene> {
  const names = Object.entries(ROLES) as [RoleName, PartyName][];
  const opened = await Promise.all(
    names.map(async ([role, name]) => [role, await openParty(handle, name, join(folder, role))] as const),
  );
  const parties = Object.fromEntries(opened) as Record<RoleName, Party>;
  const channel = handle.channelName;
  const firstSlot = slotOfSeconds(Math.floor(Date.now() / 1000) - (CLOCK_DAYS + 2) * SECONDS_PER_DAY);
  await found(parties, seed);
  await beginClock(parties.tso, seed, firstSlot);
  const owner: Trader = traderOf(seed, 'owner');
  await registerTraders(parties.community, channel, seed, 'owner', [owner]);
  const meters = meterAgents(seed, channel, firstSlot);
  await registerMeters(parties.dso, seed, meters, owner, firstSlot);
  const session = await openSession(parties.market, seed);
  const clone = (meter: number): MeterAgent => meterAgent(seed, channel, firstSlot, meter, 1n);
  return { seed, parties, meters, clone, firstSlot, blocks: CLOCK_DAYS * slotsPerDay - 1, session };
}

/** Closes all clients of a scene. */
export async function closeScene({ parties }: Scene): Promise<void> {
  await Promise.all(Object.values(parties).map((party) => party.close()));
}

/** The command id of a label in this run. */
export function commandIdOf(seed: string, label: string): string {
  return deriveId(seed, `command/${label}`);
}

/** The participant of a label. */
export function traderOf(seed: string, label: string): Trader {
  return { label, key: new SigningKey(derivePrivateKey(seed, `participant-key/${label}`)) };
}

/** Registers participants in one command; each proves that it holds its key. */
export async function registerTraders(
  party: Pick<Party, 'ledger'>,
  channel: string,
  seed: string,
  label: string,
  traders: readonly Trader[],
  endorsingOrganizations?: readonly string[],
): ReturnType<typeof submitPlain<'registry', 'registerParticipants'>> {
  const commandId = commandIdOf(seed, `register/${label}`);
  const participants = traders.map(({ key, kind = 'prosumer' }) => {
    const entry = {
      publicKey: key.publicKey,
      kind,
      custodial: false,
      connectionLimitW: CONNECTION_LIMIT_W.toString(),
    };
    const bytes = signedCommandBytes({
      ...possessionCommand(
        participantEntryCodec.decode({ ...entry, signature: key.sign(Buffer.alloc(0)) }, ''),
        channel,
        commandId as CommandId,
      ),
      requestDigest: requestDigestOf(entry),
    });
    return { ...entry, signature: key.sign(bytes) };
  });
  const more = endorsingOrganizations === undefined ? {} : { endorsingOrganizations };
  return submitPlain(party, 'registry', 'registerParticipants', { commandId, participants }, more);
}

async function found({ regulator, tso, community }: Scene['parties'], seed: string): Promise<void> {
  const founding = exampleFounding as unknown as JsonObject;
  const { response } = await submitPlain(regulator, 'registry', 'bootstrap', {
    commandId: commandIdOf(seed, 'bootstrap'),
    ...founding,
  });
  const { proposalId, proposalDigest } = response;
  for (const party of [tso, community]) {
    await submitPlain(party, 'registry', 'approve', {
      commandId: commandIdOf(seed, `approve/${party.organization}`),
      proposalId,
      proposalDigest,
    });
  }
}

async function beginClock(party: Party, seed: string, firstSlot: number): Promise<void> {
  for (let day = 0; day < CLOCK_DAYS; day += 1) {
    const fromSlot = firstSlot + day * slotsPerDay;
    const commandId = commandIdOf(seed, `tick/${day}`);
    await submitPlain(party, 'registry', 'tick', { commandId, fromSlot, toSlot: fromSlot + slotsPerDay - 1 });
  }
}

function meterAgents(seed: string, channel: string, firstSlot: number): MeterAgent[] {
  const count = Math.min(METERS, limits.metersPerCallMax);
  return Array.from({ length: count }, (_, index) => meterAgent(seed, channel, firstSlot, index, 0n));
}

function meterAgent(seed: string, channel: string, firstSlot: number, index: number, moreWh: bigint): MeterAgent {
  const spans = Array.from({ length: CLOCK_DAYS * slotsPerDay - 1 }, (_, at) => ({
    startSlot: firstSlot + at,
    slots: 1,
  }));
  return new MeterAgent({
    seed,
    channel,
    meterId: deriveId(seed, `meter/${index}`),
    key: new SigningKey(derivePrivateKey(seed, `meter-key/${index}`)),
    spans,
    measure: (slot) => ({ importWh: BigInt(slot % 97) + (slot > firstSlot ? moreWh : 0n), exportWh: 0n }),
  });
}

async function registerMeters(
  party: Party,
  seed: string,
  meters: readonly MeterAgent[],
  owner: Trader,
  firstSlot: number,
): Promise<void> {
  const gridId = exampleGrid.gridId;
  await submitPlain(party, 'registry', 'registerGrid', {
    commandId: commandIdOf(seed, 'grid'),
    ...(exampleGrid as unknown as JsonObject),
  });
  const entries = meters.map(({ meterId }, index) => ({
    ...(exampleMeter as unknown as JsonObject),
    meterId,
    participantId: owner.key.address,
    gridId,
    firstSlot,
    publicKey: new SigningKey(derivePrivateKey(seed, `meter-key/${index}`)).publicKey,
  }));
  const identities = meters.map(({ meterId }, index) => ({
    meterId,
    meteringPoint: `METERING-POINT-${index}`,
    salt: deriveBytes(seed, `identity-salt/${index}`, 16).toString('base64url'),
  }));
  await submitPlain(
    party,
    'registry',
    'registerMeters',
    { commandId: commandIdOf(seed, 'meters'), meters: entries },
    { confidential: identities },
  );
  await submitPlain(party, 'registry', 'commissionMeters', {
    commandId: commandIdOf(seed, 'commission'),
    meterIds: meters.map(({ meterId }) => meterId),
    reason: 'installed and sealed',
  });
}

/** A session whose gate closes tomorrow: the clock of this suite never gets there, so it takes orders all the time. */
async function openSession(party: Party, seed: string): Promise<Session> {
  const tomorrow = slotOfSeconds(Math.floor(Date.now() / 1000)) + slotsPerDay;
  const gateCloseSlot = tomorrow - (tomorrow % 4);
  const { response } = await submitPlain(party, 'market', 'openSession', {
    commandId: commandIdOf(seed, 'session'),
    sessionId: deriveId(seed, 'session'),
    kind: 'day-ahead',
    gridId: exampleGrid.gridId,
    firstSlot: gateCloseSlot + 8,
    intervals: 4,
    gateCloseSlot,
    publishDeadlineSlot: gateCloseSlot + 4,
  });
  return response;
}
