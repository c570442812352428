import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../faults/fault-network';
import type { Market } from '../reference/market';
import { findOptimum } from '../reference/optimum';
import { elementsOf, excessWh } from './element-flows';
import { yearGrid, yearOrders, yearPrices } from './market-interval';
import { playPerfectYear } from './perfect-year';
import { planDays, playDays } from './planned-year';
import {
  energyAt,
  loadMarketYear,
  netExportWh,
  quartersPerDay,
  transformerQuarterWh,
  yearWithoutMarket,
  type MarketYear,
} from './year-data';

/*
 * The SimBench year in the market. What `npm run simulate -- year` publishes in docs/market.md is held here: the year without a market and with
 * a perfect forecast as a whole, the oracle's forecast for the month of May.
 */

interface YearFacts {
  readonly year_facts: {
    readonly max_import_kw: number;
    readonly max_export_kw: number;
    readonly quarters_import_over_trafo: number;
    readonly quarters_export_over_trafo: number;
    readonly load_mwh: number;
    readonly pv_mwh: number;
  };
}

const gridFile = join(repositoryRoot, 'data', 'simbench-lv', 'rural1-2034.json');
const { year_facts: facts } = JSON.parse(readFileSync(gridFile, 'utf8')) as YearFacts;
const year = loadMarketYear();
/** 1 to 31 May, counted from 1 January of a leap year. */
const may = { from: 121, to: 152 };

jest.setTimeout(600_000);

/** A quarter hour of the year as the reference knows it. */
function referenceMarket(quarter: number): Market {
  const { branches, buses, slackBus } = yearGrid(year, 1);
  return {
    slack: slackBus,
    buses,
    branches: branches.map(({ backwardLimitWh, forwardLimitWh, fromBus, id, toBus }) => ({
      id,
      from: fromBus,
      to: toBus,
      forwardWh: Number(forwardLimitWh),
      backwardWh: Number(backwardLimitWh),
    })),
    orders: yearOrders(year, (unit) => BigInt(energyAt(unit, quarter))).map((order) => ({
      id: order.orderId,
      side: order.side,
      bus: order.busId,
      energyWh: Number(order.energyWh),
      price: Number(order.limitPriceMicroPerKwh),
    })),
  };
}

function quartersOver({ quarters }: MarketYear): readonly number[] {
  return Array.from({ length: quarters }, (_, quarter) => quarter).filter(
    (quarter) => netExportWh(year, quarter) > transformerQuarterWh(year),
  );
}

