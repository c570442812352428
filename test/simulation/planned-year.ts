import { limitsFrom, setPointTree } from './set-points';
import { forecastOfDay, hoursPerDay, perfectForecastOfDay, type DayForecast } from './day-forecasts';
import { elementsOf, excessWh } from './element-flows';
import { clearYearInterval, yearGrid, yearOrders } from './market-interval';
import { energyAt, quartersPerDay, quartersPerHour, type MarketYear, type YearUnit } from './year-data';

/** What is known when the day-ahead session is cleared. */
export type Foresight = 'none' | 'forecast' | 'perfect-hours';

/** How quickly set-point limits act: not at all, on the flows of the same quarter hour, or on those of the one before. */
export type Control = 'none' | 'at-once' | 'a-quarter-hour-late';

/** What really flowed over some days that were planned by the hour. */
export interface PlannedDays {
  readonly foresight: Foresight;
  readonly control: Control;
  readonly quarters: number;
  readonly quartersOverTransformer: number;
  readonly quartersOverLine: number;
  /** The energy above the transformer's limit. */
  readonly excessWh: number;
  /** PV energy that was not given because the plan held it back, and because a set-point limit did. */
  readonly curtailedByPlanWh: number;
  readonly curtailedBySetPointsWh: number;
  /** Quarter hours in which at least one set-point limit was in force. */
  readonly quartersLimited: number;
}

const infinite = Number.POSITIVE_INFINITY;

/** For each PV system that was curtailed at the gate, what its plan allows in a quarter hour of each hour, in Wh. */
type Plan = ReadonlyMap<string, readonly number[]>;

/**
 * Plans days by the hour: PV offers and loads buy what is forecast for them. A PV system that sold less than it offered, because a limit
 * bound, may give no more than it sold, with even power over the hour; one that sold all that it offered is not held back.
 */
export function planDay(year: MarketYear, forecast: DayForecast): Plan {
  const grid = yearGrid(year, quartersPerHour);
  const plan = new Map<string, number[]>();
  for (let hour = 0; hour < hoursPerDay; hour += 1) {
    const offeredWh = (unit: YearUnit): bigint => forecast.get(unit.id)?.[hour] ?? 0n;
    const { filledWh } = clearYearInterval(yearOrders(year, offeredWh), grid);
    for (const unit of year.units.filter(({ kind }) => kind === 'pv')) {
      const soldWh = filledWh.get(unit.id) ?? 0n;
      const hours = plan.get(unit.id) ?? [];
      hours.push(soldWh < offeredWh(unit) ? Number(soldWh / BigInt(quartersPerHour)) : infinite);
      plan.set(unit.id, hours);
    }
  }
  return plan;
}

/** Plans of the days of a year from the first up to and without the second, by their numbers. */
export function planDays(
  year: MarketYear,
  days: { readonly from: number; readonly to: number },
  foresight: Foresight,
): ReadonlyMap<number, Plan> {
  const plans = new Map<number, Plan>();
  for (let day = days.from; day < days.to; day += 1) {
    if (foresight === 'none') plans.set(day, new Map());
    else plans.set(day, planDay(year, (foresight === 'forecast' ? forecastOfDay : perfectForecastOfDay)(year, day)));
  }
  return plans;
}

/** Lets the planned days happen, with what units really have, under the control that is asked for. */
export function playDays(
  year: MarketYear,
  plans: ReadonlyMap<number, Plan>,
  foresight: Foresight,
  control: Control,
): PlannedDays {
  const elements = elementsOf(year);
  const tree = setPointTree(year);
  const total = { over: 0, overLine: 0, excessWh: 0, byPlanWh: 0, bySetPointsWh: 0, limited: 0 };
  let limits: ReadonlyMap<string, number> = new Map();
  for (const [day, plan] of plans) {
    for (let quarter = day * quartersPerDay; quarter < (day + 1) * quartersPerDay; quarter += 1) {
      const hour = Math.floor(quarter / quartersPerHour) % hoursPerDay;
      const planned = (unit: YearUnit): number =>
        Math.min(energyAt(unit, quarter), plan.get(unit.id)?.[hour] ?? infinite);
      if (control === 'at-once') limits = limitsFrom(year, elements, tree, planned);
      const inForce = limits;
      const given = (unit: YearUnit): number => Math.min(planned(unit), inForce.get(unit.id) ?? infinite);
      for (const unit of year.units) {
        total.byPlanWh += energyAt(unit, quarter) - planned(unit);
        total.bySetPointsWh += planned(unit) - given(unit);
      }
      const [transformer = 0, ...lines] = elements.map((element) => excessWh(element, given));
      total.over += transformer > 0 ? 1 : 0;
      total.excessWh += transformer;
      total.overLine += lines.some((excess) => excess > 0) ? 1 : 0;
      total.limited += inForce.size > 0 ? 1 : 0;
      if (control === 'a-quarter-hour-late') limits = limitsFrom(year, elements, tree, given);
    }
  }
  return {
    foresight,
    control,
    quarters: plans.size * quartersPerDay,
    quartersOverTransformer: total.over,
    quartersOverLine: total.overLine,
    excessWh: total.excessWh,
    curtailedByPlanWh: total.byPlanWh,
    curtailedBySetPointsWh: total.bySetPointsWh,
    quartersLimited: total.limited,
  };
}
