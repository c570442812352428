import { slot, slotsPerDay } from '@flexledger/domain';
import { Calendar } from '../calendar';
import { intervalsOf, stepSlotsOf } from '../intervals';
import { endOf, type Forecast, type ForecastInterval, type ForecastSettings, type Series } from '../series';
import { bandOf, PastCases } from './alike';
import { tailOf, USUAL_TAIL } from './tail';
import { ClearSky } from './clear-sky';
import { featureNames, featuresOf, type Foreseen } from './features';
import { predict, Ridge } from './ridge';
import { placeOf } from './place';
import type { Place } from './solar';

/** What a forecast of PV is made from and for. */
export interface PvRequest extends ForecastSettings {
  /** What the system (or several together) gave, in Wh per quarter hour, as numbers of 0 or more. */
  readonly series: Series;
  /** Where it stands; without a place it is judged by when it gives most. */
  readonly place?: Place;
  /** The light on level ground as it was foretold, in kW per square metre, for past quarter hours and those that are foreseen. */
  readonly light?: Series;
  /** The intervals that are foreseen, one after the other, where they are not those of the horizon. */
  readonly intervals?: readonly ForecastInterval[];
}

/** The name of the model. */
export const PV_MODEL = 'pv-clear-sky-ridge-1';

/** Days that a model learns from; before them the clear sky needs a month. */
const LEARN_DAYS = { 'day-ahead': 120, intraday: 60 } as const;
/** Intraday, a model learns from what was known at every so manieth half hour of the past. */
const ORIGIN_STRIDE = 2;
const SKY_DAYS = 31;
/** Days whose errors the band is made of. */
const BAND_DAYS = 90;
/** Days of the back-test. */
const TEST_DAYS = 14;
const TEST_ROWS = 80;
/** Forecasts of the past that say how much is to lie outside of the band. */
const TAIL_ROWS = 300;
const PENALTY = 0.05;
/** Rows that a model needs before it is asked. */
const ROWS_MIN = 60;
const MOST_OF_CLEAR = 1.5;
/** What a dark day leaves of what is expected. */
const DARK_SHARE = 0.3;
/** An error counts by its square over the energy, but hardly more where there is less than this share of the highest. */
const LOW_SHARE = 0.05;

/** A row that a model has learned or will learn: what was known, what came, and the forecast that was made of it at the time. */
interface Row extends Foreseen {
  readonly step: number;
  readonly known: Float64Array;
  readonly clear: number;
  readonly came: number;
  readonly said: number | undefined;
}

/**
 * What PV will give: a ridge regression of shares of the clear sky, which is learned from the last months, and a band made of what came when the same was
 * said before. At night exactly 0. Deterministic: nothing is drawn at random.
 *
 * @throws ForecastError for a time zone or a holiday that cannot be
 */
export function forecastPv(request: PvRequest): Forecast {
  const { at: now, horizon, series, timeZone } = request;
  const intervals = request.intervals ?? intervalsOf(new Calendar(timeZone, request.holidays), now, horizon);
  const model = new PvModel(request, intervals);
  const foreseen = intervals.map((_, step) => model.foresee(step));
  const until = Math.min(now, endOf(series));
  const rows = series.values.subarray(0, Math.max(until - series.firstSlot, 0)).filter((value) => value >= 0).length;
  return {
    meterId: series.meterId,
    intervals,
    p10: foreseen.map(({ low }) => Math.round(low)),
    p50: foreseen.map(({ middle }) => Math.round(middle)),
    p90: foreseen.map(({ high }) => Math.round(high)),
    card: {
      model: PV_MODEL,
      features: featureNames(horizon === 'intraday', request.light !== undefined),
      trainedOn: { fromSlot: slot(Math.min(series.firstSlot, until)), toSlot: slot(until), rows },
      errors: model.backTest(),
    },
  };
}

/** The band of an energy in Wh. */
interface EnergyBand {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

class PvModel {
  readonly #request: PvRequest;
  readonly #sky: ClearSky;
  /** The interval in which the forecast is made, and the first one that is foreseen. */
  readonly #origin: number;
  readonly #first: number;
  readonly #steps: number;
  readonly #isIntraday: boolean;
  readonly #learnDays: number;
  readonly #models: readonly Ridge[];
  readonly #learned: number[];
  readonly #rows: Row[] = [];
  readonly #cases: readonly PastCases[];
  readonly #coefficients: (Float64Array | undefined)[];
  #tail: number | undefined;

