import { loadProfileYear, loadSimbenchGrid, localDayFirstSlot, unitEnergiesWh } from '../grid/simbench';
import type { Battery } from './battery-schedule';
import type { Quantiles, QuantileForecast } from './forecast-quantiles';
import { prosumerOrders, type BiddingFrame, type WantedOrder } from './order-strategy';
import { batteryPlan, STRATEGY_NAMES, strategyOf, type StrategyContext } from './strategies';

const HOURS = 24;
const frame: BiddingFrame = {
  retailPriceMicroPerKwh: 320_000n,
  feedInPriceMicroPerKwh: 80_000n,
  tickMicroPerKwh: 1_000n,
  quantityMinWh: 10n,
};
const deviation = { shortMicroPerKwh: 350_000n, longMicroPerKwh: 60_000n };

function around(p50: bigint): Quantiles {
  return { p10: p50 / 2n, p50, p90: p50 * 2n };
}

function contextOf(forecasts: QuantileForecast[][], changes: Partial<StrategyContext> = {}): StrategyContext {
  const bidder = { label: 'prosumer', connectionWh: 30_000n };
  return { seed: 'seed', bidder, frame, deviation, ordersMax: 96, forecasts, intervals: HOURS, ...changes };
}

describe('the strategies of agents', () => {
  const home = Array.from({ length: HOURS }, (_, hour) => ({
    importWh: around(BigInt(400 + 50 * hour)),
    exportWh: around(hour > 9 && hour < 16 ? 3_000n : 0n),
  }));

  test('are chosen by name', () => {
    expect(STRATEGY_NAMES.map((name) => strategyOf(name).name)).toEqual([...STRATEGY_NAMES]);
  });

  test('simple trades the middle of all meters, as it always has', () => {
    const context = contextOf([home, home]);
    const middles = home.map(({ exportWh, importWh }) => ({
      importWh: 2n * importWh.p50,
      exportWh: 2n * exportWh.p50,
    }));
    expect(strategyOf('simple').orders(context)).toEqual(prosumerOrders('seed', context.bidder, middles, frame));
  });

  test('battery without a battery is quantile, and with one it trades what is needed with its schedule', () => {
    const context = contextOf([home]);
    expect(strategyOf('battery').orders(context)).toEqual(strategyOf('quantile').orders(context));
    const battery: Battery = {
      energyWh: 8_000n,
      powerWh: 4_000n,
      chargePpm: 950_000n,
      dischargePpm: 950_000n,
      startWh: 0n,
      endWh: 0n,
      stepWh: 200n,
    };
    const withBattery = { ...context, battery };
    const charged = batteryPlan(withBattery).reduce((sum, { chargeWh }) => sum + chargeWh, 0n);
    expect(charged > 8_000n).toBe(true);
    const sold = (orders: readonly WantedOrder[]) =>
      orders.reduce((sum, { energyWh, side }) => (side === 'sell' ? sum + energyWh : sum), 0n);
    expect(sold(strategyOf('battery').orders(withBattery)) < sold(strategyOf('quantile').orders(context))).toBe(true);
  });

  test('keep to a set-point and to the number of orders, and stand by with one order where there is nothing to trade', () => {
    const setPoints = new Map([[12, { importWh: 30_000n, exportWh: 500n }]]);
    const orders = strategyOf('quantile').orders(contextOf([home], { setPoints, ordersMax: 48 }));
    expect(orders.length).toBeLessThanOrEqual(48);
    const at12 = orders.filter(({ interval, side }) => interval === 12 && side === 'sell');
    expect(at12.reduce((sum, { energyWh }) => sum + energyWh, 0n)).toBe(500n);
    expect(strategyOf('quantile').orders(contextOf([])).length).toBe(1);
  });
});

/** What a day costs at given prices: what the orders trade at each hour's price, and the deviations. In micro-units, times 1,000. */
function costOf(orders: readonly WantedOrder[], prices: readonly bigint[], netWh: readonly bigint[]): bigint {
  const positions = netWh.map(() => 0n);
  let cost = 0n;
  for (const { energyWh, interval, limitPriceMicroPerKwh, side } of orders) {
    const price = prices[interval] ?? 0n;
    const trades = side === 'buy' ? limitPriceMicroPerKwh >= price : limitPriceMicroPerKwh <= price;
    if (!trades) continue;
    const boughtWh = side === 'buy' ? energyWh : -energyWh;
    positions[interval] = (positions[interval] ?? 0n) + boughtWh;
    cost += boughtWh * price;
  }
  return netWh.reduce((sum, wh, hour) => {
    const lackWh = wh - (positions[hour] ?? 0n);
    return sum + (lackWh > 0n ? lackWh * deviation.shortMicroPerKwh : lackWh * deviation.longMicroPerKwh);
  }, cost);
}

