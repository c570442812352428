import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { demandResponseText, type DemandResponseReport, type ProsumerOutcome } from './support/demand-response/report';
import { FUND_MICRO } from './support/demand-response/play';
import { DECLINERS, playDemandResponse, type ScenarioOptions } from './support/demand-response/run';

/*
 * Demand response through the whole stack, on 20 May of the SimBench grid with all its meters: a session without limits of the grid is cleared,
 * 236 kW would go out through a transformer of 160 kVA. Two aggregators offer the charging of storages and the curtailment of PV; the system
 * operator orders; the oracle process splits the orders; two prosumers opt out, which is planned again; one opts in and does nothing. The forecast
 * behind the D-prognoses is right, so that what is ordered can be compared with what was needed. NETWORK=native plays it on real Fabric.
 */

const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-demand-response-'));
const said: string[] = [];
const RUN_TIMEOUT_MS = 900_000;

async function play(part: ScenarioOptions['part']): Promise<DemandResponseReport> {
  const own = path.join(folder, part);
  mkdirSync(own);
  return playDemandResponse({ part, folder: own, thousands: 36, say: (line) => said.push(line) });
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a congestion that flexibility solves', () => {
  let report: DemandResponseReport;

  beforeAll(async () => {
    report = await play('flexibility');
  }, RUN_TIMEOUT_MS);

  const prosumers = (): readonly ProsumerOutcome[] => report.orders.flatMap((order) => order.prosumers);

  test('is 236 kW through a transformer of 160 kVA without it, and within the limit with it, although one fails', () => {
    expect(report.before).toEqual({ time: '13:00', netW: -236_592n });
    expect(report.beyondBefore).toBe(12);
    expect(report.requestedIsps).toBeGreaterThanOrEqual(12);
    expect(report.beyondAfter).toBe(0);
  });

  test('is bought from both aggregators, split by the oracle, and planned again after opt-outs', () => {
    expect(report.orders.map(({ aggregator }) => aggregator).sort()).toEqual(['north', 'south']);
    for (const { splits } of report.orders) expect(splits).toEqual(['oracle', 'oracle']);
    expect(report.orders.flatMap(({ declined }) => declined).sort()).toEqual([...DECLINERS].sort());
    expect(prosumers().some(({ label }) => DECLINERS.includes(label))).toBe(false);
  });

  test('leaves one who opted in and did nothing flagged and unpaid, known while the event went on', () => {
    const idle = prosumers().filter(({ flags }) => flags.includes('DID_NOTHING'));
    expect(idle).toMatchObject([{ label: 'prosumer-00', deliveredWh: 0n, rewardMicro: 0n }]);
    expect(idle[0]?.deviations).toBeGreaterThanOrEqual(12);
  });

  test('pays the others for what their meters show, and harms none of them', () => {
    const storages = prosumers().filter(({ baselineWh, flags }) => baselineWh === 0n && flags.length === 0);
    expect(storages.length).toBeGreaterThanOrEqual(2);
    for (const { deliveredWh, meteredWh, orderedWh, rewardMicro } of storages) {
      expect([deliveredWh, meteredWh]).toEqual([orderedWh, orderedWh]);
      expect(rewardMicro).toBeGreaterThan(0n);
    }
  });

  test('costs the system operator less than what its fund has set aside for the whole', () => {
    const paid = report.orders.reduce((total, order) => total + order.priceMicro, 0n);
    // What is left of it is free once no reading can come late any more.
    expect(FUND_MICRO - report.fundMicro).toBe(paid);
    expect(report.costMicro).toBeLessThan(paid);
    for (const order of report.orders) {
      const rewards = order.prosumers.reduce((total, { netMicro }) => total + netMicro, 0n);
      expect(order.paidMicro - order.penaltyMicro).toBe(rewards + order.keptMicro);
    }
  });

  test('is settled again for readings that came late, which bring the aggregator and its prosumer more', () => {
    // The order to which the late reading means nothing stays as it was settled.
    expect(report.orders.map(({ settledMicro }) => settledMicro.length).sort()).toEqual([1, 2]);
    const [first = 0n, second = 0n] =
      report.orders.find(({ settledMicro }) => settledMicro.length > 1)?.settledMicro ?? [];
    expect(second).toBeGreaterThan(first);
  });

  test('keeps all invariants', () => {
    expect(report.day.findings).toEqual([]);
    expect(Object.values(report.day.invariants).every((holds) => holds)).toBe(true);
  });

  test('can be read by people', () => {
    const text = demandResponseText(report);
    expect(text).toContain('it would be 236.6 kW of export at 13:00');
    expect(text.split('\n').every((line) => line.length <= 160)).toBe(true);
  });
});

describe('a session in which limits of the grid act', () => {
  let limited: DemandResponseReport;

  beforeAll(async () => {
    limited = await play('limits');
  }, RUN_TIMEOUT_MS);

  test('leaves nothing to request: what was traded keeps the limit of the transformer', () => {
    expect(limited.requestedIsps).toBe(0);
    expect(limited.orders).toEqual([]);
    expect(limited.regime).toBe('GREEN');
    expect(limited.costMicro).toBe(0n);
  });

  test('keeps all invariants', () => {
    expect(limited.day.findings).toEqual([]);
  });
});

describe('offers that cover half', () => {
  let orange: DemandResponseReport;

  beforeAll(async () => {
    orange = await play('orange');
  }, RUN_TIMEOUT_MS);

  test('are ordered all the same, and leave the congestion point orange', () => {
    expect(orange.regime).toBe('ORANGE');
    expect(orange.orders.map(({ aggregator }) => aggregator)).toEqual(['north']);
    expect(orange.beyondBefore).toBe(12);
  });

  test('keep the limit in every quarter hour that was declared orange', () => {
    expect(orange.orangeIsps).toBeGreaterThan(0);
    expect(orange.beyondInOrange).toBe(0);
  });

  test('have connections limited and compensated for the rest', () => {
    const { connections, spentMicro } = orange.day.setPoints ?? { connections: [], spentMicro: '0' };
    const compensated = connections.reduce((total, { compensationMicro }) => total + BigInt(compensationMicro), 0n);
    expect(connections.length).toBeGreaterThan(0);
    expect(compensated).toBeGreaterThan(0n);
    expect(BigInt(spentMicro)).toBeGreaterThanOrEqual(compensated);
    const disobedient = connections.filter(({ beyondQuarters }) => beyondQuarters > 0);
    expect(disobedient.length).toBeLessThanOrEqual(1);
  });

  test('keep all invariants', () => {
    expect(orange.day.findings).toEqual([]);
  });
});
