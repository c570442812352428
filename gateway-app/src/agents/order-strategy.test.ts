import fc from 'fast-check';
import { prosumerOrders, supplierOrders, type BiddingFrame } from './order-strategy';

const frame: BiddingFrame = {
  retailPriceMicroPerKwh: 320_000n,
  feedInPriceMicroPerKwh: 80_000n,
  tickMicroPerKwh: 1_000n,
  quantityMinWh: 10n,
};

const bidder = { label: 'prosumer', connectionWh: 40_000n };

const forecasts = fc.array(
  fc.record({ importWh: fc.bigInt({ min: 0n, max: 50_000n }), exportWh: fc.bigInt({ min: 0n, max: 50_000n }) }),
  { maxLength: 24 },
);

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

describe('the orders of a prosumer', () => {
  test('buy the net import and sell the net export, on tick, never worse than the supplier', () => {
    fc.assert(
      fc.property(fc.string(), forecasts, (seed, forecast) => {
        const orders = prosumerOrders(seed, bidder, forecast, frame);
        expect(orders.length).toBeGreaterThan(0);
        if (forecast.every(({ importWh, exportWh }) => absolute(importWh - exportWh) < 10n)) return;
        for (const order of orders) {
          const wanted = forecast[order.interval];
          if (wanted === undefined) throw new Error('an order outside the forecast');
          const netImportWh = wanted.importWh - wanted.exportWh;
          const wantedWh = order.side === 'buy' ? netImportWh : -netImportWh;
          expect(order.energyWh).toBe(wantedWh < 40_000n ? wantedWh : 40_000n);
          expect(order.energyWh >= frame.quantityMinWh).toBe(true);
          expect(order.limitPriceMicroPerKwh % frame.tickMicroPerKwh).toBe(0n);
          const [low, high] = order.side === 'buy' ? [200_000n, 320_000n] : [80_000n, 200_000n];
          expect(order.limitPriceMicroPerKwh >= low && order.limitPriceMicroPerKwh <= high).toBe(true);
        }
      }),
      { seed: 20160520, numRuns: 200 },
    );
  });

  test('leave out an interval whose net forecast is below the smallest quantity', () => {
    const forecast = [
      { importWh: 9n, exportWh: 0n },
      { importWh: 100n, exportWh: 100n },
      { importWh: 0n, exportWh: 10n },
    ];
    expect(prosumerOrders('seed', bidder, forecast, frame).map((order) => [order.interval, order.side])).toEqual([
      [2, 'sell'],
    ]);
  });

  test('are one order for standing by when there is nothing to trade', () => {
    const forecast = Array.from({ length: 24 }, () => ({ importWh: 5n, exportWh: 0n }));
    expect(prosumerOrders('seed', bidder, forecast, frame)).toEqual([
      { side: 'buy', interval: 0, energyWh: 10n, limitPriceMicroPerKwh: 80_000n },
    ]);
  });

  test('ask between what a surplus gets and the feed-in price where the supplier may be out of reach', () => {
    const forecast = Array.from({ length: 24 }, () => ({ importWh: 0n, exportWh: 1_000n }));
    const asks = prosumerOrders('seed', bidder, forecast, { ...frame, unsoldMicroPerKwh: 60_000n }).map(
      (order) => order.limitPriceMicroPerKwh,
    );
    expect(asks.every((ask) => ask >= 60_000n && ask <= 80_000n && ask % frame.tickMicroPerKwh === 0n)).toBe(true);
    expect(new Set(asks).size).toBeGreaterThan(5);
  });

  test('hold out for a better price in some intervals, as the seed decides', () => {
    const forecast = Array.from({ length: 24 }, () => ({ importWh: 1_000n, exportWh: 0n }));
    const prices = (seed: string): bigint[] =>
      prosumerOrders(seed, bidder, forecast, frame).map((order) => order.limitPriceMicroPerKwh);
    expect(prices('seed')).toEqual(prices('seed'));
    expect(prices('seed')).not.toEqual(prices('other'));
    expect(prices('seed').filter((price) => price === 320_000n).length).toBeGreaterThan(6);
    expect(prices('seed').filter((price) => price < 320_000n).length).toBeGreaterThan(2);
  });
});

test('the supplier sells at retail and buys at feed-in price in every interval', () => {
  const orders = supplierOrders(24, 500_000n, frame);
  expect(orders.length).toBe(48);
  expect(new Set(orders.map((order) => `${order.side} ${order.limitPriceMicroPerKwh}`))).toEqual(
    new Set(['sell 320000', 'buy 80000']),
  );
});
