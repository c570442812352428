import { addSlots, slot, slotsPerDay, slotsPerHour, type Slot } from '@flexledger/domain';
import { energyOf, forecastPv, simplePv, type Horizon, type PvRequest, type Series } from '@flexledger/forecast';
import { loadMarketYear, type MarketYear } from '../../simulation/year-data';

/** How far forecasts of PV were off in a year, in percent of what was given; the share of values in the band is of intervals with light. */
export interface PvRow {
  readonly system: string;
  readonly horizon: Horizon;
  /** Hours from when a day-ahead forecast was made to the first hour of its day. */
  readonly leadHours: number;
  readonly forecasts: number;
  readonly model: number;
  readonly persistence: number;
  readonly clearSky: number;
  readonly smart: number;
  readonly coverage: number;
  readonly millisecondsEach: number;
}

/** The profiles of the year are dated in a zone an hour ahead of UTC all the year. */
const TIME_ZONE = 'Etc/GMT-1';
const WARM_UP_DAYS = 45;
/** Intervals with less than this part of the greatest energy count as dark, for the share of values in the band. */
const DARK_SHARE = 0.01;
const LEADS = [0, 12] as const;
/** Hours of a day from which intraday forecasts are made in the year; others of the half hours would say the same. */
const INTRADAY_HOURS = [5, 8, 10, 12, 14, 17] as const;

/**
 * Day-ahead and intraday forecasts of all PV systems of the SimBench grid through its year, each made with what had been measured by then, beside simple
 * methods. `everyDays` thins out the days that are forecast.
 */
export function measurePv(everyDays: number, say: (line: string) => void): readonly PvRow[] {
  const year = loadMarketYear();
  const systems = [...systemsOf(year)].sort(([left], [right]) => left.localeCompare(right));
  return systems.flatMap(([system, series]) => [
    ...LEADS.map((leadHours) => {
      say(`PV ${system} day-ahead, ${leadHours} h before the day`);
      return measureOne(system, series, 'day-ahead', leadHours, dayAheadTimes(series, leadHours, everyDays));
    }),
    (() => {
      say(`PV ${system} intraday`);
      return measureOne(system, series, 'intraday', 0, intradayTimes(series, 6 * everyDays));
    })(),
  ]);
}

/** One system of each profile, since others of the same profile are the same but for their size, and all together. */
function systemsOf({ grid, units, firstSlot }: MarketYear): ReadonlyMap<string, Series> {
  const found = new Map<string, Series>();
  const pv = units.filter(({ kind }) => kind === 'pv');
  grid.pv.forEach(({ profile }, index) => {
    const values = Float64Array.from(pv[index]?.energiesWh ?? []);
    if (!found.has(profile)) found.set(profile, { meterId: profile, firstSlot: slot(firstSlot), values });
  });
  const sums = Float64Array.from(pv[0]?.energiesWh ?? [], (_, quarter) =>
    pv.reduce((sum, unit) => sum + (unit.energiesWh[quarter] ?? 0), 0),
  );
  return found.set(`${pv.length} systems`, { meterId: 'together', firstSlot: slot(firstSlot), values: sums });
}

function dayAheadTimes({ firstSlot, values }: Series, leadHours: number, everyDays: number): readonly Slot[] {
  const days = Math.floor(values.length / slotsPerDay);
  return daysFrom(days, everyDays).map((day) => addSlots(firstSlot, day * slotsPerDay - leadHours * slotsPerHour));
}

function intradayTimes({ firstSlot, values }: Series, everyDays: number): readonly Slot[] {
  const days = Math.floor(values.length / slotsPerDay) - 1;
  return daysFrom(days, everyDays).flatMap((day) =>
    INTRADAY_HOURS.map((hour) => addSlots(firstSlot, day * slotsPerDay + hour * slotsPerHour)),
  );
}

function daysFrom(days: number, everyDays: number): readonly number[] {
  const count = Math.ceil((days - WARM_UP_DAYS) / everyDays);
  return Array.from({ length: count }, (_, index) => WARM_UP_DAYS + index * everyDays);
}

function measureOne(
  system: string,
  series: Series,
  horizon: Horizon,
  leadHours: number,
  times: readonly Slot[],
): PvRow {
  const dark = DARK_SHARE * series.values.reduce((most, value) => Math.max(most, value), 0);
  const errors = { model: 0, persistence: 0, clearSky: 0, smart: 0 };
  let [given, bright, covered, milliseconds] = [0, 0, 0, 0];
  for (const at of times) {
    const request: PvRequest = { series, at, horizon, timeZone: TIME_ZONE, seed: 1 };
    const startMs = performance.now();
    const made = forecastPv(request);
    milliseconds += performance.now() - startMs;
    const simple = simplePv(request);
    made.intervals.forEach((interval, step) => {
      const came = energyOf(series, interval.slot, interval.slots);
      given += came;
      errors.model += Math.abs(came - (made.p50[step] ?? 0));
      errors.persistence += Math.abs(came - (simple.persistence[step] ?? 0));
      errors.clearSky += Math.abs(came - (simple.clearSky[step] ?? 0));
      errors.smart += Math.abs(came - (simple.smart[step] ?? 0));
      const [low, high] = [made.p10[step] ?? 0, made.p90[step] ?? 0];
      if (Math.max(came, high) <= dark * interval.slots) return;
      bright += 1;
      covered += low <= came && came <= high ? 1 : 0;
    });
  }
  return {
    system,
    horizon,
    leadHours,
    forecasts: times.length,
    model: (100 * errors.model) / given,
    persistence: (100 * errors.persistence) / given,
    clearSky: (100 * errors.clearSky) / given,
    smart: (100 * errors.smart) / given,
    coverage: (100 * covered) / bright,
    millisecondsEach: milliseconds / times.length,
  };
}

/** The table that `npm run bench -- forecast` prints of PV. */
export function pvTable(rows: readonly PvRow[]): string {
  const lines = rows.map(
    ({ clearSky, coverage, horizon, leadHours, model, persistence, smart, system }) =>
      `${system.padEnd(10)} ${horizon.padEnd(9)} ${String(leadHours).padStart(4)} h ${[
        model,
        persistence,
        clearSky,
        smart,
        coverage,
      ]
        .map((value) => value.toFixed(1).padStart(11))
        .join('')}`,
  );
  return ['PV         horizon    lead       model persistence  clear sky      smart   coverage', ...lines].join('\n');
}
