import { slotsPerHour } from '@flexledger/domain';
import { forecast, sumOf } from '../forecast';
import { forecastPv } from '../pv/forecast-pv';
import type { Forecast, ForecastInterval, ForecastSettings, Series } from '../series';
import { deliverable, type FlexAsset, type FlexDirection } from './deliverable';

/** What a forecast of flexibility is made from and for. */
export interface FlexibilityRequest extends ForecastSettings {
  /** One asset, or those of a portfolio that are called together. */
  readonly assets: readonly FlexAsset[];
  readonly direction: FlexDirection;
  /** Quarter hours that a call lasts. */
  readonly slots: number;
}

/** What a call could deliver, for so long: in 10, 50 and 90 of 100 cases at most this power, in whole W, in the mean of the quarter hours in which it may begin. */
export interface FlexibilityForecast {
  readonly intervals: readonly ForecastInterval[];
  readonly slots: number;
  readonly p10: readonly number[];
  readonly p50: readonly number[];
  readonly p90: readonly number[];
  readonly card: Forecast['card'];
}

/**
 * What calls of some assets could deliver. What they could have delivered in the past, worked out from what was metered, is a series like any other:
 * that of PV is forecast as PV is, the others as loads are, those of a portfolio added up first, so that the band is that of the sum.
 *
 * @throws ForecastError for no asset, a time zone, a holiday or a size that cannot be
 */
export function forecastFlexibility({
  assets,
  direction,
  slots,
  ...settings
}: FlexibilityRequest): FlexibilityForecast {
  const past = assets.map((asset) =>
    deliverable({ ...asset, measured: before(asset.measured, settings.at) }, direction, slots),
  );
  const series = sumOf(past);
  const isPv = assets.every(({ kind }) => kind === 'pv');
  const made = isPv ? forecastPv({ ...settings, series }) : forecast({ ...settings, series });
  const most = assets.reduce((sum, { maxW }) => sum + maxW, 0);
  const powers = (energies: readonly number[]): readonly number[] =>
    energies.map((energy, index) => {
      const hours = (made.intervals[index]?.slots ?? slotsPerHour) / slotsPerHour;
      return Math.min(Math.max(Math.round(energy / hours), 0), Math.round(most));
    });
  const { card, intervals } = made;
  return { intervals, slots, p10: powers(made.p10), p50: powers(made.p50), p90: powers(made.p90), card };
}

function before({ meterId, firstSlot, values }: Series, at: number): Series {
  return { meterId, firstSlot, values: values.subarray(0, Math.max(at - firstSlot, 0)) };
}