  constructor(request: PvRequest, intervals: readonly ForecastInterval[]) {
    const intervalSlots = stepSlotsOf(request.horizon);
    const firstSlot = intervals[0]?.slot ?? request.at;
    this.#learnDays = LEARN_DAYS[request.horizon];
    const longest = (this.#learnDays + SKY_DAYS) * slotsPerDay;
    const history = Math.min(Math.max(request.at - request.series.firstSlot, 0), longest);
    const from = firstSlot - Math.ceil((history + firstSlot - request.at) / slotsPerDay) * slotsPerDay;
    const to = firstSlot + intervals.length * intervalSlots;
    this.#request = request;
    this.#sky = new ClearSky(
      request.series,
      from,
      to,
      request.at,
      intervalSlots,
      request.place ?? placeOf(request.series, request.at),
    );
    this.#origin = Math.max(Math.floor((request.at - from) / intervalSlots), 0);
    this.#first = (firstSlot - from) / intervalSlots;
    this.#steps = intervals.length;
    this.#isIntraday = request.horizon === 'intraday';
    const models = this.#isIntraday ? this.#steps : 1;
    const columns = featuresOf(this.#sky, { origin: 0, target: 0 }, this.#isIntraday, request.light).length;
    this.#models = Array.from({ length: models }, () => new Ridge(columns));
    this.#learned = Array.from({ length: models }, () => 0);
    this.#cases = Array.from({ length: models }, () => new PastCases());
    this.#coefficients = Array.from({ length: models }, () => undefined);
    this.#learnAll();
  }

  /** The band of one step of the forecast. */
  foresee(step: number): EnergyBand {
    this.#tail ??= this.#tailBefore(this.#origin);
    return this.#bandOf({ origin: this.#origin, target: this.#first + step }, step, this.#tail);
  }

  /** The errors of the forecasts of the last days as they would have been made. */
  backTest(): { readonly nmaePpm: number | null; readonly coveragePpm: number | null } {
    const tested = this.#rows.filter(
      ({ origin, said }) => said !== undefined && origin >= this.#origin - TEST_DAYS * this.#sky.perDay,
    );
    const sampled = tested.filter((_, index) => index % Math.ceil(tested.length / TEST_ROWS) === 0);
    const tail = this.#tailBefore(this.#origin - TEST_DAYS * this.#sky.perDay);
    let [error, made, covered] = [0, 0, 0];
    for (const row of sampled) {
      const { high, low, middle } = this.#bandOf(row, row.step, tail, row);
      error += Math.abs(row.came - middle);
      made += row.came;
      covered += row.came >= low && row.came <= high ? 1 : 0;
    }
    if (sampled.length === 0 || made === 0) return { nmaePpm: null, coveragePpm: null };
    return { nmaePpm: Math.round((error / made) * 1e6), coveragePpm: Math.round((covered / sampled.length) * 1e6) };
  }

  /** Goes through the past day by day: what was foreseen then with what had been learned by then, and then learns what came. */
  #learnAll(): void {
    const { perDay } = this.#sky;
    const lead = this.#first - this.#origin;
    const days = Math.min(this.#learnDays, Math.floor(this.#first / perDay));
    const waiting: Row[] = [];
    for (let back = days; back >= 1; back -= 1) {
      const dayStart = this.#origin - back * perDay;
      if (dayStart < 0) continue;
      this.#learnUpTo(waiting, dayStart);
      const origins = this.#isIntraday ? perDay : 1;
      for (let origin = dayStart; origin < dayStart + origins; origin += ORIGIN_STRIDE) {
        for (let step = 0; step < this.#steps; step += 1)
          this.#recall({ origin, target: origin + lead + step }, step, waiting);
      }
    }
    this.#learnUpTo(waiting, this.#origin);
  }

  /** Notes what was known about an interval of the past, and what would have been said. */
  #recall(foreseen: Foreseen, step: number, waiting: Row[]): void {
    const came = this.#sky.made[foreseen.target] ?? Number.NaN;
    const clear = this.#sky.clear(foreseen.target, foreseen.origin);
    if (foreseen.target >= this.#origin || clear <= 0 || !Number.isFinite(came)) return;
    const known = this.#featuresOf(foreseen);
    const coefficients = this.#coefficients[this.#modelOf(step)];
    const said = coefficients === undefined ? undefined : sharesOf(predict(coefficients, known) / clear);
    const { origin, target } = foreseen;
    waiting.push({ origin, target, step, known, clear, came, said });
  }

  /** Learns those of the waiting rows that had ended by an interval. */
  #learnUpTo(waiting: Row[], end: number): void {
    const late = waiting.filter(({ target }) => target >= end);
    for (const row of waiting) {
      if (row.target < end) this.#learn(row);
    }
    waiting.splice(0, waiting.length, ...late);
    this.#models.forEach((model, index) => {
      if ((this.#learned[index] ?? 0) >= ROWS_MIN) this.#coefficients[index] = model.coefficients(PENALTY);
    });
  }

