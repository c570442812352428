import { compareBigint, greatest, least, mulDivHalfUp, sum } from '../math';
import { digestOf } from '../digest';
import type { IntervalTotal, QualifiedTotal } from '../meter/types';
import type { MeterId } from '../ids';
import { addSlots, slotsPerDay, type Slot } from '../time';
import { wh } from '../units';
import type { Quantiles, Series } from './rows';

/** The name under which this rule answers. */
export const forecastModel = 'mean-7-latest';

/** Days that the mean looks back on. */
const daysBack = 7;

/** The frozen history of one meter: its usable totals in time order; quarter hours without a reading are absent. */
export interface MeterHistory {
  readonly meterId: MeterId;
  readonly totals: readonly IntervalTotal[];
}

/** What is forecast. */
export interface ForecastPeriod {
  readonly firstSlot: Slot;
  readonly intervals: number;
  readonly intervalSlots: number;
}

/** The usable part of a meter's totals before the slot that a request froze: what was measured or estimated. */
export function historyOf(meterId: MeterId, totals: readonly QualifiedTotal[], toSlot: Slot): MeterHistory {
  const usable = totals.filter(({ quality, slot }) => slot < toSlot && (quality === 'OK' || quality === 'ESTIMATED'));
  return { meterId, totals: usable.map(({ exportWh, importWh, slot }) => ({ slot, importWh, exportWh })) };
}

/** The digest of the data that a computation reads, in the order of the request's meters. */
export function historyDigest(history: readonly MeterHistory[]): string {
  return digestOf(
    history.map(({ meterId, totals }) => ({
      meterId,
      totals: totals.map(({ exportWh, importWh, slot }) => ({
        exportWh: exportWh.toString(),
        importWh: importWh.toString(),
        slot,
      })),
    })),
  );
}

/**
 * Forecasts a period from the days before it, in integers, so that everybody computes the same bytes. For each interval: half the mean
 * of the same interval in the last seven days that have it, half the same interval of the latest day that has all intervals (of the
 * latest one at all, where no day is complete), rounded once, halves up. The quantiles are the empirical 10 and 90 percent of those days
 * (linear between neighbours, rounded down), widened where necessary to hold the middle. Without any history it is zero.
 * The latest day follows the weather, the mean smooths a single home.
 */
export function forecastMean(history: readonly MeterHistory[], period: ForecastPeriod): readonly Series[] {
  return history.map(({ meterId, totals }) => ({
    meterId,
    importWh: forecastOne(new Map(totals.map((total) => [total.slot, total.importWh])), period),
    exportWh: forecastOne(new Map(totals.map((total) => [total.slot, total.exportWh])), period),
  }));
}

/** The values of one earlier day, by interval; undefined where a quarter hour is missing. */
type Day = readonly (bigint | undefined)[];

function forecastOne(bySlot: ReadonlyMap<Slot, bigint>, period: ForecastPeriod): Quantiles {
  const days: Day[] = [];
  for (let back = 1; back <= daysBack + 1; back += 1) {
    days.push(dayBack(bySlot, period, back));
  }
  const latestDay = days.find((day) => day.every((value) => value !== undefined));
  const intervals = Array.from({ length: period.intervals }, (_, interval) => {
    const values = days
      .map((day) => day[interval])
      .filter((value) => value !== undefined)
      .slice(0, daysBack);
    return quantilesOf(values, latestDay?.[interval] ?? values[0]);
  });
  return {
    p10: intervals.map((entry) => wh(entry.p10)),
    p50: intervals.map((entry) => wh(entry.p50)),
    p90: intervals.map((entry) => wh(entry.p90)),
  };
}

function dayBack(bySlot: ReadonlyMap<Slot, bigint>, period: ForecastPeriod, back: number): Day {
  return Array.from({ length: period.intervals }, (_, interval) => {
    const start = period.firstSlot + interval * period.intervalSlots - back * slotsPerDay;
    let totalWh = 0n;
    for (let index = 0; index < period.intervalSlots; index += 1) {
      const value =
        start + index < 0 ? undefined : bySlot.get(addSlots(period.firstSlot, start + index - period.firstSlot));
      if (value === undefined) {
        return undefined;
      }
      totalWh += value;
    }
    return totalWh;
  });
}

function quantilesOf(values: readonly bigint[], latest: bigint | undefined) {
  if (latest === undefined || values.length === 0) {
    return { p10: 0n, p50: 0n, p90: 0n };
  }
  const count = BigInt(values.length);
  const p50 = mulDivHalfUp(sum(values) + count * latest, 1n, 2n * count);
  const sorted = [...values].sort(compareBigint);
  return { p10: least(decile(sorted, 1), p50), p50, p90: greatest(decile(sorted, 9), p50) };
}

/** The empirical quantile at tenths of the way from the smallest to the largest value (type 7 of Hyndman and Fan 1996). */
function decile(sorted: readonly bigint[], tenths: number): bigint {
  const position = (sorted.length - 1) * tenths;
  const index = (position - (position % 10)) / 10;
  const low = sorted[index] ?? 0n;
  const high = sorted[index + 1] ?? low;
  return low + ((high - low) * BigInt(position % 10)) / 10n;
}
