import {
  addSlots,
  slotsPerHour,
  seriesHistory,
  slot,
  wh,
  type MeterHistory,
  type MeterId,
  type Quantiles,
} from '@flexledger/domain';
import {
  forecast,
  forecastPv,
  isPv,
  intervalsOf,
  Calendar,
  type Forecast as LibraryForecast,
  type ForecastInterval,
  type Horizon,
  type Series as LibrarySeries,
} from '@flexledger/forecast';
import { forecastInputCodec } from '../codecs';
import type { ComputationService, ForecastInput } from '../service';
import { answerCard, type MadeSide } from './answer-card';
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
 * Forecasts of models that learn from the readings that a request froze: what a meter takes by the models of loads, what it gives by those of PV where
 * it comes from the sun, else by those of loads as well. With `total` the meters are forecast together. Nothing but the request and its readings goes
 * in, so that another oracle comes to the same.
 */
export function forecastTrained(horizon: Horizon, timeZone: string): ComputationService {
  const { model, name, version } = trainedServices[horizon];
  return {
    name,
    version,
    input: forecastInputCodec,
    run: (input) => {
      const { intervals, ...period } = periodOf(input, horizon, timeZone);
      const made = seriesHistory(input.request, input.history).map((one) => madeOf(one, { intervals, ...period }));
      const series = made.map(({ exported, imported, meterId }) => ({
        meterId,
        importWh: quantilesOf(imported?.forecast, intervals),
        exportWh: quantilesOf(exported?.forecast, intervals),
      }));
      const sides = made.flatMap(({ exported, imported }) => [imported, exported]).filter((side) => side !== undefined);
      return { model, series, card: answerCard(model, input.request, sides) };
    },
    certificate: certifyForecast,
  };
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
function periodOf({ request }: ForecastInput, horizon: Horizon, timeZone: string): Period {
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
  return { horizon, ...choice, intervals, historyToSlot };
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

/** What is foreseen of one series of the answer; undefined for a side on which its meter never counted. */
interface Made {
  readonly meterId: MeterId;
  readonly imported: MadeSide | undefined;
  readonly exported: MadeSide | undefined;
}

function madeOf(history: MeterHistory, period: Period): Made {
  return {
    meterId: history.meterId,
    imported: madeSide(librarySeries(history, 'importWh'), period, false),
    exported: madeSide(librarySeries(history, 'exportWh'), period, true),
  };
}

/** A meter that never took, or gave, anything is not expected to. */
function madeSide(series: LibrarySeries, period: Period, isGiven: boolean): MadeSide | undefined {
  const { at, historyToSlot, horizon, intervals, timeZone } = period;
  const counted = series.values.filter((value) => value > 0);
  if (counted.length === 0) return undefined;
  const settings = { series, horizon, timeZone, seed: SEED };
  const made =
    isGiven && isPv(series, historyToSlot)
      ? forecastPv({ ...settings, at: slot(historyToSlot), intervals })
      : forecast({ ...settings, at: slot(at) });
  return { forecast: made, weight: counted.reduce((sum, value) => sum + value, 0) };
}

function librarySeries({ meterId, totals }: MeterHistory, side: 'importWh' | 'exportWh'): LibrarySeries {
  const firstSlot = totals[0]?.slot ?? slot(0);
  const last = totals.at(-1);
  const values = new Float64Array(last === undefined ? 0 : last.slot - firstSlot + 1).fill(Number.NaN);
  for (const total of totals) values[total.slot - firstSlot] = Number(total[side]);
  return { meterId, firstSlot, values };
}

function quantilesOf(made: LibraryForecast | undefined, wanted: readonly ForecastInterval[]): Quantiles {
  const places = wanted.map((one) => made?.intervals.findIndex((other) => other.slot === one.slot) ?? -1);
  const rows = places.map((place) => {
    const [low = 0, middle = 0, high = 0] = [made?.p10, made?.p50, made?.p90]
      .map((values) => Math.max(Math.round(values?.[place] ?? 0), 0))
      .sort((left, right) => left - right);
    return { low, middle, high };
  });
  return {
    p10: rows.map(({ low }) => wh(BigInt(low))),
    p50: rows.map(({ middle }) => wh(BigInt(middle))),
    p90: rows.map(({ high }) => wh(BigInt(high))),
  };
}
