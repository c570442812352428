export { backtest, type Score } from './backtest';
export { Calendar, type LocalTime } from './calendar';
export { ForecastError, type ForecastErrorCode } from './errors';
export {
  forecast,
  forecastEach,
  forecastPortfolio,
  sumOf,
  type ForecastRequest,
  type PortfolioRequest,
} from './forecast';
export { Forecaster } from './forecaster';
export { intervalsOf, stepSlotsOf } from './intervals';
export {
  endOf,
  energyOf,
  horizons,
  valueAt,
  type Forecast,
  type ForecastInterval,
  type ForecastSettings,
  type Horizon,
  type ModelCard,
  type Series,
} from './series';
export { forecastPv, PV_MODEL, type PvRequest } from './pv/forecast-pv';
export { isPv } from './pv/is-pv';
export { clearSkyLight, sineOfSun, type Place } from './pv/solar';
export { simplePv, type SimplePv } from './pv/simple';
export { deliverable, type FlexAsset, type FlexDirection } from './flexibility/deliverable';
export {
  forecastFlexibility,
  type FlexibilityForecast,
  type FlexibilityRequest,
} from './flexibility/forecast-flexibility';
