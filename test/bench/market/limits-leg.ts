import { contracts, exampleGrid, exampleMeter, limits, slotOfSeconds, type JsonObject } from '@flexledger/domain';
import { deriveBytes } from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { submitPlain } from '../../faults/party';
import { commandIdOf, registerTraders, traderOf, type Trader } from '../../faults/scene';
import { BenchMeter } from '../blocks';
import { foundConsortium, openParties, type PartyOf } from '../scene';

/** As many as one transaction may limit. */
const CONNECTIONS = limits.setPointConnectionsMax;
const SECONDS_PER_DAY = 86_400;
const DAYS_AGO = 5;
/** An hour of readings, and the slot in which the limits are given. */
const MEASURED_SLOTS = 4;
const BLOCKS_PER_COMMAND = 100;
const RULES = {
  setPoints: { triggerPpm: '950000', sharing: 'present-flow', importFloorW: '0' },
  curtailmentCompensation: { kind: 'session' },
};

/** How long it takes to limit all connections behind an element in one transaction. */
export interface LimitsLeg {
  readonly network: string;
  readonly connections: number;
  /** Until the limits are computed, which the operator asks for beforehand, in seconds. */
  readonly computedSeconds: number;
  /** From sending them until they are committed, in seconds. */
  readonly limitedSeconds: number;
}

/** Puts a meter with an hour of readings behind each of many connections, then limits all of them at once. */
export async function measureLimits(handle: NetworkHandle, folder: string): Promise<LimitsLeg> {
  const parties = await openParties(handle, folder);
  try {
    const seed = `bench-limits-${Date.now()}`;
    const firstSlot = slotOfSeconds(Math.floor(Date.now() / 1000) - DAYS_AGO * SECONDS_PER_DAY);
    await prepare(parties, handle.channelName, seed, firstSlot);
    return { network: handle.description, ...(await limit(parties, seed, firstSlot)) };
  } finally {
    await Promise.all(Object.values(parties).map((party) => party.close()));
  }
}

async function prepare(parties: PartyOf, channel: string, seed: string, firstSlot: number): Promise<void> {
  const { community, dso, market, tso } = parties;
  await foundConsortium(parties, seed, RULES);
  const command = (label: string): JsonObject => ({ commandId: commandIdOf(seed, label) });
  const clock = { fromSlot: firstSlot, toSlot: firstSlot + MEASURED_SLOTS };
  await submitPlain(tso, 'registry', 'tick', { ...command('tick'), ...clock });
  await submitPlain(dso, 'registry', 'registerGrid', { ...command('grid'), ...(exampleGrid as unknown as JsonObject) });
  const fund = { amountMicro: '1000000000', reference: 'opening payment' };
  await submitPlain(market, 'accounts', 'fundCurtailment', { ...command('fund'), ...fund });
  const homes = Array.from({ length: CONNECTIONS }, (_, index) => ({
    trader: traderOf(seed, `home/${index}`),
    meter: new BenchMeter(seed, channel, firstSlot, index),
  }));
  for (const [part, some] of partsOf(homes, limits.participantsPerCallMax).entries()) {
    await registerTraders(
      community,
      channel,
      seed,
      `homes/${part}`,
      some.map(({ trader }) => trader),
    );
  }
  for (const [part, some] of partsOf(homes, limits.metersPerCallMax).entries()) {
    await registerMeters(parties, seed, firstSlot, some, part);
  }
  for (const [part, some] of partsOf(homes, BLOCKS_PER_COMMAND).entries()) {
    const blocks = some.map(({ meter }) => contentOf(meter));
    const request = { ...command(`readings/${part}`), count: blocks.length };
    await submitPlain(community, 'metering', 'recordProfiles', request, { confidential: { blocks } });
  }
}

interface Home {
  readonly trader: Trader;
  readonly meter: BenchMeter;
}

async function registerMeters(
  { dso }: PartyOf,
  seed: string,
  firstSlot: number,
  homes: readonly Home[],
  part: number,
): Promise<void> {
  const meters = homes.map(({ meter, trader }) => ({
    ...(exampleMeter as unknown as JsonObject),
    meterId: meter.meterId,
    participantId: trader.key.address,
    resolutionMinutes: 1,
    firstSlot,
    publicKey: meter.key.publicKey,
  }));
  const confidential = homes.map(({ meter: { meterId } }) => ({
    meterId,
    meteringPoint: `METERING-POINT-${meterId}`,
    salt: deriveBytes(seed, `identity-salt/${meterId}`, 16).toString('base64url'),
  }));
  const commandId = commandIdOf(seed, `meters/${part}`);
  await submitPlain(dso, 'registry', 'registerMeters', { commandId, meters }, { confidential });
  await submitPlain(dso, 'registry', 'commissionMeters', {
    commandId: commandIdOf(seed, `commission/${part}`),
    meterIds: homes.map(({ meter }) => meter.meterId),
    reason: 'installed and sealed',
  });
}

/** The signed hour of a meter as it goes to the ledger. */
function contentOf(meter: BenchMeter): string {
  meter.prepare(1);
  const hour = meter.next();
  if (hour === undefined) throw new Error('a meter that was prepared has an hour');
  return hour.content;
}

async function limit({ dso }: PartyOf, seed: string, firstSlot: number): Promise<Omit<LimitsLeg, 'network'>> {
  const asked = {
    gridId: exampleGrid.gridId,
    elementId: 'line-1',
    direction: 'import',
    fromSlot: firstSlot + MEASURED_SLOTS + 1,
    slots: MEASURED_SLOTS,
    measuredSlot: firstSlot + MEASURED_SLOTS - 1,
    measuredW: '5000000',
    source: { kind: 'stated', source: 'SCADA' },
  };
  const startMs = performance.now();
  const { limits: computed, limitsDigest } = await dso.ledger.evaluate(
    'market',
    'computeLimits',
    contracts.market.computeLimits.request.decode(asked, ''),
  );
  const computedMs = performance.now();
  const request = { commandId: commandIdOf(seed, 'limit'), ...asked, limitsDigest };
  const { response } = await submitPlain(dso, 'market', 'limitConnections', request);
  const limitedMs = performance.now();
  if (response.connections !== computed.length) throw new Error('others were limited than had been computed');
  return {
    connections: response.connections,
    computedSeconds: (computedMs - startMs) / 1_000,
    limitedSeconds: (limitedMs - computedMs) / 1_000,
  };
}

function partsOf<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, part) => all.slice(part * size, (part + 1) * size));
}
