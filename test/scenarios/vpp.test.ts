import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { vppText, type PoolBand, type VppReport } from './support/vpp/report';
import { playVpp } from './support/vpp/run';

/*
 * A virtual power plant through the whole stack: ten copies of the SimBench grid, each behind its own transformer, with the storages, PV systems
 * and heat pumps of many owners. The oracle process makes bands, the pool is tested, buyers ask for services. NETWORK=native plays it on real Fabric.
 */

const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-vpp-'));
const RUN_TIMEOUT_MS = 1_800_000;
let report: VppReport;

beforeAll(async () => {
  report = await playVpp({ folder, thousands: 38, say: () => undefined });
}, RUN_TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bandOf = (kind: PoolBand['kind'], direction: PoolBand['direction']): PoolBand | undefined =>
  report.bands.find((band) => band.kind === kind && band.direction === direction);
const codeOf = (what: string): string | undefined => report.refused.find((one) => one.what.includes(what))?.code;

describe('the pool', () => {
  test('is ten grids of ten assets, and two that join while the day goes on', () => {
    expect(report.assets).toBe(102);
    // In each grid one owner has both a storage and a heat pump.
    expect(report.owners).toBe(92);
  });

  test('has bands that follow from what its owners have signed: storages go both ways, PV serves only downward', () => {
    // 206 kW of storages in each grid and 60 kW that come later, of which inverters give nine tenths.
    expect(bandOf('storage', 'up')?.maxW).toBe(1_908_000n);
    expect(bandOf('storage', 'down')?.maxW).toBe(1_908_000n);
    expect(bandOf('pv', 'up')).toBeUndefined();
    expect(bandOf('pv', 'down')?.assets).toBe(30);
    expect(bandOf('generator', 'down')).toBeUndefined();
    for (const direction of ['inductive', 'capacitive'] as const) {
      // The square root of 1 - 0.9 squared: 43.58 % of the rating, rounded down for each inverter.
      const ratedW = 10n * 206_000n + 60_000n;
      const most = (ratedW * 435_890n) / 1_000_000n;
      const storages = bandOf('storage', direction)?.maxW ?? 0n;
      expect(storages <= most && storages > most - 102n).toBe(true);
    }
  });

  test('shows in a test activation that its meters count what it was asked for, and is prequalified for it', () => {
    expect(report.test).toMatchObject({ state: 'PREQUALIFIED', powerMaxW: 1_500_000n });
    // 1.5 MW that rise for 750 of 900 seconds are 218.75 kWh, then 375 kWh in a quarter hour.
    expect(report.test.quarters.map(({ askedWh }) => askedWh)).toEqual([218_750n, 375_000n]);
    for (const { askedWh, deliveredWh } of report.test.quarters) {
      // Each of 50 meters counts whole watt-hours.
      expect(deliveredWh <= askedWh && deliveredWh >= askedWh - 50n).toBe(true);
    }
  });
});

describe('the plans of the day', () => {
  const servedOf = (label: string) => report.served.find((one) => one.label === label);

  test('serve 1 MW of mFRR in the morning, and capacity with others', () => {
    const [reserve, capacity] = [servedOf('mFRR of the morning'), servedOf('capacity of the morning')];
    expect(reserve?.slicesW).toEqual([1_000_000n]);
    expect(reserve?.assets.filter((label) => capacity?.assets.includes(label))).toEqual([]);
  });

  test('serve the whole capacity in the evening and no mFRR, since prices have changed', () => {
    expect(servedOf('capacity of the evening')?.slicesW).toEqual([1_200_000n]);
    expect(servedOf('mFRR of the evening')?.slicesW ?? [0n]).toEqual([0n]);
  });

  test('have a PV system serve nothing upwards', () => {
    // Reactive power their inverters give beside what they feed in.
    const upwards = report.served.filter(({ label }) => label !== 'power factor of the afternoon');
    expect(upwards).toHaveLength(report.served.length - 1);
    expect(upwards.flatMap(({ assets }) => assets).filter((label) => label.startsWith('pv-'))).toEqual([]);
  });

  test('take what has joined in the course of the day, without anybody choosing it', () => {
    const serving = servedOf('capacity of the evening')?.assets ?? [];
    expect(serving).toContain('generator-91-of-copy-1');
    expect(serving).toContain('storage-90-of-copy-0');
  });
});

describe('the reserve of the morning', () => {
  test('is sold as 1 MW for four hours, with what it may cost set aside by the buyer before', () => {
    const { coalition } = report.operated;
    expect(coalition.slices).toMatchObject([{ offeredW: 1_000_000n }]);
    expect(coalition.keptPpm).toBeGreaterThanOrEqual(950_000n);
    // 4,000 kWh at 15,000 and 180,000 micro-euro.
    expect(coalition.lockedMicro).toBe(780_000_000n);
  });

  test('is called as a whole and dispatched to assets whose owners have each acknowledged their own set-point', () => {
    const { acknowledged, activation, dispatched } = report.operated;
    expect(activation).toMatchObject({ powerW: 1_000_000n, state: 'COMPLETED' });
    expect(activation.dueMinute - activation.signalMinute).toBeLessThanOrEqual(13);
    expect(dispatched).toBeGreaterThan(10);
    expect(acknowledged).toBe(dispatched);
  });

  test('is handed over inside 12.5 minutes when a battery drops out, and nothing of it is missing', () => {
    const { fromAssetId, lostW, missingW, stopMinute, takenOver, takeoverMinute } = report.operated.handover;
    expect(report.labels.get(fromAssetId)).toMatch(/^storage-/);
    expect(lostW).toBeGreaterThan(0n);
    expect(missingW).toBe(0n);
    expect(takenOver.reduce((sum, { powerW }) => sum + powerW, 0n)).toBe(lostW);
    expect(takenOver.every(({ seconds }) => seconds <= 750)).toBe(true);
    expect(takeoverMinute - stopMinute).toBeLessThanOrEqual(12);
  });

  test('is delivered by the meters, minute by minute by the telemetry, and only the battery that dropped out is flagged', () => {
    const { deliveries, handover } = report.operated;
    const { fromAssetId, lostW, stopMinute, takeoverMinute } = handover;
    // 1 MW for a quarter hour each, without what nobody could give before the others had taken over.
    const excusedWh = (lostW * BigInt(takeoverMinute - stopMinute) + 59n) / 60n;
    expect(deliveries.map(({ askedWh }) => askedWh)).toEqual([250_000n - excusedWh, 250_000n]);
    for (const { askedWh, deliveredWh, flags, members, minutes, shortfallWh } of deliveries) {
      // Each meter counts whole watt-hours.
      expect(askedWh - deliveredWh).toBeLessThanOrEqual(BigInt(members.length));
      expect({ flags, shortfallWh }).toEqual({ flags: [], shortfallWh: 0n });
      expect(minutes).toEqual({ due: 15, kept: 15 });
      const flagged = members.filter((member) => member.flags.length > 0);
      expect(flagged).toMatchObject([{ assetId: fromAssetId, flags: ['DROPPED_OUT'] }]);
    }
    expect(report.operated.coalition.state).toBe('VERIFIED');
  });
});

describe('the power factor of the afternoon', () => {
  test('is regulated by what the contract works out that it lacks', () => {
    const { activation, coalition, powerFactor } = report.regulated;
    expect(coalition).toMatchObject({ state: 'VERIFIED', direction: 'capacitive', slices: [{ offeredW: 200_000n }] });
    const allowedVar = Number(powerFactor.activeW) * Math.tan(Math.acos(0.95));
    expect(Math.abs(Number(activation.powerW) - (Number(powerFactor.reactiveVar) - allowedVar))).toBeLessThan(1);
    expect(activation).toMatchObject({ state: 'COMPLETED', powerFactor });
  });

  test('is what the reactive registers of the inverters show, each owner having acknowledged its own set-point', () => {
    const { acknowledged, activation, deliveries, dispatched } = report.regulated;
    expect(dispatched).toBeGreaterThan(0);
    expect(acknowledged).toBe(dispatched);
    expect(deliveries).toHaveLength(4);
    for (const { askedWh, deliveredWh, flags, members, minutes, shortfallWh } of deliveries) {
      expect(askedWh).toBe(activation.powerW / 4n);
      // Each register counts whole var-hours.
      expect(askedWh - deliveredWh).toBeLessThanOrEqual(BigInt(members.length));
      expect({ flags, minutes, shortfallWh }).toEqual({ flags: [], minutes: { due: 15, kept: 15 }, shortfallWh: 0n });
      expect(members.filter((member) => member.flags.length > 0)).toEqual([]);
    }
  });
});

describe('the capacity of the evening', () => {
  test('is sold to the wholesale market, which has signed for it and set aside what it may cost, and kept ready', () => {
    const { ready } = report;
    expect(ready).toMatchObject({ state: 'VERIFIED', slices: [{ offeredW: 1_200_000n }] });
    expect(ready.buyer.participantId).toBeDefined();
    // 4,800 kWh at 25,000 and 250,000 micro-euro.
    expect(ready.lockedMicro).toBe(1_320_000_000n);
  });
});

describe('what was sold is paid', () => {
  test('to the micro-unit: capacity that was kept ready, and energy that the meters show', () => {
    const [reserve, reactive, capacity] = report.paid;
    const sumOf = (deliveries: typeof report.operated.deliveries): bigint =>
      deliveries.reduce((sum, one) => sum + one.deliveredWh, 0n);
    const deliveredWh = sumOf(report.operated.deliveries);
    // 4,000 kWh kept ready at 15,000 micro-euro, and each delivered kWh at 180,000; 4,800 kWh at 25,000 and nothing called.
    expect(reserve).toMatchObject({
      paidMicro: 60_000_000n + deliveredWh * 180n,
      penaltyMicro: 0n,
      uncoveredMicro: 0n,
    });
    // 800 kvarh kept ready at 6,000 micro-euro, and each delivered kvarh at 10,000.
    const reactiveMicro = 4_800_000n + sumOf(report.regulated.deliveries) * 10n;
    expect(reactive).toMatchObject({ paidMicro: reactiveMicro, penaltyMicro: 0n, uncoveredMicro: 0n });
    expect(capacity).toMatchObject({ paidMicro: 120_000_000n, penaltyMicro: 0n, uncoveredMicro: 0n });
  });

  test('a tenth to the aggregator, and the rest to the owners in proportion to what each delivered', () => {
    for (const [index, { appliedRule, lines, operatorMicro, paidMicro }] of report.paid.entries()) {
      expect(appliedRule).toBe('pro-rata');
      expect(operatorMicro).toBe(paidMicro / 10n);
      const ids = lines.map(({ participantId }) => participantId);
      const shares = dividedMicro(paidMicro - paidMicro / 10n, deliveredByOwner(ids, index));
      expect(new Map(lines.map((line) => [line.participantId as string, line.paidMicro as bigint]))).toEqual(shares);
    }
  });
});

/** What each of some owners delivered for one of the payments; equal parts where nothing was called. */
function deliveredByOwner(ids: readonly string[], index: number): ReadonlyMap<string, bigint> {
  const { operated, regulated } = report;
  const members = [operated.deliveries, regulated.deliveries][index]?.flatMap((delivery) => delivery.members);
  return new Map(
    ids.map((id) => {
      const own = members?.filter(({ participantId }) => participantId === id) ?? [];
      return [id, members === undefined ? 1n : own.reduce((sum, { deliveredWh }) => sum + deliveredWh, 0n)];
    }),
  );
}

/** An amount in proportion to weights, rounded down, the rest one by one to the largest remainders, of equal ones to the smaller id. */
function dividedMicro(amountMicro: bigint, weights: ReadonlyMap<string, bigint>): ReadonlyMap<string, bigint> {
  const whole = [...weights.values()].reduce((sum, weight) => sum + weight, 0n);
  const parts = [...weights].map(([id, weight]) => ({
    id,
    floor: (amountMicro * weight) / whole,
    remainder: (amountMicro * weight) % whole,
  }));
  parts.sort((left, right) => {
    const byRemainder = Number(right.remainder - left.remainder);
    return byRemainder === 0 ? (left.id < right.id ? -1 : 1) : byRemainder;
  });
  const left = Number(amountMicro - parts.reduce((sum, { floor }) => sum + floor, 0n));
  return new Map(parts.map(({ floor, id }, index) => [id, index < left ? floor + 1n : floor]));
}

describe('what does not fit is refused', () => {
  test('a bid of 999 kW for a service of 1 MW, asked for or tested', () => {
    expect(codeOf('a bid of 999 kW')).toBe('VPP_BID_BELOW_MINIMUM');
    expect(codeOf('a pool of 999 kW')).toBe('VPP_BID_BELOW_MINIMUM');
  });

  test('a PV system upwards, and a generator that is synchronised too late for mFRR', () => {
    expect(codeOf('PV system')).toBe('VPP_BANDS_UNKNOWN');
    expect(codeOf('generator')).toBe('VPP_ASSET_TOO_SLOW');
  });
});

describe('the whole', () => {
  test('keeps all invariants', () => {
    expect(report.findings).toEqual([]);
    expect(report.checked).toBeGreaterThan(0);
  });

  test('can be read by people', () => {
    const text = vppText(report);
    expect(text).toContain('A virtual power plant of 102 assets of 92 owners');
    expect(text.split('\n').every((line) => line.length <= 160)).toBe(true);
  });
});
