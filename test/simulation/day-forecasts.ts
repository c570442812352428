import { forecastMean, slot, wh, type MeterHistory, type MeterId, type Slot } from '@flexledger/domain';
import { deriveId } from '@flexledger/gateway-app';
import { energyAt, quartersPerDay, quartersPerHour, type MarketYear, type YearUnit } from './year-data';

/** Hours of a day. */
export const hoursPerDay = 24;

/** The forecast for a day is made at noon of the day before, as in the played day. */
const quartersAhead = 48;

/** The rule looks back on eight days from the day that it forecasts. */
const historyDays = 8;

/** A unit's middle forecast in Wh for each hour of a day. */
export type DayForecast = ReadonlyMap<string, readonly bigint[]>;

/**
 * The day-ahead forecast of all units for a day of the year, counted from 0, by the rule with which the oracle's service
 * `forecast-day-ahead` answers, from what meters had measured by noon of the day before. The first days of the year have little or no history.
 */
export function forecastOfDay(year: MarketYear, day: number): DayForecast {
  const firstQuarter = day * quartersPerDay;
  const history = year.units.map((unit) => historyOfUnit(year, unit, firstQuarter));
  const period = { firstSlot: slotOf(year, firstQuarter), intervals: hoursPerDay, intervalSlots: quartersPerHour };
  const series = forecastMean(history, period);
  return new Map(
    year.units.map((unit, index) => {
      const { exportWh, importWh } = series[index] ?? {};
      const middle = (unit.kind === 'pv' ? exportWh : importWh)?.p50;
      if (middle === undefined) throw new Error(`there is no forecast for ${unit.id}`);
      return [unit.id, middle];
    }),
  );
}

/** What a unit really takes or gives in each hour of a day, in Wh: a forecast without error. */
export function perfectForecastOfDay({ units }: MarketYear, day: number): DayForecast {
  const hours = Array.from({ length: hoursPerDay }, (_, hour) => day * quartersPerDay + hour * quartersPerHour);
  return new Map(
    units.map((unit) => [
      unit.id,
      hours.map((quarter) => BigInt(energyBetween(unit, quarter, quarter + quartersPerHour))),
    ]),
  );
}

function energyBetween(unit: YearUnit, from: number, to: number): number {
  let total = 0;
  for (let quarter = from; quarter < to; quarter += 1) total += energyAt(unit, quarter);
  return total;
}

function slotOf(year: MarketYear, quarter: number): Slot {
  return slot(year.firstSlot + quarter);
}

function historyOfUnit(year: MarketYear, unit: YearUnit, firstQuarter: number): MeterHistory {
  const from = Math.max(0, firstQuarter - historyDays * quartersPerDay);
  const to = Math.max(from, firstQuarter - quartersAhead);
  const totals = Array.from({ length: to - from }, (_, index) => {
    const energyWh = wh(BigInt(energyAt(unit, from + index)));
    const [importWh, exportWh] = unit.kind === 'pv' ? [wh(0n), energyWh] : [energyWh, wh(0n)];
    return { slot: slotOf(year, from + index), importWh, exportWh };
  });
  return { meterId: deriveId('market-year', unit.id) as MeterId, totals };
}
