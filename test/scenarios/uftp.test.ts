import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleFlexibilityRules, slotsPerDay } from '@flexledger/domain';
import { readMessage, writeMessage, type MessageOf } from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { openParty } from '../faults/party';
import { registerTraders } from '../faults/scene';
import { openScenario } from './support/scenario-network';
import { TrickScene } from './support/trick-scene';

/*
 * An aggregator and a system operator trade flexibility by messages of UFTP alone, each with the command line beside its own peer: forecast,
 * request, offer, order and settlement. The embedded Fabric by default; NETWORK=native does it on real Fabric.
 */

const PROGRAM = join(__dirname, '..', '..', 'gateway-app', 'dist', 'cli.js');
const SEED = 'uftp';
const TIME_ZONE = 'Africa/Abidjan';

jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), 'flexledger-uftp-'));
let handle: NetworkHandle;
let scene: TrickScene;
let date: string;

beforeAll(async () => {
  handle = await openScenario(folder, 34);
  scene = await TrickScene.create(handle, folder, SEED, {
    flexibility: { ...exampleFlexibilityRules, timeZone: TIME_ZONE },
  });
  const aggregator = await openParty(
    handle,
    { organization: 'Aggregator', identity: 'aggregator' },
    join(folder, 'aggregator'),
  );
  const trader = { ...scene.trader('agg'), kind: 'aggregator' as const };
  await registerTraders(aggregator, handle.channelName, SEED, 'agg', [trader]);
  await aggregator.close();
  writeFileSync(join(folder, 'agg.pem'), trader.key.toPem());
  writeFileSync(
    join(folder, 'settings.json'),
    JSON.stringify({
      operators: [{ domain: 'dso.example', gridIds: ['rural-1'] }],
      aggregators: [{ domain: 'agg.example', participantId: trader.key.address }],
      entityAddress: 'ea1.2016-01.org.example',
      timeZone: TIME_ZONE,
      currency: 'EUR',
    }),
  );
  const { clock } = await scene.party('dso').ledger.evaluate('registry', 'getClock', {});
  const tomorrow = (Math.floor((clock?.lastSlot ?? 0) / slotsPerDay) + 1) * slotsPerDay;
  date = new Date(tomorrow * 900_000).toISOString().slice(0, 10);
});

