import { slot } from '@flexledger/domain';
import fc from 'fast-check';
import { backtest, forecast, forecastEach, forecastPortfolio, type Forecast, type Series } from './index';

const DAY = 96;
/** Monday, 5 January 2026, midnight in Zurich. */
const FIRST = slot(Date.UTC(2026, 0, 4, 23) / 900_000);
const settings = { horizon: 'day-ahead', timeZone: 'Europe/Zurich', seed: 1 } as const;
const at = (days: number) => slot(FIRST + days * DAY);

/** A home that uses more in the evening, a little different each day. */
function home(days: number, change: (index: number, wh: number) => number = (_, wh) => wh): Series {
  const values = Float64Array.from({ length: days * DAY }, (_, index) => {
    const hour = Math.floor((index % DAY) / 4);
    return change(index, 50 + (hour >= 17 && hour < 22 ? 150 : 0) + ((index * 7919) % 13));
  });
  return { meterId: 'home', firstSlot: FIRST, values };
}

function errorShare(made: Forecast, wanted: Forecast): number {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return sum(made.p50.map((value, index) => Math.abs(value - (wanted.p50[index] ?? 0)))) / sum(wanted.p50);
}

function isOrdered({ p10, p50, p90 }: Forecast): boolean {
  return p50.every((middle, index) => p10[index]! <= middle && middle <= p90[index]! && Number.isSafeInteger(middle));
}

describe('a forecast from bad readings', () => {
  const good = forecast({ ...settings, at: at(20), series: home(20) });

  it.each([
    ['a gap of three days', (index: number, wh: number) => (index > 12 * DAY && index < 15 * DAY ? Number.NaN : wh)],
    ['numbers that are none', (index: number, wh: number) => (index % 17 === 0 ? Number.NaN : wh)],
    ['infinite numbers', (index: number, wh: number) => (index % 17 === 0 ? Number.POSITIVE_INFINITY : wh)],
    ['a rare negative value', (index: number, wh: number) => (index % 301 === 0 ? -wh * 50 : wh)],
    ['spikes', (index: number, wh: number) => (index % 97 === 0 ? wh * 1_000 : wh)],
    ['a meter that stood still', (index: number, wh: number) => (index > 16 * DAY && index < 18 * DAY ? 0 : wh)],
  ])('is hardly another one for %s', (_, change) => {
    const made = forecast({ ...settings, at: at(20), series: home(20, change) });
    expect(errorShare(made, good)).toBeLessThan(0.1);
    expect(isOrdered(made)).toBe(true);
  });

  it('takes half an hour that comes twice, and one that is left out, as they are', () => {
    for (const time of ['2026-03-29T12:00Z', '2026-03-28T22:00Z', '2026-10-25T12:00Z', '2026-10-24T22:00Z']) {
      const issue = slot(Date.parse(time) / 900_000);
      const values = home(30).values;
      const series = { meterId: 'home', firstSlot: slot(issue - values.length), values };
      for (const horizon of ['day-ahead', 'intraday'] as const) {
        expect(isOrdered(forecast({ ...settings, horizon, at: issue, series }))).toBe(true);
      }
    }
  });

  it('lets one meter with a gap be no gap of the portfolio', () => {
    const gap = home(20, (index, wh) => (index > 15 * DAY ? Number.NaN : wh));
    const made = forecastPortfolio({
      ...settings,
      at: at(20),
      series: [home(20), gap, { ...home(2), firstSlot: at(18) }],
    });
    expect(errorShare({ ...made, p50: made.p50.map((wh) => wh / 3) }, good)).toBeLessThan(0.1);
  });
});

describe('a forecast from little or much history', () => {
  it('of one day repeats it', () => {
    expect(forecast({ ...settings, at: at(1), series: home(1) }).p50[18]).toBeGreaterThan(700);
  });

  it('of none is the standard profile, as much as the neighbours use', () => {
    const none = { meterId: 'new', firstSlot: at(20), values: new Float64Array(0) };
    const alone = forecast({ ...settings, at: at(20), series: none });
    // A home of 3,500 kWh a year uses a little more than 10 kWh on a day in January.
    const sum = alone.p50.reduce((total, wh) => total + wh, 0);
    expect(sum).toBeGreaterThan(8_000);
    expect(sum).toBeLessThan(14_000);
    const [, beside] = forecastEach({ ...settings, at: at(20), series: [home(20), none] });
    const mean = home(20).values.reduce((total, wh) => total + wh, 0) / 20;
    expect(Math.abs(beside!.p50.reduce((total, wh) => total + wh, 0) - mean) / mean).toBeLessThan(0.01);
    expect(isOrdered(alone)).toBe(true);
  });

  it('of a year is no other than of its last ten weeks', () => {
    const year = home(365);
    const weeks = { ...year, firstSlot: at(295), values: year.values.subarray(295 * DAY) };
    const [long, short] = [year, weeks].map((series) => forecast({ ...settings, at: at(365), series }));
    expect(long!.p50).toEqual(short!.p50);
  });
});

describe('the properties of forecasts', () => {
  const seed = 20_261_127;
  const values = fc.array(fc.oneof({ weight: 20, arbitrary: fc.integer({ min: -500, max: 3_000 }) }, { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 1e300, Infinity) }), { minLength: 0, maxLength: 4 * DAY }); // prettier-ignore

  it('are whole numbers in order, the same again, and blind to what comes later', () => {
    fc.assert(
      fc.property(values, values, fc.constantFrom('day-ahead', 'intraday'), (before, after, horizon) => {
        const now = slot(FIRST + before.length);
        const series = (wh: readonly number[]): Series => ({
          meterId: 'm',
          firstSlot: FIRST,
          values: Float64Array.from(wh),
        });
        const made = forecast({ ...settings, horizon, at: now, series: series(before) });
        expect(isOrdered(made)).toBe(true);
        expect(forecast({ ...settings, horizon, at: now, series: series([...before, ...after]) }).p50).toEqual(
          made.p50,
        );
        expect(JSON.stringify(forecast({ ...settings, horizon, at: now, series: series(before) }))).toBe(
          JSON.stringify(made),
        );
      }),
      { seed, numRuns: 15 },
    );
  });

  it('hold about four of five values in the band of a back-test', () => {
    const random = (index: number): number =>
      (((index * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648) * 200;
    const [score] = backtest(settings, [home(40, (index, wh) => wh + random(index))], { from: at(30), to: at(40) });
    expect(score!.coverage).toBeGreaterThan(0.7);
    expect(score!.coverage).toBeLessThan(0.9);
    expect(score!.skill).toBeGreaterThan(0);
  });
});
