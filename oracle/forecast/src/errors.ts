/** Why there is no forecast. */
export type ForecastErrorCode =
  /** The name of the time zone is none of the IANA data base. */
  | 'FORECAST_TIME_ZONE'
  /** A holiday is no date of the calendar. */
  | 'FORECAST_HOLIDAY'
  /** There are no series, or more than there may be, or one is longer than it may be. */
  | 'FORECAST_SIZE';

/** A forecast that was not made, with a code. */
export class ForecastError extends Error {
  readonly code: ForecastErrorCode;

  constructor(code: ForecastErrorCode, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.name = 'ForecastError';
    this.code = code;
  }
}
