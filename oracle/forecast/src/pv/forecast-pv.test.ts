import { slot, slotsPerDay } from '@flexledger/domain';
import type { Series } from '../index';
import { clearSkyLight, forecastPv, simplePv, sineOfSun, type PvRequest } from '../index';

const FIRST = slot(Date.UTC(2025, 2, 1) / 900_000);
const place = { latitude: 47.4, longitude: 8.5 };

/** A system of 10 kW under clouds that come and go around the weather of each day, drawn from a seed. */
function system(days: number, seed: number): Series {
  let state = seed;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  let bright = 0.5;
  const values = new Float64Array(days * slotsPerDay);
  for (let day = 0; day < days; day += 1) {
    const weather = random();
    for (let quarter = 0; quarter < slotsPerDay; quarter += 1) {
      const index = day * slotsPerDay + quarter;
      bright += 0.05 * (weather - bright) + 0.3 * (random() - 0.5);
      const share = Math.min(Math.max(bright, 0), 1);
      values[index] = Math.round(2_500 * share * clearSkyLight(FIRST + index, place));
    }
  }
  return { meterId: 'roof', firstSlot: FIRST, values };
}

function requestOf(series: Series, day: number, horizon: PvRequest['horizon'], quarter = 0): PvRequest {
  return { series, at: slot(FIRST + day * slotsPerDay + quarter), horizon, timeZone: 'Africa/Abidjan', seed: 1 };
}

const roof = system(120, 7);

describe('the height of the sun', () => {
  it('is that of the almanac at noon of the solstices and of the equinox', () => {
    const greatest = (date: string): number => {
      const midnight = Date.parse(date) / 900_000;
      const heights = Array.from({ length: 96 }, (_, quarter) =>
        sineOfSun(midnight + quarter, { latitude: 50, longitude: 0 }),
      );
      return (Math.asin(Math.max(...heights)) * 180) / Math.PI;
    };
    expect(greatest('2025-06-21')).toBeCloseTo(63.4, 0);
    expect(greatest('2025-12-21')).toBeCloseTo(16.6, 0);
    expect(greatest('2025-03-20')).toBeCloseTo(40, 0);
  });

  it('gives light in Zurich at midsummer from about 3:30 to 19:25 UTC, as the sun rises and sets there', () => {
    const midnight = Date.UTC(2025, 5, 21) / 900_000;
    const bright = Array.from({ length: 96 }, (_, quarter) => quarter).filter(
      (quarter) => clearSkyLight(midnight + quarter, place) > 0,
    );
    expect(Math.abs((bright[0] ?? 0) - 14)).toBeLessThanOrEqual(2);
    expect(Math.abs((bright.at(-1) ?? 0) - 77)).toBeLessThanOrEqual(2);
  });
});

describe('a forecast of PV', () => {
  it.each(['day-ahead', 'intraday'] as const)(
    '%s is better than persistence, plain and scaled by the clear sky',
    (horizon) => {
      const errors = { model: 0, persistence: 0, clearSky: 0 };
      for (let day = 72; day < 116; day += 9) {
        const request = requestOf(roof, day, horizon, horizon === 'intraday' ? 36 : 0);
        const { intervals, p50 } = forecastPv(request);
        const simple = simplePv(request);
        intervals.forEach(({ slot: from, slots }, step) => {
          const came = roof.values.slice(from - FIRST, from - FIRST + slots).reduce((sum, value) => sum + value, 0);
          errors.model += Math.abs(came - (p50[step] ?? 0));
          errors.persistence += Math.abs(came - (simple.persistence[step] ?? 0));
          errors.clearSky += Math.abs(came - (simple.clearSky[step] ?? 0));
        });
      }
      expect(errors.model).toBeLessThan(errors.persistence);
      expect(errors.model).toBeLessThan(errors.clearSky);
    },
  );

  it('is exactly nothing at night, and its quantiles rise', () => {
    const { intervals, p10, p50, p90 } = forecastPv({ ...requestOf(roof, 100, 'day-ahead'), place });
    intervals.forEach(({ slot: from }, step) => {
      const isNight = [0, 1, 2, 3].every((quarter) => clearSkyLight(from + quarter, place) === 0);
      const [low, middle, high] = [p10[step] ?? -1, p50[step] ?? -1, p90[step] ?? -1];
      if (isNight) expect([low, middle, high]).toEqual([0, 0, 0]);
      expect(low >= 0 && low <= middle && middle <= high).toBe(true);
    });
    expect(Math.max(...p50)).toBeGreaterThan(1_000);
  });

  it('is the same for the same readings, whatever is measured from its time on', () => {
    const request = requestOf(roof, 90, 'intraday', 40);
    const later = { ...roof, values: roof.values.map((value, index) => (index >= request.at - FIRST ? 9_999 : value)) };
    expect(forecastPv({ ...request, series: later })).toEqual(forecastPv(request));
  });

  it('passes over gaps and readings below zero, and is nothing without any reading', () => {
    const torn = {
      ...roof,
      values: roof.values.map((value, index) => (index % 37 < 5 ? Number.NaN : index % 97 === 0 ? -50 : value)),
    };
    const whole = forecastPv(requestOf(roof, 100, 'day-ahead')).p50.reduce((sum, value) => sum + value, 0);
    const rest = forecastPv(requestOf(torn, 100, 'day-ahead')).p50.reduce((sum, value) => sum + value, 0);
    expect(Math.abs(rest - whole) / whole).toBeLessThan(0.35);
    const none = { ...roof, values: new Float64Array(0) };
    expect(new Set(forecastPv(requestOf(none, 0, 'day-ahead')).p90)).toEqual(new Set([0]));
    expect(forecastPv(requestOf(roof, 2, 'day-ahead')).p50.some((value) => value > 0)).toBe(true);
  });

  it('follows the light that is foretold where the forecasts of the light were right', () => {
    const light = {
      meterId: 'light',
      firstSlot: FIRST,
      values: roof.values.map((value) => value / 2_500),
    };
    const request = requestOf(roof, 100, 'day-ahead');
    const errorOf = (p50: readonly number[]): number =>
      p50.reduce((sum, value, hour) => {
        const from = request.at - FIRST + hour * 4;
        return sum + Math.abs(value - roof.values.slice(from, from + 4).reduce((total, one) => total + one, 0));
      }, 0);
    const told = forecastPv({ ...request, place, light });
    expect(errorOf(told.p50)).toBeLessThan(0.7 * errorOf(forecastPv({ ...request, place }).p50));
    expect(told.card.features).toContain('forecast of the light');
  });
});
