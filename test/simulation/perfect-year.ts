import { elementsOf, excessWh } from './element-flows';
import { clearYearInterval, yearGrid, yearOrders } from './market-interval';
import { energyAt, netExportWh, transformerQuarterWh, type MarketYear, type YearUnit } from './year-data';

/** Quarter hours of a year, from the first up to and without the second. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A year in which everybody knows each quarter hour beforehand, and each is cleared with the limits of the grid. */
export interface PerfectYear {
  readonly quarters: number;
  readonly quartersOverTransformer: number;
  readonly quartersOverLine: number;
  readonly quartersCurtailed: number;
  readonly curtailedWh: number;
  /** What no outcome can give away: the energy above the transformer's limit. */
  readonly leastCurtailedWh: number;
  readonly unservedLoadWh: number;
  readonly mostExportWh: number;
  readonly leastJainPpm: number;
  readonly rentMicro: number;
}

/**
 * Clears each quarter hour by itself. The curtailed energy is the least possible: what the PV systems have less what the loads take can leave only through the
 * transformer, so whatever is above its limit has to be curtailed, and the clearing curtails no more.
 */
export function playPerfectYear(year: MarketYear, span: Span): PerfectYear {
  const quarters = Array.from({ length: span.to - span.from }, (_, index) => span.from + index);
  const grid = yearGrid(year, 1);
  const elements = elementsOf(year);
  const limitWh = transformerQuarterWh(year);
  const total = { overTransformer: 0, overLine: 0, curtailed: 0, curtailedWh: 0, leastWh: 0, unservedWh: 0, mostWh: 0 };
  let leastJainPpm = 1_000_000;
  let rentNano = 0n;
  for (const quarter of quarters) {
    const { clearing, filledWh } = clearYearInterval(
      yearOrders(year, (unit) => BigInt(energyAt(unit, quarter))),
      grid,
    );
    const energyWh = (unit: YearUnit): number => Number(filledWh.get(unit.id) ?? 0n);
    const lostWh = (kind: YearUnit['kind']): number =>
      year.units
        .filter((unit) => unit.kind === kind)
        .reduce((sum, unit) => sum + energyAt(unit, quarter) - energyWh(unit), 0);
    const over = elements.map((element) => excessWh(element, energyWh) > 0);
    const curtailedWh = lostWh('pv');
    total.overTransformer += over[0] === true ? 1 : 0;
    total.overLine += over.slice(1).includes(true) ? 1 : 0;
    total.curtailed += curtailedWh > 0 ? 1 : 0;
    total.curtailedWh += curtailedWh;
    total.unservedWh += lostWh('load');
    total.leastWh += Math.max(0, netExportWh(year, quarter) - limitWh);
    total.mostWh = Math.max(total.mostWh, netExportWh(year, quarter) - curtailedWh);
    leastJainPpm = Math.min(leastJainPpm, Number(clearing.jainPpm));
    rentNano += clearing.rentNano;
  }
  return {
    quarters: quarters.length,
    quartersOverTransformer: total.overTransformer,
    quartersOverLine: total.overLine,
    quartersCurtailed: total.curtailed,
    curtailedWh: total.curtailedWh,
    leastCurtailedWh: total.leastWh,
    unservedLoadWh: total.unservedWh,
    mostExportWh: total.mostWh,
    leastJainPpm,
    rentMicro: Number(rentNano / 1_000n),
  };
}

/** A quarter hour and the cleared energy of each unit in Wh, in the order of the year's units. */
export interface ClearedQuarter {
  readonly quarter: number;
  readonly energiesWh: readonly number[];
}

/** The quarter hours with the largest net export before the market, worst first, cleared. */
export function clearWorstQuarters(year: MarketYear, count: number): readonly ClearedQuarter[] {
  const grid = yearGrid(year, 1);
  return Array.from({ length: year.quarters }, (_, quarter) => ({ quarter, netWh: netExportWh(year, quarter) }))
    .sort((left, right) => right.netWh - left.netWh || left.quarter - right.quarter)
    .slice(0, count)
    .map(({ quarter }) => {
      const { filledWh } = clearYearInterval(
        yearOrders(year, (unit) => BigInt(energyAt(unit, quarter))),
        grid,
      );
      return { quarter, energiesWh: year.units.map(({ id }) => Number(filledWh.get(id) ?? 0n)) };
    });
}
