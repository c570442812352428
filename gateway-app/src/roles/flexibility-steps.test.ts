import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  dPrognosisCodec,
  exampleFlexibilityRules,
  flexOfferCodec,
  type FlexOffer,
  type FlexOrder,
  type FlexRequest,
  type JsonObject,
} from '@flexledger/domain';
import type { MeterFleet } from '../agents/meter-fleet';
import type { Ledger } from '../client/ledger';
import { planDay } from '../day/plan';
import { declareGreen, orderFlexibility, requestFlexibility } from './flexibility-steps';
import { PreparedStore } from './prepared-store';
import { RoleContext } from './role-context';

const plan = planDay('seed');
const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-flexibility-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const periodSlot = 1_626_040;
const place = { gridId: plan.gridId, congestionPointId: 'congestion-transformer', periodSlot };
const stepArguments = { congestionPointId: 'congestion-transformer', periodSlot, answerBySlot: periodSlot - 8 };
const limitW = 160_000n;
const agg = '01aggregat0r00000000000000';

/** A ledger with one D-prognosis of a peak, that keeps what it is sent; offers are put in by the test. */
class FakeLedger {
  public readonly sent: { readonly transaction: string; readonly request: JsonObject }[] = [];
  public request: FlexRequest | null = null;
  public offers: FlexOffer[] = [];
  public orders: FlexOrder[] = [];
  public regime = 'GREEN';

  public constructor(private readonly peakW: bigint) {}

  public evaluate(_contract: string, transaction: string, request: JsonObject): Promise<unknown> {
    const isps = [
      { startSlot: periodSlot, slots: 72, importW: '60000', exportW: '0' },
      { startSlot: periodSlot + 72, slots: 4, importW: this.peakW.toString(), exportW: '0' },
      { startSlot: periodSlot + 76, slots: 20, importW: '60000', exportW: '0' },
    ];
    const prognosis = dPrognosisCodec.decode({ ...place, periodIsps: 96, aggregatorId: agg, revision: 1, isps }, '');
    const point = { id: place.congestionPointId, elementId: 'transformer', importLimitW: limitW, exportLimitW: limitW };
    const answers: Readonly<Record<string, unknown>> = {
      listDPrognoses: { rows: [prognosis], bookmark: null },
      getGrid: { congestionPoints: [point] },
      getGovernance: { governance: { ruleSet: { number: 1, flexibility: exampleFlexibilityRules } } },
      getFlexRequest: { request: this.request },
      listFlexOffers: { rows: this.offers, bookmark: null },
      listFlexOrders: { rows: this.orders, bookmark: null },
      getFlexOrder: { order: this.orders.find(({ orderId }) => orderId === request.orderId) ?? null },
      getRegime: { regime: this.regime, shortfalls: [] },
    };
    return Promise.resolve(answers[transaction]);
  }

  public submit(_contract: string, transaction: string, request: JsonObject): Promise<unknown> {
    this.sent.push({ transaction, request });
    return Promise.resolve({ response: this.respond(transaction, request), transactionId: 'id', blockNumber: 1n });
  }

  private respond(transaction: string, request: JsonObject): unknown {
    if (transaction === 'requestFlexibility') {
      this.regime = 'YELLOW';
      this.request = { ...(request as object), requestId: context(this).commandId('x'), state: 'OPEN' } as never;
      return { requestId: `0${String(request.commandId).slice(1)}` };
    }
    if (transaction === 'declareOrange') this.regime = 'ORANGE';
    if (transaction === 'declareGreen') this.regime = 'GREEN';
    return { regime: this.regime };
  }
}

function context(ledger: FakeLedger): RoleContext {
  const prepared = new PreparedStore(mkdtempSync(path.join(folder, 'prepared-')));
  return new RoleContext({ plan, ledger: ledger as unknown as Ledger, prepared, fleet: {} as MeterFleet });
}

/** An offer of one option that reduces the peak. */
function offer(id: string, powerW: number, priceMicro: string): FlexOffer {
  const isps = [{ startSlot: periodSlot + 72, slots: 4, direction: 'reduce', powerW: String(powerW) }];
  return flexOfferCodec.decode(
    {
      offerId: id.padEnd(26, '0'),
      ...place,
      periodIsps: 96,
      options: [{ optionRef: 'all', isps, priceMicro, minActivationFactorPpm: '10000' }],
      orderBySlot: periodSlot + 60,
      aggregatorId: agg,
      state: 'OPEN',
    },
    '',
  );
}

describe('the system operator', () => {
  it('requests exactly what the D-prognoses have above the limit, and nothing where they fit', async () => {
    const crowded = new FakeLedger(236_000n);
    expect(await requestFlexibility(context(crowded), stepArguments)).toMatchObject({ requestedIsps: 4 });
    expect(crowded.sent).toMatchObject([
      {
        transaction: 'requestFlexibility',
        request: {
          ...place,
          timeZone: 'Europe/Berlin',
          isps: [
            { disposition: 'available', slots: 72, maxW: 100_000n },
            { disposition: 'requested', startSlot: periodSlot + 72, slots: 4, direction: 'reduce', minW: 76_000n },
            { disposition: 'available', slots: 20 },
          ],
        },
      },
    ]);
    const kept = new FakeLedger(236_000n);
    expect(await requestFlexibility(context(kept), { ...stepArguments, reserveW: 10_000 })).toMatchObject({
      requestedIsps: 4,
    });
    expect(kept.sent).toMatchObject([{ request: { isps: [{ maxW: 90_000n }, { minW: 86_000n }, {}] } }]);
    const free = new FakeLedger(160_000n);
    expect(await requestFlexibility(context(free), stepArguments)).toEqual({ requestId: null, requestedIsps: 0 });
    expect(free.sent).toEqual([]);
    expect(await orderFlexibility(context(free), stepArguments)).toEqual({
      orderIds: [],
      missingW: '0',
      regime: 'GREEN',
      orangeSlots: [],
    });
  });

  it('orders the cheapest offers that suffice, as little of them as it needs', async () => {
    const ledger = new FakeLedger(236_000n);
    await requestFlexibility(context(ledger), stepArguments);
    ledger.offers = [offer('1', 100_000, '9000000'), offer('2', 60_000, '3000000'), offer('3', 40_000, '2000000')];
    await orderFlexibility(context(ledger), stepArguments);
    const orders = ledger.sent
      .filter(({ transaction }) => transaction === 'orderFlexibility')
      .map(({ request }) => request);
    expect(orders).toMatchObject([
      { offerId: '2'.padEnd(26, '0'), activationFactorPpm: 600_000n, priceMicro: 1_800_000n },
      { offerId: '3'.padEnd(26, '0'), activationFactorPpm: 1_000_000n, priceMicro: 2_000_000n },
    ]);
    expect(ledger.sent.map(({ transaction }) => transaction)).not.toContain('declareOrange');
  });

  it('declares orange where all offers together do not suffice, and green when it is over', async () => {
    const ledger = new FakeLedger(236_000n);
    await requestFlexibility(context(ledger), stepArguments);
    ledger.offers = [offer('1', 38_000, '1000000')];
    const result = await orderFlexibility(context(ledger), stepArguments);
    expect(result).toMatchObject({ missingW: String(4 * 38_000), regime: 'ORANGE' });
    expect(ledger.sent.map(({ transaction }) => transaction)).toEqual([
      'requestFlexibility',
      'endFlexRequest',
      'orderFlexibility',
      'declareOrange',
    ]);
    expect(await declareGreen(context(ledger), stepArguments)).toEqual({ regime: 'GREEN' });
  });
});
