import { slot, type Slot } from '@flexledger/domain';
import { Calendar } from './calendar';
import { cleaned } from './clean';
import { intervalsOf } from './intervals';
import { Methods, methodsOf } from './methods';
import { endOf, type Forecast, type ForecastInterval, type ForecastSettings, type Series } from './series';
import { standardProfile } from './standard-profile';
import { StepGrid, type StepSeries } from './step-grid';
import { startOf, train, type Trained } from './train';

const FEATURES = [
  'weighted means and medians of the same time on earlier days',
  'level of the last hours',
  'type of day',
];

/** Learns from series once, and then makes forecasts at that time and later ones. */
export class Forecaster {
  readonly #calendar: Calendar;
  readonly #trained = new Map<string, Trained>();
  /** By meter: the methods as an intraday forecast left them; the next one of the same day has little to add to them. */
  readonly #methods = new Map<string, Methods>();

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
    const firstTarget = grid.stepOf(intervals[0] ?? { slot: at, slots: 1 });
    return series.map((one, index) => {
      const rows = all[index] ?? grid.rowsOf(one);
      const fallback = standardProfile(grid, meanOf(rows) ?? neighbours);
      const { methods, ...trained } = this.#learn(one.meterId, grid, rows, fallback, firstTarget);
      return this.#foresee(grid, one, rows, trained, methods, intervals);
    });
  }

  /** What was learned of a meter, the first time from its rows, with the methods as they stand at the end of the rows. */
  #learn(
    meterId: string,
    grid: StepGrid,
    rows: StepSeries,
    fallback: Float64Array,
    firstTarget: number,
  ): Trained & { readonly methods: Methods } {
    const { horizon } = this.settings;
    const known = this.#trained.get(meterId);
    const { blend, bands, methods } =
      known === undefined
        ? train(grid, horizon, rows, fallback, firstTarget)
        : { ...known, methods: this.#methodsOf(meterId, grid, rows.values, fallback) };
    methods.learnUntil(grid.end);
    if (known === undefined) this.#trained.set(meterId, { blend, bands });
    if (horizon === 'intraday') this.#methods.set(meterId, methods);
    return { blend, bands, methods };
  }

  #methodsOf(meterId: string, grid: StepGrid, rows: Float64Array, fallback: Float64Array): Methods {
    const start = startOf(grid, this.settings.horizon);
    const known = this.#methods.get(meterId);
    if (known?.goOn(grid, rows, start) === true) return known;
    const methods = new Methods(grid, this.settings.horizon, rows, fallback);
    methods.moveTo(start);
    return methods;
  }

  #foresee(
    grid: StepGrid,
    series: Series,
    rows: StepSeries,
    { blend, bands }: Trained,
    methods: Methods,
    intervals: readonly ForecastInterval[],
  ): Forecast {
    const { horizon } = this.settings;
    const { at, end, perDay } = grid;
    const found = new Float64Array(methodsOf(horizon));
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
function meanOf({ energy, known }: StepSeries): number | undefined {
  return known === 0 ? undefined : energy / known;
}

/** What the middle one of the other meters uses: the best guess for a meter that has just been fitted. */
function neighboursOf(all: readonly StepSeries[]): number | undefined {
  const means = all.map(meanOf).filter((mean) => mean !== undefined);
  return means.sort((left, right) => left - right)[Math.floor(means.length / 2)];
}
