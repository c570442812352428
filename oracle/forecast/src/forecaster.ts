import { slot, type Slot } from '@flexledger/domain';
import { Calendar } from './calendar';
import { cleaned } from './clean';
import { intervalsOf } from './intervals';
import { Methods } from './methods';
import { endOf, type Forecast, type ForecastInterval, type ForecastSettings, type Series } from './series';
import { standardProfile } from './standard-profile';
import { StepGrid, type StepSeries } from './step-grid';
import { train, type Trained } from './train';

const FEATURES = [
  'weighted means and medians of the same time on earlier days',
  'level of the last hours',
  'type of day',
];

/** Learns from series once, and then makes forecasts at that time and later ones. */
export class Forecaster {
  readonly #calendar: Calendar;
  readonly #trained = new Map<string, Trained>();

  constructor(private readonly settings: ForecastSettings) {
    this.#calendar = new Calendar(settings.timeZone, settings.holidays);
  }

  /** What each series is expected to be from a time on; trains on series that it has not seen yet. */
  forecast(series: readonly Series[], at: Slot): readonly Forecast[] {
    const { horizon } = this.settings;
    const grid = new StepGrid(this.#calendar, at, horizon);
    const intervals = intervalsOf(this.#calendar, at, horizon);
    const all = series.map((one) => grid.rowsOf(cleaned(one, at)));
    const neighbours = neighboursOf(all);
    return series.map((one, index) => {
      const rows = all[index] ?? grid.rowsOf(one);
      const fallback = standardProfile(grid, meanOf(rows) ?? neighbours);
      const trained =
        this.#trained.get(one.meterId) ??
        train(grid, horizon, rows, fallback, grid.stepOf(intervals[0] ?? { slot: at, slots: 1 }));
      this.#trained.set(one.meterId, trained);
      return this.#foresee(grid, one, rows, trained, intervals, fallback, at);
    });
  }

  #foresee(
    grid: StepGrid,
    series: Series,
    rows: StepSeries,
    { blend, bands }: Trained,
    intervals: readonly ForecastInterval[],
    fallback: Float64Array,
    at: Slot,
  ): Forecast {
    const { horizon } = this.settings;
    const { end, perDay } = grid;
    const start = horizon === 'day-ahead' ? end : Math.floor(end / perDay) * perDay;
    const methods = new Methods(grid, horizon, rows.values, start, fallback);
    methods.learnUntil(end);
    const found = new Float64Array(methods.count);
    const steps = intervals.map((interval, index) => {
      const lead = horizon === 'day-ahead' ? 0 : index;
      const step = grid.stepOf(interval);
      methods.foresee(step, step - end, found);
      const middle = rows.isNeverNegative ? Math.max(0, blend.mix(lead, found)) : blend.mix(lead, found);
      return { middle, ...bands.around(step % perDay, lead, middle) };
    });
    return {
      meterId: series.meterId,
      intervals,
      p10: steps.map(({ low }) => Math.round(low)),
      p50: steps.map(({ middle }) => Math.round(middle)),
      p90: steps.map(({ high }) => Math.round(high)),
      card: {
        model: 'blend',
        features: FEATURES,
        trainedOn: { fromSlot: series.firstSlot, toSlot: slot(Math.min(at, endOf(series))), rows: rows.known },
        errors: { nmaePpm: bands.nmaePpm, coveragePpm: bands.coveragePpm },
      },
    };
  }
}

/** The mean energy of a step; undefined where none is known. */
function meanOf({ values, known }: StepSeries): number | undefined {
  if (known === 0) return undefined;
  return values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0) / known;
}

/** What the middle one of the other meters uses: the best guess for a meter that has just been fitted. */
function neighboursOf(all: readonly StepSeries[]): number | undefined {
  const means = all.map(meanOf).filter((mean) => mean !== undefined);
  return means.sort((left, right) => left - right)[Math.floor(means.length / 2)];
}
