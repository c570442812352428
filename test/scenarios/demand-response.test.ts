import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { demandResponseText, type DemandResponseReport, type ProsumerOutcome } from './support/demand-response/report';
import { DECLINERS, playDemandResponse } from './support/demand-response/run';

/*
 * Demand response through the whole stack, on 20 May of the SimBench grid with all its meters: a session without limits of the grid is cleared,
 * 236 kW would go out through a transformer of 160 kVA. Two aggregators offer the charging of storages and the curtailment of PV; the system
 * operator orders; the oracle process splits the orders; two prosumers opt out, which is planned again; one opts in and does nothing. The forecast
 * behind the D-prognoses is right, so that what is ordered can be compared with what was needed. NETWORK=native plays it on real Fabric.
 */

const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-demand-response-'));
const said: string[] = [];
let report: DemandResponseReport;

beforeAll(async () => {
  report = await playDemandResponse({ part: 'flexibility', folder, thousands: 36, say: (line) => said.push(line) });
}, 900_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const prosumers = (): readonly ProsumerOutcome[] => report.orders.flatMap((order) => order.prosumers);

describe('a congestion that flexibility solves', () => {
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

  test('costs the system operator what the fund has lost, less than what it would have been for the whole', () => {
    const paid = report.orders.reduce((total, order) => total + order.priceMicro, 0n);
    expect(500_000_000n - report.fundMicro).toBe(report.costMicro);
    expect(report.costMicro > 0n && report.costMicro < paid).toBe(true);
    for (const order of report.orders) {
      const rewards = order.prosumers.reduce((total, { netMicro }) => total + netMicro, 0n);
      expect(order.paidMicro - order.penaltyMicro).toBe(rewards + order.keptMicro);
    }
  });

  test('keeps all invariants', () => {
    expect(report.day.findings).toEqual([]);
    expect(Object.values(report.day.invariants).every((holds) => holds)).toBe(true);
  });

  test('can be read by people', () => {
    const text = demandResponseText(report);
    expect(text).toContain('236.6 kW export at 13:00 without flexibility');
    expect(text.split('\n').every((line) => line.length <= 160)).toBe(true);
  });
});
