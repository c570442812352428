import { slot, slotsPerDay } from '@flexledger/domain';
import { deliverable, forecastFlexibility, type FlexAsset, type Series } from '../index';

const FIRST = slot(Date.UTC(2026, 0, 5) / 900_000);

function series(values: readonly number[]): Series {
  return { meterId: 'asset', firstSlot: FIRST, values: Float64Array.from(values) };
}

const load: FlexAsset = {
  assetId: 'heat-pump',
  kind: 'load',
  measured: series([500, 800, 100, 900]),
  maxW: 4_000,
  leastW: 400,
};
const values = (made: Series): readonly number[] => [...made.values];

describe('what a call could have delivered', () => {
  it('is of a load what it took above its least, or left of its most, in all quarter hours of the call', () => {
    expect(values(deliverable(load, 'up', 1))).toEqual([400, 700, 0, 800]);
    expect(values(deliverable(load, 'up', 2))).toEqual([400, 0, 0, Number.NaN]);
    expect(values(deliverable(load, 'down', 1))).toEqual([500, 200, 900, 100]);
  });

  it('is of PV what it gave, and nothing upwards', () => {
    const pv: FlexAsset = { assetId: 'roof', kind: 'pv', measured: series([0, 300, Number.NaN, 700]), maxW: 2_000 };
    expect(values(deliverable(pv, 'down', 1))).toEqual([0, 300, Number.NaN, 500]);
    expect(values(deliverable(pv, 'up', 1))).toEqual([0, 0, Number.NaN, 0]);
  });

  it('is of a storage what it held, or had room for, spread over the call and within its power', () => {
    const storage = { capacityWh: 10_000, reserveWh: 1_000, chargeShare: 0.5, dischargeShare: 0.9 };
    const battery: FlexAsset = {
      assetId: 'battery',
      kind: 'storage',
      measured: series([1_000, 5_000, 9_600]),
      maxW: 8_000,
      storage,
    };
    expect(values(deliverable(battery, 'up', 4))).toEqual([0, 900, 1_935]);
    expect(values(deliverable(battery, 'down', 4))).toEqual([2_000, 2_000, 200]);
  });
});

describe('a forecast of flexibility', () => {
  const days = 10;
  const evening = Array.from({ length: days * slotsPerDay }, (_, index) => (index % slotsPerDay >= 72 ? 500 : 100));
  const home: FlexAsset = { assetId: 'home', kind: 'load', measured: series(evening), maxW: 3_000, leastW: 400 };
  const settings = {
    at: slot(FIRST + days * slotsPerDay),
    horizon: 'day-ahead',
    timeZone: 'Africa/Abidjan',
    seed: 1,
  } as const;

  function expectAbout(powers: readonly number[], homes: number): void {
    expect(powers[3]).toBeLessThan(20 * homes);
    expect(Math.abs((powers[20] ?? 0) / homes - 1_600)).toBeLessThan(100);
  }

  it('says in W what is there in each hour, of one asset and of several together', () => {
    const one = forecastFlexibility({ ...settings, assets: [home], direction: 'up', slots: 2 });
    expectAbout(one.p50, 1);
    const two = forecastFlexibility({ ...settings, assets: [home, home], direction: 'up', slots: 2 });
    expectAbout(two.p50, 2);
    expect(
      two.p10.every((low, hour) => low <= (two.p50[hour] ?? 0) && (two.p50[hour] ?? 0) <= (two.p90[hour] ?? 0)),
    ).toBe(true);
  });

  it('looks at nothing that is metered from its time on', () => {
    const later = { ...home, measured: series([...evening, 9_000, 9_000]) };
    const ask = (asset: FlexAsset) =>
      forecastFlexibility({ ...settings, assets: [asset], direction: 'down', slots: 4 });
    expect(ask(later)).toEqual(ask(home));
  });
});
