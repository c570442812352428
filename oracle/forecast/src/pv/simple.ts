import { slotsPerDay } from '@flexledger/domain';
import { Calendar } from '../calendar';
import { intervalsOf, stepSlotsOf } from '../intervals';
import { energyOf } from '../series';
import { ClearSky } from './clear-sky';
import type { PvRequest } from './forecast-pv';
import { placeOf } from './place';

/** What a trained model has to be better than. */
export interface SimplePv {
  /** The same time of the last day that has been measured. */
  readonly persistence: readonly number[];
  /** The last day's share of its clear sky, in the clear sky of the interval; intraday that of the last two hours. */
  readonly clearSky: readonly number[];
  /** The same time of the last day, as much brighter or darker as the light is. */
  readonly smart: readonly number[];
}

const SKY_DAYS = 31;
const RECENT_HOURS = 2;
const HOURS_PER_DAY = 24;

/** Forecasts of PV by simple rules, in Wh for the intervals of `forecastPv`, for comparison. */
export function simplePv({ at, holidays, horizon, place, series, timeZone }: PvRequest): SimplePv {
  const intervals = intervalsOf(new Calendar(timeZone, holidays), at, horizon);
  const intervalSlots = stepSlotsOf(horizon);
  const first = intervals[0]?.slot ?? at;
  const from = first - (SKY_DAYS + 2) * slotsPerDay;
  const end = first + intervals.length * intervalSlots;
  const sky = new ClearSky(series, from, end, at, intervalSlots, place ?? placeOf(series, at));
  const origin = Math.floor((at - from) / intervalSlots);
  const span = horizon === 'intraday' ? (RECENT_HOURS * sky.perDay) / HOURS_PER_DAY : sky.perDay;
  const share = sky.share(origin - span, origin);
  const targets = intervals.map(({ slot }) => (slot - from) / intervalSlots);
  return {
    persistence: intervals.map(({ slot, slots }) => {
      let past: number = slot;
      while (past + slots > at) past -= slotsPerDay;
      const energy = energyOf(series, past, slots);
      return Number.isFinite(energy) ? energy : 0;
    }),
    clearSky: targets.map((target) => share * sky.clear(target, origin)),
    smart: targets.map((target) => sky.means(target, origin)[0] ?? 0),
  };
}
