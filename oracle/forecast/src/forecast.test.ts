import { slot } from '@flexledger/domain';
import { Calendar, forecast, forecastPortfolio, intervalsOf, type Series } from './index';

const DAY = 96;
/** Monday, 5 January 2026, midnight in Zurich. */
const FIRST = slot(Date.UTC(2026, 0, 4, 23) / 900_000);
const settings = { horizon: 'day-ahead', timeZone: 'Europe/Zurich', seed: 1 } as const;

function series(days: number, wh: (day: number, quarter: number) => number): Series {
  const values = Float64Array.from({ length: days * DAY }, (_, index) => wh(Math.floor(index / DAY), index % DAY));
  return { meterId: 'home', firstSlot: FIRST, values };
}

describe('the intervals of a forecast', () => {
  const zurich = new Calendar('Europe/Zurich');

  it('are the hours of the next local day, as many as it has', () => {
    const steps = (time: string): number => intervalsOf(zurich, slot(Date.parse(time) / 900_000), 'day-ahead').length;
    expect([steps('2026-01-05T12:00Z'), steps('2026-03-28T12:00Z'), steps('2026-10-24T12:00Z')]).toEqual([24, 23, 25]);
    expect(intervalsOf(zurich, FIRST, 'day-ahead')[0]?.slot).toBe(FIRST);
    expect(intervalsOf(zurich, slot(FIRST + 1), 'day-ahead')[0]?.slot).toBe(FIRST + DAY);
  });

  it('are the next four hours by half hours', () => {
    expect(intervalsOf(zurich, slot(FIRST + 3), 'intraday').map((step) => step.slot - FIRST)).toEqual([
      3, 5, 7, 9, 11, 13, 15, 17,
    ]);
  });
});

describe('a forecast', () => {
  it('repeats what is the same every day', () => {
    const { p10, p50, p90 } = forecast({
      ...settings,
      at: slot(FIRST + 8 * DAY),
      series: series(8, (_, quarter) => quarter),
    });
    expect(p50[0]).toBe(0 + 1 + 2 + 3);
    expect(p50[23]).toBe(92 + 93 + 94 + 95);
    expect([p10, p90]).toEqual([p50, p50]);
  });

  it('looks at nothing from its time on', () => {
    const at = slot(FIRST + 8 * DAY);
    const changed = series(9, (day, quarter) => (day < 8 ? day * quarter : 1e6));
    const rest = series(9, (day, quarter) => (day < 8 ? day * quarter : Number.NaN));
    expect(forecast({ ...settings, at, series: changed })).toEqual(forecast({ ...settings, at, series: rest }));
  });

  it('of a portfolio is that of the sum', () => {
    const at = slot(FIRST + 8 * DAY);
    const both = [series(8, () => 10), series(8, () => 20)];
    expect(forecastPortfolio({ ...settings, at, series: both }).p50[3]).toBe(120);
  });
});
