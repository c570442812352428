import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sessionCodec, type JsonObject } from '@flexledger/domain';
import { MeterFleet } from '../agents/meter-fleet';
import type { Ledger } from '../client/ledger';
import { intradaySession, sessionNames } from '../day/intraday';
import { planDay } from '../day/plan';
import { placeIntradayOrders } from './intraday-steps';
import { intradayOutcome } from './market-steps';
import { placeSupplierOrders } from './order-steps';
import { PreparedStore } from './prepared-store';
import { participantIdOfLabel } from './registration-steps';
import { RoleContext } from './role-context';
import { DAY_PRICES, INTRADAY_PRODUCTS } from './rule-set';

const HOUR = 7;
const plan = planDay('seed', { intraday: true });
const { firstSlot, gateCloseSlot, intervals, nowSlot, publishDeadlineSlot } = intradaySession(plan, HOUR);
const { sessionId } = sessionNames(plan, { hour: HOUR });
const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-intraday-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const session = sessionCodec.decode(
  {
    sessionId,
    kind: 'intraday',
    gridId: plan.gridId,
    firstSlot,
    intervals,
    intervalSlots: 2,
    gateCloseSlot,
    publishDeadlineSlot,
    ruleSet: { number: 1, ...DAY_PRICES, products: INTRADAY_PRODUCTS },
    state: 'OPEN',
  },
  '',
);

interface Placed {
  readonly participantId: string;
  readonly orders: readonly { side: string; interval: number; energyWh: bigint }[];
}

/** A ledger on which load meters count so much per quarter hour, today and on the days before, and everybody has bought so much in each hour, and 49 Wh less in the last half hour. */
function ledgerWith(todayWh: bigint, daysBeforeWh: bigint, boughtWh: bigint) {
  const placed: Placed[] = [];
  const asked: number[] = [];
  const totalsOf = (meterId: string, fromSlot: number, toSlot: number) =>
    Array.from({ length: toSlot - fromSlot + 1 }, (_, index) => {
      const isLoad = plan.meters.some((meter) => meter.meterId === meterId && meter.kind === 'load');
      const wh = fromSlot + index >= nowSlot - 2 ? todayWh : daysBeforeWh;
      return { slot: fromSlot + index, importWh: isLoad ? wh : 0n, exportWh: 0n, quality: 'OK' };
    });
  const answers: Readonly<Record<string, (request: never) => unknown>> = {
    getSession: () => session,
    getIntervalTotals: ({ fromSlot, meterIds, toSlot }: { fromSlot: number; meterIds: string[]; toSlot: number }) => {
      asked.push(toSlot);
      return { meters: meterIds.map((meterId) => ({ meterId, totals: totalsOf(meterId, fromSlot, toSlot) })) };
    },
    getPositions: () => ({
      rows: [
        ...Array.from({ length: 24 }, (_, hour) => ({
          firstSlot: plan.deliverySlot + 4 * hour,
          boughtWh,
          soldWh: 0n,
        })),
        // An earlier intraday session has taken 49 Wh of the last half hour.
        { firstSlot: firstSlot + 2 * (intervals - 1), intervalSlots: 2, boughtWh: 10n, soldWh: 59n },
      ],
      bookmark: null,
    }),
  };
  const ledger = {
    mspId: 'CommunityMSP',
    channel: 'community',
    evaluate: (_contract: string, name: string, request: JsonObject) =>
      Promise.resolve(answers[name]?.(request as never)),
    submit: (
      _contract: string,
      _name: string,
      request: JsonObject,
      options: { transient: { orders: Placed['orders'] } },
    ) => {
      placed.push({ participantId: String(request.participantId), orders: options.transient.orders });
      return Promise.resolve({ response: {}, transactionId: `t${placed.length}`, blockNumber: BigInt(placed.length) });
    },
  };
  return { ledger: ledger as unknown as Ledger, placed, asked };
}

function contextOf(ledger: Ledger, name: string): RoleContext {
  const prepared = new PreparedStore(path.join(folder, name));
  return new RoleContext({ plan, ledger, prepared, fleet: new MeterFleet(plan, 'community') });
}

/** A prosumer with one meter and the largest connection, so that nothing of these energies is cut off. */
const one = plan.participants
  .filter(({ kind, meters }) => kind === 'prosumer' && meters.length === 1)
  .reduce((best, other) => (other.connectionLimitW > best.connectionLimitW ? other : best));

function byInterval(orders: Placed['orders']): Placed['orders'] {
  return [...orders].sort((left, right) => left.interval - right.interval);
}

