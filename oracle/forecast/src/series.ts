import type { Slot } from '@flexledger/domain';

/** The energy of a meter by quarter hours, in Wh on the slot grid of the ledger; NaN where there is no usable reading. */
export interface Series {
  readonly meterId: string;
  /** The quarter hour of the first value. */
  readonly firstSlot: Slot;
  readonly values: Float64Array;
}

/** One step of a forecast. */
export interface ForecastInterval {
  readonly slot: Slot;
  /** Quarter hours of the step. */
  readonly slots: number;
}

/** What is foreseen: 24 hours of a local day (23 or 25 when the clocks change), or the next four hours by half hours. */
export type Horizon = 'day-ahead' | 'intraday';

/** Both horizons. */
export const horizons: readonly Horizon[] = ['day-ahead', 'intraday'];

/** What a forecast is made from and for, other than readings. */
export interface ForecastSettings {
  /** No reading of this quarter hour or a later one is looked at. Intraday begins here; day-ahead at the next local midnight, or here at one. */
  readonly at: Slot;
  readonly horizon: Horizon;
  /** The community's time zone by its IANA name. */
  readonly timeZone: string;
  /** The same inputs and the same seed give the same forecast. */
  readonly seed: number;
  /** Local dates (YYYY-MM-DD) on which people behave as on a Sunday. */
  readonly holidays?: readonly string[];
}

/** How a forecast came about, and how well the model did on earlier days that it had not learned from. */
export interface ModelCard {
  readonly model: string;
  readonly features: readonly string[];
  /** The readings that it was made from: the first quarter hour, the one after the last, and how many steps were usable. */
  readonly trainedOn: { readonly fromSlot: Slot; readonly toSlot: Slot; readonly rows: number };
  /** Of the back-test: mean absolute error by mean load, and the share of actual values in the band; null where there was too little to test on. */
  readonly errors: { readonly nmaePpm: number | null; readonly coveragePpm: number | null };
  /** The digest of what it was made from, where the caller has stated one. */
  readonly dataDigest?: string;
}

/** What a series is expected to be, in whole Wh per interval: the middle, and the band that holds it four times out of five. */
export interface Forecast {
  readonly meterId: string;
  readonly intervals: readonly ForecastInterval[];
  readonly p10: readonly number[];
  readonly p50: readonly number[];
  readonly p90: readonly number[];
  readonly card: ModelCard;
}

/** The value at a slot; NaN outside of the series. */
export function valueAt({ firstSlot, values }: Series, slot: number): number {
  return values[slot - firstSlot] ?? Number.NaN;
}

/** The energy of some quarter hours together; NaN where one of them has no usable reading. */
export function energyOf(series: Series, from: number, slots: number): number {
  let sum = 0;
  for (let slot = from; slot < from + slots; slot += 1) sum += valueAt(series, slot);
  return sum;
}

/** The slot after the last value. */
export function endOf({ firstSlot, values }: Series): number {
  return firstSlot + values.length;
}
