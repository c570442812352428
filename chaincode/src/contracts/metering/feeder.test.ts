import type { JsonObject } from '@flexledger/domain';
import {
  callers,
  command,
  firstSlot,
  foundedLedger,
  identitiesOf,
  MeterAgent,
  meterEntry,
  record,
  registerGrid,
  registerMeters,
  registerParticipants,
  Signer,
  stepMeters,
  tick,
} from '../../testing/actors';
import { codeOf } from '../../testing/refusal';

const { dso, market } = callers;
const hours = 2;
const quarters = 4 * hours;

function feederEntry(agent: MeterAgent, changes: JsonObject = {}): JsonObject {
  const { participantId: _owner, ...entry } = meterEntry(agent.meterId, new Signer(), agent.key);
  const feeder = { elementId: 'line-1', lossAllowancePpm: '30000' };
  return { ...entry, deviceType: 'feeder', feeder, accuracyClass: 'IEC-0.5S', fuseLimitW: '90000', ...changes };
}

async function registerFeeder(ledger: Awaited<ReturnType<typeof foundedLedger>>, agent: MeterAgent): Promise<void> {
  const transient = { identities: identitiesOf([agent.meterId]) };
  const request = { commandId: command('feeder'), meters: [feederEntry(agent)] };
  await ledger.submit(dso, 'registry:registerMeters', request, { transient });
  await stepMeters(ledger, 'commission', [agent]);
}

/** Three homes behind one line with its meter; all have begun two hours ago. */
async function street() {
  const ledger = await foundedLedger();
  const owner = new Signer();
  await registerParticipants(ledger, [owner]);
  await registerGrid(ledger);
  const homes = ['one', 'two', 'three'].map((label) => new MeterAgent(label));
  const feeder = new MeterAgent('feeder');
  await registerMeters(ledger, owner, homes);
  await registerFeeder(ledger, feeder);
  await tick(ledger, firstSlot, firstSlot + quarters);
  const balances = async () => {
    const request = { meterId: feeder.meterId, fromSlot: firstSlot, toSlot: firstSlot + quarters - 1 };
    const response = await ledger.evaluate(market, 'metering:getFeederBalance', request);
    return response.balances as { status: string; unaccountedWh: string; surplusWh: string; unmeasured: number }[];
  };
  return { ledger, owner, homes, feeder, balances };
}

/** The same energy in every quarter hour. */
function steady(valueWh: bigint): readonly bigint[] {
  return Array.from({ length: quarters }, () => valueWh);
}

const usedWh = [400n, 700n, 900n] as const;
/** What the homes use, and 20 Wh that get lost on the way. */
const fedWh = 2_020n;