  #learn(row: Row): void {
    const index = this.#modelOf(row.step);
    const most = this.#sky.mostClear;
    const came = Math.min(row.came, MOST_OF_CLEAR * row.clear);
    this.#models[index]?.learn(row.known, came, 1 / (row.clear + LOW_SHARE * most));
    this.#learned[index] = (this.#learned[index] ?? 0) + 1;
    if (row.said === undefined) return;
    this.#rows.push(row);
    if (row.target < this.#origin - BAND_DAYS * this.#sky.perDay) return;
    this.#cases[index]?.add(this.#dayOf(row), row.target % this.#sky.perDay, row.said, came / row.clear);
  }

  #bandOf(foreseen: Foreseen, step: number, tail: number, row?: Row): EnergyBand {
    const clear = row?.clear ?? this.#sky.clear(foreseen.target, foreseen.origin);
    if (clear <= 0) return { low: 0, middle: 0, high: 0 };
    const said = row?.said ?? this.#said(foreseen, step, clear);
    const alike = this.#alikeOf(foreseen, step, said, row);
    // A system with hardly any history: anything between a dark and a clear day.
    const hardlyKnown = { low: DARK_SHARE * said, middle: said, high: Math.max(said, 1) };
    const { high, low, middle } = alike === undefined ? hardlyKnown : bandOf(alike, tail);
    const between = (said + middle) / 2;
    return { low: Math.min(low, between) * clear, middle: between * clear, high: Math.max(high, between) * clear };
  }

  #alikeOf(foreseen: Foreseen, step: number, said: number, row?: Row): Float64Array | undefined {
    const { perDay } = this.#sky;
    const cases = this.#cases[this.#modelOf(step)];
    // A row of the past knows the cases of the days before it only, as it would have then.
    return cases?.cameOfAlike(foreseen.target % perDay, said, perDay, row && this.#dayOf(row) - 1);
  }

  /** The share that is to lie outside on each side so that the bands of forecasts that were made before an interval would have held four of five values. */
  #tailBefore(end: number): number {
    // Day-ahead, what came before about the same forecasts holds as many of what comes.
    if (!this.#isIntraday) return USUAL_TAIL;
    const tried = this.#rows.filter(({ said, target }) => said !== undefined && target < end);
    const sampled = tried.filter((_, index) => index % Math.ceil(tried.length / TAIL_ROWS) === 0);
    return tailOf(
      sampled.flatMap((row) => {
        const alike = this.#alikeOf(row, row.step, row.said ?? 0, row);
        return alike === undefined ? [] : [{ alike, came: row.came / row.clear }];
      }),
    );
  }

  /** What the model says of an interval, or the mean of a week before it has learned anything; as a share of the clear sky. */
  #said(foreseen: Foreseen, step: number, clear: number): number {
    const coefficients = this.#coefficients[this.#modelOf(step)];
    if (coefficients !== undefined) return sharesOf(predict(coefficients, this.#featuresOf(foreseen)) / clear);
    const [, , week = 0] = this.#sky.means(foreseen.target, foreseen.origin);
    return Math.min(week / clear, 1);
  }

  #featuresOf(foreseen: Foreseen): Float64Array {
    return featuresOf(this.#sky, foreseen, this.#isIntraday, this.#request.light);
  }

  #modelOf(step: number): number {
    return this.#isIntraday ? step : 0;
  }

  #dayOf({ target }: Foreseen): number {
    return Math.floor(target / this.#sky.perDay);
  }
}

function sharesOf(share: number): number {
  return Math.min(Math.max(share, 0), MOST_OF_CLEAR);
}
