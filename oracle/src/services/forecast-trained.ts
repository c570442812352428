import {
  addSlots,
  slotsPerHour,
  seriesHistory,
  slot,
  wh,
  type MeterHistory,
  type ModelCard,
  type Quantiles,
  type Series,
} from '@flexledger/domain';
import {
  forecast,
  forecastPv,
  intervalsOf,
  Calendar,
  type Forecast as LibraryForecast,
  type ForecastInterval,
  type Horizon,
  type Series as LibrarySeries,
} from '@flexledger/forecast';
import { forecastInputCodec } from '../codecs';
import type { ComputationService, ForecastInput } from '../service';
import { certifyForecast } from './forecast-day-ahead';

/** The time zone of a community that states none. */
export const USUAL_TIME_ZONE = 'Europe/Berlin';

const HOURS_PER_DAY = 24;
/** The zones of the IANA data base that are so many hours ahead of UTC all the year, and no more. */
const FIXED_ZONES_AHEAD = 14;
/** What goes into models that draw something at random, the same for every oracle. */
const SEED = 1;

/** The names, versions and models under which trained forecasts are offered. */
export const trainedServices = {
  'day-ahead': { name: 'forecast-day-ahead', version: '2', model: 'trained-day-ahead-1' },
  intraday: { name: 'forecast-intraday', version: '1', model: 'trained-intraday-1' },
} as const;

/**
 * Forecasts of models that learn from the readings that a request froze: what a meter takes by the models of loads, what it gives by those of PV. With
 * `total` the meters are forecast together. Nothing but the request and its readings goes in, so that another oracle comes to the same.
 */
export function forecastTrained(horizon: Horizon, timeZone: string): ComputationService {
  const { model, name, version } = trainedServices[horizon];
  return {
    name,
    version,
    input: forecastInputCodec,
    run: (input) => ({ model, series: seriesOf(input, horizon, timeZone), card: cardOf(input, model) }),
    certificate: certifyForecast,
  };
}

/** What the models look at, for the model card. */
const FEATURES = ['earlier-days', 'recent-hours', 'calendar', 'clear-sky', 'share-of-clear-sky'];

/** How the answer came about; how good it is the scores say. */
function cardOf({ history, request }: ForecastInput, model: string): ModelCard {
  const rows = history.reduce((sum, { totals }) => sum + totals.length, 0);
  const trainedOn = { fromSlot: request.historyFromSlot, toSlot: request.historyToSlot, rows };
  return { model, features: FEATURES, trainedOn, errors: { nmaePpm: null, coveragePpm: null } };
}

/** What all series of an answer have in common. */
interface Period {
  readonly horizon: Horizon;
  readonly timeZone: string;
  /** When the models are asked; what they say of later intervals than the first is as far away as the request wants. */
  readonly at: number;
  readonly intervals: readonly ForecastInterval[];
  readonly historyToSlot: number;
}

/** @throws RangeError for intervals that the horizon does not have: then the request is refused */
function seriesOf({ history, request }: ForecastInput, horizon: Horizon, timeZone: string): readonly Series[] {
  const { firstSlot, historyToSlot, intervals: count, intervalSlots } = request;
  const intervals = Array.from({ length: count }, (_, index) => ({
    slot: addSlots(firstSlot, index * intervalSlots),
    slots: intervalSlots,
  }));
  const choices = [
    { at: historyToSlot, timeZone },
    { at: firstSlot, timeZone },
    { at: historyToSlot, timeZone: fixedZoneOf(firstSlot) },
    { at: firstSlot, timeZone: fixedZoneOf(firstSlot) },
  ];
  const choice = choices.find((one) => holds(intervalsOf(new Calendar(one.timeZone), one.at, horizon), intervals));
  if (choice === undefined) throw new RangeError(`the request does not ask for ${horizon} intervals`);
  const period = { horizon, ...choice, intervals, historyToSlot };
  return seriesHistory(request, history).map((one) => ({
    meterId: one.meterId,
    importWh: loadQuantiles(one, period),
    exportWh: pvQuantiles(one, period),
  }));
}

/** A zone without clock changes in which the hour of a slot is midnight, for days that are not the community's own. */
function fixedZoneOf(at: number): string {
  const hour = Math.floor(at / slotsPerHour) % HOURS_PER_DAY;
  const ahead = HOURS_PER_DAY - hour;
  return ahead <= FIXED_ZONES_AHEAD ? `Etc/GMT-${ahead}` : `Etc/GMT+${hour}`;
}

function holds(all: readonly ForecastInterval[], wanted: readonly ForecastInterval[]): boolean {
  return wanted.every((one) => all.some((other) => other.slot === one.slot && other.slots === one.slots));
}

function loadQuantiles(history: MeterHistory, { at, horizon, intervals, timeZone }: Period): Quantiles {
  const series = librarySeries(history, 'importWh');
  if (isNothing(series)) return nothing(intervals);
  return quantilesOf(forecast({ series, at: slot(at), horizon, timeZone, seed: SEED }), intervals);
}

function pvQuantiles(history: MeterHistory, { historyToSlot, horizon, intervals, timeZone }: Period): Quantiles {
  const series = librarySeries(history, 'exportWh');
  if (isNothing(series)) return nothing(intervals);
  return quantilesOf(
    forecastPv({ series, at: slot(historyToSlot), horizon, timeZone, seed: SEED, intervals }),
    intervals,
  );
}

function librarySeries({ meterId, totals }: MeterHistory, side: 'importWh' | 'exportWh'): LibrarySeries {
  const firstSlot = totals[0]?.slot ?? slot(0);
  const last = totals.at(-1);
  const values = new Float64Array(last === undefined ? 0 : last.slot - firstSlot + 1).fill(Number.NaN);
  for (const total of totals) values[total.slot - firstSlot] = Number(total[side]);
  return { meterId, firstSlot, values };
}

/** A meter that never took, or gave, anything is not expected to. */
function isNothing({ values }: LibrarySeries): boolean {
  return values.every((value) => !(value > 0));
}

function nothing(intervals: readonly ForecastInterval[]): Quantiles {
  const zeros = intervals.map(() => wh(0n));
  return { p10: zeros, p50: zeros, p90: zeros };
}

function quantilesOf(made: LibraryForecast, wanted: readonly ForecastInterval[]): Quantiles {
  const places = wanted.map((one) => made.intervals.findIndex((other) => other.slot === one.slot));
  const rows = places.map((place) => {
    const [low = 0, middle = 0, high = 0] = [made.p10, made.p50, made.p90]
      .map((values) => Math.max(Math.round(values[place] ?? 0), 0))
      .sort((left, right) => left - right);
    return { low, middle, high };
  });
  return {
    p10: rows.map(({ low }) => wh(BigInt(low))),
    p50: rows.map(({ middle }) => wh(BigInt(middle))),
    p90: rows.map(({ high }) => wh(BigInt(high))),
  };
}