describe('the SimBench year', () => {
  test('without a market is what the grid file states: 1,277 quarter hours over the limit of the transformer', () => {
    const found = yearWithoutMarket(year);
    expect(found.quartersExportOver).toBe(1_277);
    expect(found.quartersExportOver).toBe(facts.quarters_export_over_trafo);
    expect(found.quartersImportOver).toBe(facts.quarters_import_over_trafo);
    // A quarter hour is rounded to whole Wh for each unit, and there are 36 of them.
    expect(Math.abs(found.mostExportWh - 250 * facts.max_export_kw)).toBeLessThanOrEqual(18);
    expect(Math.abs(found.mostImportWh - 250 * facts.max_import_kw)).toBeLessThanOrEqual(18);
    expect(found.loadWh / 1e6).toBeCloseTo(facts.load_mwh, 1);
    expect(found.pvWh / 1e6).toBeCloseTo(facts.pv_mwh, 1);
  });

  test('with a perfect forecast has no element over its limit, serves every load, and curtails 8,733 kWh, the minimum', () => {
    const found = playPerfectYear(year, { from: 0, to: year.quarters });
    expect(found).toMatchObject({
      quartersOverTransformer: 0,
      quartersOverLine: 0,
      unservedLoadWh: 0,
      mostExportWh: 40_000,
    });
    expect(found.quartersCurtailed).toBe(1_277);
    expect(found.curtailedWh).toBe(8_732_667);
    expect(Math.round(found.curtailedWh / 1_000)).toBe(8_733);
    expect(found.curtailedWh).toBe(found.leastCurtailedWh);
    // Each full quarter hour earns the difference of the prices at both ends of the transformer.
    const rentMicro = Number(yearPrices.feedInMicroPerKwh - yearPrices.pvMicroPerKwh) * 40 * 1_277;
    expect(found.rentMicro).toBe(rentMicro);
  });

  test('has no other optimum: a solver that shares no code with the market curtails as much', () => {
    const over = quartersOver(year);
    const curtailedWh = over.reduce((total, quarter) => {
      const { filledWh } = findOptimum(referenceMarket(quarter));
      const given = year.units
        .filter(({ kind }) => kind === 'pv')
        .map((unit) => energyAt(unit, quarter) - (filledWh.get(unit.id) ?? 0));
      return total + given.reduce((sum, lostWh) => sum + lostWh, 0);
    }, 0);
    expect([over.length, curtailedWh]).toEqual([1_277, 8_732_667]);
  });

  test('would be noticed with a Wh too much: an element at its limit is not over it, and one Wh more is', () => {
    const [quarter = 0] = quartersOver(year);
    const [transformer] = elementsOf(year);
    const netWh = netExportWh(year, quarter);
    const cut = (byWh: number) => (unit: (typeof year.units)[number]) =>
      energyAt(unit, quarter) - (unit.id === 'pv-05' ? netWh - 40_000 - byWh : 0);
    expect([excessWh(transformer!, cut(0)), excessWh(transformer!, cut(1))]).toEqual([0, 1]);
  });
});

describe('May of the SimBench year, planned by the hour', () => {
  const before = playDays(year, planDays(year, may, 'none'), 'none', 'none');

  test.each(['perfect-hours', 'forecast'] as const)(
    'with %s is over the limit less often than without a market',
    (foresight) => {
      const plans = planDays(year, may, foresight);
      const planned = playDays(year, plans, foresight, 'none');
      expect(planned.quarters).toBe(31 * quartersPerDay);
      expect(planned.quartersOverTransformer).toBeGreaterThan(0);
      expect(planned.quartersOverTransformer).toBeLessThan(before.quartersOverTransformer);
      expect(planned.excessWh).toBeLessThan(before.excessWh);
      expect(planned.curtailedByPlanWh).toBeGreaterThan(0);

      const late = playDays(year, plans, foresight, 'a-quarter-hour-late');
      expect(late.quartersOverTransformer).toBeLessThan(planned.quartersOverTransformer);
      const atOnce = playDays(year, plans, foresight, 'at-once');
      expect(atOnce).toMatchObject({ quartersOverTransformer: 0, quartersOverLine: 0, excessWh: 0 });
      // Set-point limits take no more than what is over, but for the rounding to whole W of each unit and quarter hour.
      expect(atOnce.curtailedBySetPointsWh).toBeGreaterThanOrEqual(planned.excessWh);
      expect(atOnce.curtailedBySetPointsWh - planned.excessWh).toBeLessThan(8 * atOnce.quartersLimited);
    },
  );

  test('with a perfect forecast of the hours keeps every limit in the mean of each hour', () => {
    const plans = planDays(year, may, 'perfect-hours');
    const [transformer] = elementsOf(year);
    for (const [day, plan] of plans) {
      for (let hour = 0; hour < 24; hour += 1) {
        const quarters = [0, 1, 2, 3].map((quarter) => day * quartersPerDay + 4 * hour + quarter);
        const sold = (unit: (typeof year.units)[number]): number => {
          const hasWh = quarters.reduce((sum, quarter) => sum + energyAt(unit, quarter), 0);
          return Math.min(hasWh, 4 * (plan.get(unit.id)?.[hour] ?? Infinity));
        };
        expect(excessWh({ ...transformer!, limitWh: 160_000 }, sold)).toBe(0);
      }
    }
  });
});