describe('the balance of a feeder', () => {
  it('holds where all meters count what is used, and what is missing is within the losses', async () => {
    const { ledger, homes, feeder, balances } = await street();
    const blocks = homes.map((agent, index) => agent.next(steady(usedWh[index] ?? 0n), steady(0n)));
    await record(ledger, 'all', [...blocks, feeder.next(steady(fedWh), steady(0n))]);
    expect((await balances()).map(({ status, unaccountedWh }) => `${status} ${unaccountedWh}`)).toEqual(
      Array.from({ length: quarters }, () => 'BALANCED 20'),
    );
  });

  it('flags the theft behind it: from the quarter hour on in which one meter shows a third of what its home uses', async () => {
    const { ledger, homes, feeder, balances } = await street();
    const tampered = steady(900n).map((valueWh, index) => (index < 3 ? valueWh : valueWh / 3n));
    const shown = [steady(400n), steady(700n), tampered];
    const blocks = homes.map((agent, index) => agent.next(shown[index] ?? [], steady(0n)));
    await record(ledger, 'all', [...blocks, feeder.next(steady(fedWh), steady(0n))]);
    const found = await balances();
    expect(found.map(({ status }) => status)).toEqual([
      ...['BALANCED', 'BALANCED', 'BALANCED'],
      ...['FLAGGED', 'FLAGGED', 'FLAGGED', 'FLAGGED', 'FLAGGED'],
    ]);
    expect(found[3]?.unaccountedWh).toBe('620');
  });

  it('flags a meter that claims more export than reached the feeder', async () => {
    const { ledger, homes, feeder, balances } = await street();
    const shown = [
      [0n, 500n],
      [700n, 0n],
      [900n, 0n],
    ] as const;
    const blocks = homes.map((agent, index) =>
      agent.next(steady(shown[index]?.[0] ?? 0n), steady(shown[index]?.[1] ?? 0n)),
    );
    // 1,600 Wh were used and only 1,300 Wh came in: 300 Wh of the 500 Wh were really made.
    await record(ledger, 'all', [...blocks, feeder.next(steady(1_320n), steady(0n))]);
    expect((await balances()).map(({ status, unaccountedWh }) => `${status} ${unaccountedWh}`)).toContain(
      'FLAGGED 220',
    );
  });

  it('says nothing while a meter is silent, and goes on without it once it is retired', async () => {
    const { ledger, homes, feeder, balances } = await street();
    const blocks = homes.slice(0, 2).map((agent, index) => agent.next(steady(usedWh[index] ?? 0n), steady(0n)));
    await record(ledger, 'all', [...blocks, feeder.next(steady(1_110n), steady(0n))]);
    expect(await balances()).toContainEqual(expect.objectContaining({ status: 'INCOMPLETE', unmeasured: 1 }));
    await stepMeters(ledger, 'retire', homes.slice(2));
    expect((await balances()).map(({ status }) => status)).not.toContain('INCOMPLETE');
  });

  it('is asked for a feeder meter that exists and for at most a day', async () => {
    const { ledger, homes, feeder } = await street();
    const attempt = (meterId: string, fromSlot = firstSlot, toSlot = firstSlot) =>
      codeOf(ledger, () => ledger.evaluate(market, 'metering:getFeederBalance', { meterId, fromSlot, toSlot }));
    expect(await attempt(command('none'))).toBe('METER_UNKNOWN');
    expect(await attempt(homes[0]!.meterId)).toBe('METER_NOT_A_FEEDER');
    expect(await attempt(feeder.meterId, firstSlot, firstSlot - 1)).toBe('METERING_RANGE');
    expect(await attempt(feeder.meterId, firstSlot, firstSlot + 96)).toBe('METERING_RANGE');
  });
});

describe('a feeder meter', () => {
  it('is one in every respect: its type, its branch and nobody who is settled by it', async () => {
    const { ledger, owner } = await street();
    const agent = new MeterAgent('another feeder');
    const { meterId } = agent;
    const attempt = (changes: JsonObject) =>
      codeOf(ledger, () => {
        const request = { commandId: command('m'), meters: [feederEntry(agent, changes)] };
        const transient = { identities: identitiesOf([meterId]) };
        return ledger.submit(dso, 'registry:registerMeters', request, { transient });
      });
    expect(await attempt({ participantId: owner.participantId })).toBe('METER_FEEDER_INVALID');
    expect(await attempt({ deviceType: 'load' })).toBe('METER_FEEDER_INVALID');
    const of = (elementId: string) => ({ feeder: { elementId, lossAllowancePpm: '0' } });
    expect(await attempt(of('line-9'))).toBe('METER_FEEDER_INVALID');
    expect(await attempt({ ...of('line-1'), bus: 'bus-0' })).toBe('METER_FEEDER_INVALID');
    const { feeder: _feeder, ...ownerless } = feederEntry(agent, { deviceType: 'load' });
    const request = { commandId: command('n'), meters: [ownerless] };
    const transient = { identities: identitiesOf([meterId]) };
    expect(await codeOf(ledger, () => ledger.submit(dso, 'registry:registerMeters', request, { transient }))).toBe(
      'METER_FEEDER_INVALID',
    );
  });
});
