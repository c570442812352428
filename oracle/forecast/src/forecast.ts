import { slot } from '@flexledger/domain';
import { cleaned, filled } from './clean';
import { ForecastError } from './errors';
import { endOf, type Forecast, type ForecastSettings, type Series } from './series';
import { Forecaster } from './forecaster';

/** A forecast's settings with the series that it is of. */
export interface ForecastRequest extends ForecastSettings {
  readonly series: Series;
}

/** A forecast's settings with the series of several meters. */
export interface PortfolioRequest extends ForecastSettings {
  readonly series: readonly Series[];
}

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
export function forecastEach(request: PortfolioRequest): readonly Forecast[] {
  return new Forecaster(request).forecast(request.series, request.at);
}

/** What the series are expected to be together: the band is that of the sum. @throws ForecastError as `forecast` */
export function forecastPortfolio({ series, ...settings }: PortfolioRequest): Forecast {
  // One meter's gap must not be a gap of all.
  const { at } = settings;
  const from = slot(Math.min(at, ...series.map(({ firstSlot }) => firstSlot)));
  return forecast({ ...settings, series: sumOf(series.map((one) => filled(cleaned(one, at), from, at))) });
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

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new ForecastError('FORECAST_SIZE', 'there are no series');
  return value;
}