describe('on 60 days of homes with PV of the SimBench grid', () => {
  const HISTORY = 10;
  const DAYS = 60;
  const grid = loadSimbenchGrid();
  const year = loadProfileYear();
  const firstSlot = localDayFirstSlot(4, 1);
  const homes = grid.pv.map((pv) => {
    const loads = grid.loads.filter(({ bus }) => bus === pv.bus).slice(0, 1);
    const hourly = (unit: (typeof grid.pv)[number]) =>
      hoursOf(unitEnergiesWh(year, unit, firstSlot, (HISTORY + DAYS) * 96));
    return { pv: hourly(pv), load: loads.map(hourly)[0] ?? [] };
  });
  /** The price of each hour: the supplier's, by whether these homes together lack energy or have too much. */
  const prices = Array.from({ length: (HISTORY + DAYS) * HOURS }, (_, hour) => {
    const netWh = homes.reduce((sum, { load, pv }) => sum + (load[hour] ?? 0n) - (pv[hour] ?? 0n), 0n);
    return netWh > 0n ? frame.retailPriceMicroPerKwh : frame.feedInPriceMicroPerKwh;
  });

  function dayOf<T>(values: readonly T[], day: number): readonly T[] {
    return values.slice(day * HOURS, (day + 1) * HOURS);
  }

  /** Quantiles of the same hour of the ten days before. */
  function forecastOf(values: readonly bigint[], day: number, hour: number): Quantiles {
    const before = Array.from({ length: HISTORY }, (_, back) => values[(day - 1 - back) * HOURS + hour] ?? 0n);
    const sorted = before.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
    return { p10: sorted[1] ?? 0n, p50: ((sorted[4] ?? 0n) + (sorted[5] ?? 0n)) / 2n, p90: sorted[8] ?? 0n };
  }

  function contexts() {
    return homes.flatMap(({ load, pv }) =>
      Array.from({ length: DAYS }, (_, index) => {
        const day = HISTORY + index;
        const none = { p10: 0n, p50: 0n, p90: 0n };
        const meter = (values: readonly bigint[], isLoad: boolean): QuantileForecast[] =>
          Array.from({ length: HOURS }, (_unused, hour) => {
            const own = forecastOf(values, day, hour);
            return isLoad ? { importWh: own, exportWh: none } : { importWh: none, exportWh: own };
          });
        const bidder = { label: 'home', connectionWh: 100_000n };
        const context = contextOf([meter(load, true), meter(pv, false)], { bidder });
        const netWh = dayOf(load, day).map((wh, hour) => wh - (dayOf(pv, day)[hour] ?? 0n));
        return { context, netWh, prices: dayOf(prices, day) };
      }),
    );
  }

  const all = contexts();
  const total = (cost: (one: (typeof all)[number]) => bigint) => all.reduce((sum, one) => sum + cost(one), 0n);

  test('bidding by quantiles costs less than bidding the middle, on average', () => {
    const quantile = total(({ context, netWh, prices: at }) =>
      costOf(strategyOf('quantile').orders(context), at, netWh),
    );
    const middle = total(({ context, netWh, prices: at }) => {
      const certain = context.forecasts.map((meter) =>
        meter.map(({ exportWh, importWh }) => ({
          importWh: { p10: importWh.p50, p50: importWh.p50, p90: importWh.p50 },
          exportWh: { p10: exportWh.p50, p50: exportWh.p50, p90: exportWh.p50 },
        })),
      );
      return costOf(strategyOf('quantile').orders({ ...context, forecasts: certain }), at, netWh);
    });
    const simple = total(({ context, netWh, prices: at }) => costOf(strategyOf('simple').orders(context), at, netWh));
    expect(quantile < middle).toBe(true);
    expect(quantile < simple).toBe(true);
  });

  test('a battery lowers the bill, also with what gets lost in it', () => {
    const battery: Battery = {
      energyWh: 10_000n,
      powerWh: 5_000n,
      chargePpm: 950_000n,
      dischargePpm: 950_000n,
      startWh: 0n,
      endWh: 0n,
      stepWh: 500n,
    };
    const cost = (withBattery: boolean) =>
      total(({ context, netWh, prices: at }) => {
        const own = withBattery ? { ...context, battery } : context;
        const steps = batteryPlan(own);
        const flows = netWh.map((wh, hour) => wh + (steps[hour]?.chargeWh ?? 0n) - (steps[hour]?.dischargeWh ?? 0n));
        return costOf(strategyOf('battery').orders(own), at, flows);
      });
    expect(cost(true) < cost(false)).toBe(true);
  });
});

function hoursOf(quartersWh: readonly bigint[]): bigint[] {
  return Array.from({ length: quartersWh.length / 4 }, (_, hour) =>
    quartersWh.slice(hour * 4, hour * 4 + 4).reduce((sum, wh) => sum + wh, 0n),
  );
}
