import { slot, slotsPerDay, type Slot } from '@flexledger/domain';
import { Calendar } from './calendar';
import { ForecastError } from './errors';
import { intervalsOf } from './intervals';
import { endOf, energyOf, type Forecast, type ForecastInterval, type ForecastSettings, type Series } from './series';

/** A forecast's settings with the series that it is of. */
export interface ForecastRequest extends ForecastSettings {
  readonly series: Series;
}

/** A forecast's settings with the series of several meters. */
export interface PortfolioRequest extends ForecastSettings {
  readonly series: readonly Series[];
}

const DAYS_OF_WEEK = 7;
const PORTFOLIO = 'portfolio';

/**
 * What a series is expected to be.
 *
 * @throws ForecastError for a time zone, a holiday or a size that cannot be
 */
export function forecast({ series, ...settings }: ForecastRequest): Forecast {
  return present(forecastEach({ ...settings, series: [series] })[0]);
}

/** What each of some series is expected to be; they may learn from each other. @throws ForecastError as `forecast` */
export function forecastEach({ series, ...settings }: PortfolioRequest): readonly Forecast[] {
  const calendar = new Calendar(settings.timeZone, settings.holidays);
  const intervals = intervalsOf(calendar, settings.at, settings.horizon);
  return series.map((one) => simple(before(one, settings.at), intervals, settings.at));
}

/** What the series are expected to be together: the band is that of the sum. @throws ForecastError as `forecast` */
export function forecastPortfolio({ series, ...settings }: PortfolioRequest): Forecast {
  return forecast({ ...settings, series: sumOf(series) });
}

/** The sum of the series, as a series: a quarter hour has a value where all of them have one. */
export function sumOf(series: readonly Series[]): Series {
  if (series.length === 0) throw new ForecastError('FORECAST_SIZE', 'there are no series');
  const firstSlot = Math.min(...series.map((one) => one.firstSlot));
  const values = new Float64Array(Math.max(...series.map(endOf)) - firstSlot);
  for (const one of series) {
    for (let index = 0; index < values.length; index += 1) {
      values[index] = (values[index] ?? 0) + (one.values[index + firstSlot - one.firstSlot] ?? Number.NaN);
    }
  }
  return { meterId: PORTFOLIO, firstSlot: slot(firstSlot), values };
}

/** Half the mean of seven days and half the last day, with the spread of the differences between them. */
function simple(series: Series, intervals: readonly ForecastInterval[], at: Slot): Forecast {
  const rows = series.values.reduce((count, value) => count + (Number.isFinite(value) ? 1 : 0), 0);
  const expected = intervals.map((interval) => {
    const days = sameTimeBefore(series, interval, at);
    const last = days[0] ?? 0;
    const mean = days.length === 0 ? 0 : days.reduce((sum, value) => sum + value, 0) / days.length;
    const middle = (last + mean) / 2;
    const spread = days.map((value) => value - middle).sort((left, right) => left - right);
    const low = spread[Math.floor(spread.length * 0.1)] ?? 0;
    const high = spread[Math.ceil(spread.length * 0.9) - 1] ?? 0;
    return { low: middle + Math.min(low, 0), middle, high: middle + Math.max(high, 0) };
  });
  return {
    meterId: series.meterId,
    intervals,
    p10: expected.map(({ low }) => Math.round(low)),
    p50: expected.map(({ middle }) => Math.round(middle)),
    p90: expected.map(({ high }) => Math.round(high)),
    card: {
      model: 'half-week-half-yesterday',
      features: ['same time yesterday', 'mean of the same time on seven days'],
      trainedOn: { fromSlot: series.firstSlot, toSlot: slot(endOf(series)), rows },
      errors: { nmaePpm: null, coveragePpm: null },
    },
  };
}

/** The usable values of the same time on the seven last days that have one before a time, the latest first. */
function sameTimeBefore(series: Series, { slot: from, slots }: ForecastInterval, at: number): readonly number[] {
  const days: number[] = [];
  for (let start = from - slotsPerDay; start >= series.firstSlot && days.length < DAYS_OF_WEEK; start -= slotsPerDay) {
    const energy = start + slots <= at ? energyOf(series, start, slots) : Number.NaN;
    if (Number.isFinite(energy)) days.push(energy);
  }
  return days;
}

/** A series without what lies at a time or later. */
function before({ meterId, firstSlot, values }: Series, at: number): Series {
  return { meterId, firstSlot, values: values.subarray(0, Math.max(0, at - firstSlot)) };
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new ForecastError('FORECAST_SIZE', 'there are no series');
  return value;
}
