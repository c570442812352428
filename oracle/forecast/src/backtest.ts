import { slot, slotsPerDay, type Slot } from '@flexledger/domain';
import { Calendar } from './calendar';
import { Forecaster } from './forecaster';
import { energyOf, type Forecast, type ForecastInterval, type ForecastSettings, type Series } from './series';

/** How well forecasts did that were made again as they would have been at their time. */
export interface Score {
  readonly meterId: string;
  /** Intervals that were foreseen and have readings. */
  readonly intervals: number;
  /** Mean absolute error of the middle by the mean load; null where there is no load. */
  readonly nmae: number | null;
  /** The share of intervals in the band. */
  readonly coverage: number | null;
  /** What is better than taking the same time yesterday: 1 less the ratio of the errors. */
  readonly skill: number | null;
}

interface Tally {
  intervals: number;
  error: number;
  load: number;
  inside: number;
  compared: number;
  yesterday: number;
}

/** An intraday forecast is made every half hour. */
const ISSUE_SLOTS = 2;

/**
 * Forecasts each local day of a period (day-ahead: at its beginning; intraday: every half hour, trained at its beginning), and scores the
 * forecasts of each series by what was read.
 *
 * @throws ForecastError as `forecast`
 */
export function backtest(
  settings: Omit<ForecastSettings, 'at'>,
  series: readonly Series[],
  period: { readonly from: Slot; readonly to: Slot },
): readonly Score[] {
  const calendar = new Calendar(settings.timeZone, settings.holidays);
  const tallies = series.map(() => ({ intervals: 0, error: 0, load: 0, inside: 0, compared: 0, yesterday: 0 }));
  const { day: firstDay } = calendar.localTimeOf(period.from);
  for (let day = firstDay; calendar.startOf(day) < period.to; day += 1) {
    const start = calendar.startOf(day);
    if (start < period.from) continue;
    const forecaster = new Forecaster({ ...settings, at: start });
    const end = settings.horizon === 'day-ahead' ? start + 1 : Math.min(calendar.startOf(day + 1), period.to);
    for (let at = start; at < end; at = slot(at + ISSUE_SLOTS)) {
      const made = forecaster.forecast(series, at);
      for (const [index, tally] of tallies.entries()) countAll(tally, series[index], made[index], period.to);
    }
  }
  return tallies.map((tally, index) => scoreOf(series[index]?.meterId ?? '', tally));
}

function countAll(tally: Tally, series: Series | undefined, made: Forecast | undefined, to: number): void {
  if (series === undefined || made === undefined) return;
  const { intervals, p10, p50, p90 } = made;
  for (const [step, interval] of intervals.entries()) {
    if (interval.slot + interval.slots > to) return;
    count(tally, series, interval, { low: p10[step] ?? 0, middle: p50[step] ?? 0, high: p90[step] ?? 0 });
  }
}

function count(
  tally: Tally,
  series: Series,
  interval: ForecastInterval,
  foreseen: { readonly low: number; readonly middle: number; readonly high: number },
): void {
  const actual = energyOf(series, interval.slot, interval.slots);
  if (Number.isNaN(actual)) return;
  tally.intervals += 1;
  tally.error += Math.abs(actual - foreseen.middle);
  tally.load += Math.abs(actual);
  if (actual >= foreseen.low && actual <= foreseen.high) tally.inside += 1;
  const before = energyOf(series, interval.slot - slotsPerDay, interval.slots);
  if (Number.isNaN(before)) return;
  tally.compared += Math.abs(actual - foreseen.middle);
  tally.yesterday += Math.abs(actual - before);
}

function scoreOf(meterId: string, { intervals, error, load, inside, compared, yesterday }: Tally): Score {
  return {
    meterId,
    intervals,
    nmae: load > 0 ? error / load : null,
    coverage: intervals > 0 ? inside / intervals : null,
    skill: yesterday > 0 ? 1 - compared / yesterday : null,
  };
}