afterAll(async () => {
  await scene?.close();
  await handle?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** `flexledger uftp ...` in a process of its own; answers what it has printed. */
function uftp(...parameters: readonly string[]): Promise<string> {
  const place = ['--topology', join(folder, 'consortium.yaml'), '--crypto', handle.cryptoDirectory];
  const all = ['uftp', ...parameters, '--settings', join(folder, 'settings.json'), ...place];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [PROGRAM, ...all], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${stdout}${stderr}`));
    });
  });
}

/** Hands a message in beside the peer of a side; answers the content of the response. */
async function handIn(role: 'aggregator' | 'dso', xml: string): Promise<unknown> {
  const file = join(folder, 'message.xml');
  writeFileSync(file, xml);
  const key = role === 'aggregator' ? ['--key', join(folder, 'agg.pem'), '--data', join(folder, 'signed')] : [];
  return readMessage(await uftp('in', file, '--role', role, ...key)).content;
}

/** What every message of one side to the other says; the last digits of its id are given. */
function attributes(from: 'agg' | 'dso', id: number) {
  return {
    Version: '3.1.0',
    SenderDomain: `${from}.example`,
    RecipientDomain: `${from === 'agg' ? 'dso' : 'agg'}.example`,
    TimeStamp: '2016-05-16T12:00:00Z',
    MessageID: uuid(id),
    ConversationID: uuid(99),
  };
}

function flexAttributes(from: 'agg' | 'dso', id: number) {
  return {
    ...attributes(from, id),
    'ISP-Duration': 'PT15M',
    TimeZone: TIME_ZONE,
    Period: date,
    CongestionPoint: 'ea1.2016-01.org.example:rural-1/transformer',
  };
}

function uuid(id: number): string {
  return `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`;
}

function offer(id: number, changes: Partial<MessageOf<'FlexOffer'>> = {}): string {
  return writeMessage('FlexOffer', {
    ...flexAttributes('agg', id),
    ExpirationDateTime: `${date}T12:00:00Z`,
    FlexRequestMessageID: uuid(2),
    Currency: 'EUR',
    OfferOption: [
      {
        OptionReference: 'batteries',
        Price: '50.0000',
        MinActivationFactor: '0.50',
        ISP: [{ Power: '-100000', Start: '73', Duration: '2' }],
      },
    ],
    ...changes,
  });
}

const accepted = { Result: 'Accepted' };
const rejected = (reason: string) => ({ Result: 'Rejected', RejectionReason: expect.stringMatching(`^${reason}`) });

describe('an aggregator and a system operator with nothing but messages of UFTP', () => {
  test('trade flexibility from the D-prognosis to the order, and get the reason for whatever is refused', async () => {
    const prognosis = writeMessage('D-Prognosis', {
      ...flexAttributes('agg', 1),
      Revision: '1',
      ISP: [
        { Power: '60000', Start: '1', Duration: '72' },
        { Power: '236000', Start: '73', Duration: '2' },
        { Power: '-1000', Start: '75', Duration: '22' },
      ],
    });
    expect(await handIn('aggregator', prognosis)).toMatchObject(accepted);
    // The same message once more has no second effect, and the same answer.
    expect(await handIn('aggregator', prognosis)).toMatchObject(accepted);
    const other = prognosis.replace('"236000"', '"236001"');
    expect(await handIn('aggregator', other)).toMatchObject(rejected('Duplicate Identifier'));
    const request = writeMessage('FlexRequest', {
      ...flexAttributes('dso', 2),
      Revision: '1',
      ExpirationDateTime: `${date}T00:00:00Z`,
      ISP: [{ Disposition: 'Requested', MinPower: '-150000', MaxPower: '-76000', Start: '73', Duration: '2' }],
    });
    expect(await handIn('dso', request)).toMatchObject(accepted);
    expect(await handIn('aggregator', offer(3, { FlexRequestMessageID: uuid(98) }))).toMatchObject(
      rejected('Unknown Reference'),
    );
    expect(await handIn('aggregator', offer(4))).toMatchObject(accepted);

    const order = (id: number, changes: Partial<MessageOf<'FlexOrder'>> = {}) =>
      writeMessage('FlexOrder', {
        ...flexAttributes('dso', id),
        FlexOfferMessageID: uuid(4),
        Price: '40.0000',
        Currency: 'EUR',
        OrderReference: 'order 1',
        OptionReference: 'batteries',
        ActivationFactor: '0.80',
        ISP: [{ Power: '-80000', Start: '73', Duration: '2' }],
        ...changes,
      });
    expect(await handIn('dso', order(5, { Price: '39.0000' }))).toMatchObject(rejected('Price Mismatch'));
    expect(await handIn('dso', order(6))).toMatchObject(accepted);
    const revocation = writeMessage('FlexOfferRevocation', { ...attributes('agg', 7), FlexOfferMessageID: uuid(4) });
    expect(await handIn('aggregator', revocation)).toMatchObject(rejected('Flexibility Procured'));
  });

  test('read what stands on the ledger as messages, and settle by them', async () => {
    const orders = await scene.party('dso').ledger.evaluate('flexibility', 'listFlexOrders', {
      gridId: 'rural-1',
      congestionPointId: 'transformer',
      periodSlot: Date.parse(`${date}T00:00:00Z`) / 900_000,
    } as never);
    const [order] = orders.rows;
    expect(orders.rows).toHaveLength(1);
    const orderId = order?.orderId ?? '';
    expect(readMessage(await uftp('out', 'order', orderId, '--role', 'aggregator'))).toMatchObject({
      name: 'FlexOrder',
      content: { MessageID: uuid(6), OrderReference: 'order 1', Price: '40.0000', ActivationFactor: '0.80' },
    });
    // 156 kW would have been right; 166 were taken in the second quarter hour: 70 of 80 kW delivered.
    const allocated = { [String(order?.isps[0]?.slot)]: 156_000, [String(order?.isps[1]?.slot)]: 166_000 };
    writeFileSync(join(folder, 'allocated.json'), JSON.stringify(allocated));
    const file = ['--allocated', join(folder, 'allocated.json')];
    const settlement = await uftp('out', 'settlement', orderId, '--role', 'dso', ...file);
    // 150 of 160 kW of 40 euro; 10 kW for a quarter hour at 0.4 euro per kWh.
    expect(readMessage(settlement).content).toMatchObject({
      FlexOrderSettlement: [{ Price: '37.5000', Penalty: '1.0000', NetSettlement: '36.5000' }],
    });
    expect(await handIn('aggregator', settlement)).toMatchObject({
      ...accepted,
      FlexOrderSettlementStatus: [{ OrderReference: 'order 1', Disposition: 'Accepted' }],
    });
    expect(await handIn('aggregator', settlement.replace('"37.5000"', '"37.4000"'))).toMatchObject({
      FlexOrderSettlementStatus: [{ Disposition: 'Disputed', DisputeReason: 'what was delivered is worth 37.5000' }],
    });
  });
});
