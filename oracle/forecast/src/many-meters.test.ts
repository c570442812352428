import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { slot } from '@flexledger/domain';
import { forecastEach, Forecaster, type Forecast, type Series } from './index';

const DAY = 96;
/** Monday, 5 January 2026, midnight in Zurich. */
const FIRST = slot(Date.UTC(2026, 0, 4, 23) / 900_000);
const settings = { timeZone: 'Europe/Zurich', seed: 1 } as const;
const SHARED = process.env.SHARED ?? resolve(__dirname, '..', '..', '..', '..', 'shared');
const DIRTY = join(SHARED, 'data', 'swiss-households-15min', 'dirty_homes_kwh.csv');

/** A home of a size of its own, with as many days as wanted, a little different each day. */
function home(number: number, days: number): Series {
  const values = Float64Array.from({ length: days * DAY }, (_, index) => {
    const hour = Math.floor((index % DAY) / 4);
    return 20 + number + (hour >= 17 && hour < 22 ? 150 : 0) + (((index + number) * 7919) % 31);
  });
  return { meterId: `meter-${number}`, firstSlot: slot(FIRST + (30 - days) * DAY), values };
}

function isUsable({ p10, p50, p90 }: Forecast): boolean {
  return p50.every((middle, index) => p10[index]! <= middle && middle <= p90[index]! && Number.isSafeInteger(middle));
}

describe('forecasts of hundreds of meters', () => {
  const at = slot(FIRST + 30 * DAY);
  const meters = Array.from({ length: 200 }, (_, number) => home(number, number % 31));

  it('are one of each meter, in order, the same as each would have alone where it has readings', () => {
    const made = forecastEach({ ...settings, horizon: 'day-ahead', at, series: meters });
    expect(made.map(({ meterId }) => meterId)).toEqual(meters.map(({ meterId }) => meterId));
    expect(made.filter((one) => one.p50.length !== 24 || !isUsable(one))).toEqual([]);
    const alone = forecastEach({ ...settings, horizon: 'day-ahead', at, series: [meters[123]!] });
    expect(made[123]).toEqual(alone[0]);
  });

  it('go on from one another within a day as if each were the first, when readings come or were put right', () => {
    const some = [meters[5]!, meters[30]!];
    const now = slot(at - 20);
    const inOrder = new Forecaster({ ...settings, horizon: 'intraday', at: now });
    const skipping = new Forecaster({ ...settings, horizon: 'intraday', at: now });
    for (const forecaster of [inOrder, skipping]) forecaster.forecast(some, now);
    for (const quarters of [2, 4, 6]) inOrder.forecast(some, slot(now + quarters));
    const later = slot(now + 8);
    expect(inOrder.forecast(some, later)).toEqual(skipping.forecast(some, later));
    const corrected = some.map((one) => ({
      ...one,
      values: one.values.map((wh, index) => (index % 5 ? wh : wh + 40)),
    }));
    const fresh = new Forecaster({ ...settings, horizon: 'intraday', at: now });
    fresh.forecast(some, now);
    expect(inOrder.forecast(corrected, later)).toEqual(fresh.forecast(corrected, later));
    expect(inOrder.forecast(corrected, later)).not.toEqual(inOrder.forecast(some, later));
  });
});

const withReadings = existsSync(DIRTY) ? describe : describe.skip;
const title = existsSync(DIRTY)
  ? 'forecasts of homes whose meters failed'
  : 'forecasts of homes whose meters failed (the readings are absent; SHARED names their folder)';

withReadings(title, () => {
  const name = 'are usable numbers, and none is far beyond what the home has ever used';

  it.each(['day-ahead', 'intraday'] as const)(`${name}: %s`, (horizon) => {
    const [header = [], ...rows] = readFileSync(DIRTY, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const homes = header.slice(2).map((meterId, index) => ({
      meterId,
      firstSlot: FIRST,
      values: Float64Array.from(rows, (row) => Math.round(Number(row[index + 2]) * 1_000)),
    }));
    expect(homes.length).toBeGreaterThan(0);
    for (const days of [9, 25, 48]) {
      for (const [index, one] of forecastEach({
        ...settings,
        horizon,
        at: slot(FIRST + days * DAY),
        series: homes,
      }).entries()) {
        expect(isUsable(one)).toBe(true);
        const slots = horizon === 'day-ahead' ? 4 : 2;
        const most = homes[index]!.values.subarray(0, days * DAY).reduce((found, wh) => Math.max(found, wh), 0);
        expect(Math.max(...one.p50)).toBeLessThanOrEqual(most * slots);
      }
    }
  });
});