async function ordersOf(todayWh: bigint, daysBeforeWh: bigint, boughtWh: bigint, name: string) {
  const { asked, ledger, placed } = ledgerWith(todayWh, daysBeforeWh, boughtWh);
  const context = contextOf(ledger, name);
  const answer = await placeIntradayOrders(context, { hour: HOUR });
  expect(Math.max(...asked)).toBe(nowSlot - 1);
  const participantId = participantIdOfLabel(context, one.label);
  return { answer, orders: byInterval(placed.find((other) => other.participantId === participantId)?.orders ?? []) };
}

describe('what agents place in an intraday session', () => {
  test('is nothing where they use what they have bought', async () => {
    const { answer, orders } = await ordersOf(250n, 250n, 1_000n, 'as-bought');
    expect(orders).toEqual([]);
    expect(answer).toEqual({ placed: expect.stringMatching(/^\d+ orders of \d+ agents$/) as string });
  });

  test('is a bid for what they lack against the position of all sessions, half hour by half hour', async () => {
    const { orders } = await ordersOf(350n, 350n, 1_000n, 'too-little');
    const bids = orders.map(({ energyWh, interval, side }) => [side, interval, energyWh]);
    expect(bids).toEqual(
      Array.from({ length: intervals }, (_, interval) => ['buy', interval, interval === 7 ? 249n : 200n]),
    );
  });

  test('is an offer for what they have too much, where they use less than they did', async () => {
    const { orders } = await ordersOf(150n, 250n, 1_000n, 'too-much');
    expect(orders.every(({ side }) => side === 'sell')).toBe(true);
    // The newest half hour was 200 Wh below its mean: three quarters of that, and four fifths of it in each interval that follows.
    expect(orders.map(({ energyWh }) => energyWh)).toEqual([150n, 120n, 96n, 76n, 61n]);
  });

  test('is the same when the step is asked for again by the next process', async () => {
    const first = ledgerWith(350n, 350n, 1_000n);
    await placeIntradayOrders(contextOf(first.ledger, 'again'), { hour: HOUR });
    const second = ledgerWith(350n, 350n, 1_000n);
    await placeIntradayOrders(contextOf(second.ledger, 'again'), { hour: HOUR });
    const sorted = (placed: readonly Placed[]) =>
      [...placed].sort((left, right) => (left.participantId < right.participantId ? -1 : 1));
    expect(sorted(second.placed)).toEqual(sorted(first.placed));
    expect(first.placed.length).toBeGreaterThan(0);
  });

  test('finds the supplier on both sides of every half hour, with what its connection carries in it', async () => {
    const { ledger, placed } = ledgerWith(0n, 0n, 0n);
    const context = contextOf(ledger, 'supplier');
    expect(await placeSupplierOrders(context, { hour: HOUR })).toEqual({ orders: 2 * intervals });
    const supplier = plan.participants.find(({ kind }) => kind === 'supplier');
    expect(placed[0]?.orders.every(({ energyWh }) => energyWh === (supplier?.connectionLimitW ?? 0n) / 2n)).toBe(true);
  });
});

describe('what was traded again on the day', () => {
  test('is the sum over the intervals of all 24 sessions', async () => {
    const asked = new Set<unknown>();
    const ledger = {
      evaluate: (_contract: string, name: string, { sessionId: id }: JsonObject) => {
        asked.add(`${name}/${String(id)}`);
        return Promise.resolve({ clearing: { intervals: [{ tradedWh: 400n }, { tradedWh: 0n }] } });
      },
    };
    const outcome = await intradayOutcome(contextOf(ledger as unknown as Ledger, 'outcome'), {});
    expect(outcome).toEqual({ sessions: 24, intervals: 48, tradedWh: '9600' });
    expect(asked.size).toBe(24);
    expect(asked).toContain(`getClearing/${sessionId}`);
  });
});

describe('the intraday sessions of a day', () => {
  test('begin half an hour after the hour that was measured, with 8 half hours or what is left of the day', () => {
    expect([firstSlot - nowSlot, intervals]).toEqual([2, 8]);
    const last = [19, 20, 21, 22, 23].map((hour) => intradaySession(plan, hour));
    expect(last.map((own) => own.intervals)).toEqual([8, 7, 5, 3, 1]);
    const ends = last.map((own) => own.firstSlot + 2 * own.intervals - plan.deliverySlot);
    expect(ends).toEqual([94, 96, 96, 96, 96]);
    expect(() => intradaySession(plan, 24)).toThrow('no intraday session opens after 24 hours');
  });
});
