import fc from 'fast-check';
import { netQuantilesOf, type NetQuantiles } from './forecast-quantiles';
import { ladderOrders, type LadderInterval } from './order-ladder';
import type { BiddingFrame, WantedOrder } from './order-strategy';
import { retradeOrders } from './retrade';

const frame: BiddingFrame = {
  retailPriceMicroPerKwh: 320_000n,
  feedInPriceMicroPerKwh: 80_000n,
  tickMicroPerKwh: 1_000n,
  quantityMinWh: 10n,
};
const deviation = { shortMicroPerKwh: 350_000n, longMicroPerKwh: 60_000n };
const bounds = { importWh: 20_000n, exportWh: 20_000n };
const fixed = { numRuns: 500, seed: 20_160_520 };

function shown(orders: readonly WantedOrder[]): string[] {
  return orders.map(({ energyWh, limitPriceMicroPerKwh, side }) => `${side} ${energyWh} at ${limitPriceMicroPerKwh}`);
}

function ladder(net: NetQuantiles, changes: Partial<LadderInterval> = {}): WantedOrder[] {
  const whole = { interval: 3, positionWh: 0n, net, bounds, sideWhMax: 20_000n, ordersMax: 8, ...changes };
  return ladderOrders(whole, frame, deviation);
}

describe('net quantiles of several meters', () => {
  it('add middles up and distances as independent ones do', () => {
    const still = { p10: 0n, p50: 0n, p90: 0n };
    const home = { importWh: { p10: 700n, p50: 1_000n, p90: 1_600n }, exportWh: still };
    const roof = { importWh: still, exportWh: { p10: 1_200n, p50: 2_000n, p90: 2_400n } };
    expect(netQuantilesOf([home, roof])).toEqual({ lowWh: -1_500n, middleWh: -1_000n, highWh: 0n });
    expect(netQuantilesOf([])).toEqual({ lowWh: 0n, middleWh: 0n, highWh: 0n });
  });
});

describe('a ladder of orders', () => {
  it('bids for each part of the forecast what it is worth: 350 less 290 times the probability that it is not needed', () => {
    // 5, 20, 40, 60 and 80 %: 335.5 (not above retail), 292, 234, 176 and 118.
    expect(shown(ladder({ lowWh: 1_000n, middleWh: 2_000n, highWh: 3_000n }))).toEqual([
      'buy 1000 at 320000',
      'buy 500 at 292000',
      'buy 500 at 234000',
      'buy 500 at 176000',
      'buy 500 at 118000',
    ]);
  });

  it('offers the same way, and both where it may come to either', () => {
    expect(shown(ladder({ lowWh: -1_000n, middleWh: 0n, highWh: 400n }))).toEqual([
      'buy 200 at 176000',
      'buy 200 at 118000',
      'sell 500 at 234000',
      'sell 500 at 292000',
    ]);
    expect(shown(ladder({ lowWh: -3_000n, middleWh: -3_000n, highWh: -3_000n }))).toEqual(['sell 3000 at 80000']);
  });

  it('joins rungs where only few orders are allowed, and leaves out what is too small', () => {
    const net = { lowWh: 1_000n, middleWh: 2_000n, highWh: 3_000n };
    expect(shown(ladder(net, { ordersMax: 2 }))).toEqual(['buy 2000 at 299000', 'buy 1000 at 147000']);
    expect(shown(ladder({ lowWh: 4n, middleWh: 6n, highWh: 9n }))).toEqual([]);
    expect(shown(ladder({ lowWh: 4n, middleWh: 6n, highWh: 12n }))).toEqual(['buy 12 at 229000']);
  });

  it('keeps to a set-point, also by buying back what was sold beyond it', () => {
    const limited = { bounds: { importWh: 20_000n, exportWh: 1_000n } };
    const net = { lowWh: -3_000n, middleWh: -2_000n, highWh: -1_500n };
    expect(shown(ladder(net, limited))).toEqual(['sell 1000 at 80000']);
    expect(shown(ladder(net, { ...limited, positionWh: -2_500n }))).toEqual(['buy 1500 at 320000']);
  });

  it('never goes beyond the connection or the prices of the supplier, is on tick and never meets itself', () => {
    const amount = fc.bigInt({ min: -40_000n, max: 40_000n });
    fc.assert(
      fc.property(fc.tuple(amount, amount, amount), amount, fc.integer({ min: 1, max: 8 }), (three, at, ordersMax) => {
        const [lowWh, middleWh, highWh] = [...three].sort((left, right) => (left < right ? -1 : 1)) as [
          bigint,
          bigint,
          bigint,
        ];
        const positionWh = at / 2n;
        const orders = ladder({ lowWh, middleWh, highWh }, { positionWh, ordersMax });
        expect(orders.length).toBeLessThanOrEqual(ordersMax);
        const bids = orders.filter(({ side }) => side === 'buy');
        const offers = orders.filter(({ side }) => side === 'sell');
        const total = (some: readonly WantedOrder[]) => some.reduce((sum, { energyWh }) => sum + energyWh, 0n);
        expect(positionWh + total(bids) <= 20_000n && total(bids) <= 20_000n).toBe(true);
        expect(positionWh - total(offers) >= -20_000n && total(offers) <= 20_000n).toBe(true);
        for (const { energyWh, limitPriceMicroPerKwh } of orders) {
          expect(energyWh >= frame.quantityMinWh).toBe(true);
          expect(limitPriceMicroPerKwh % frame.tickMicroPerKwh).toBe(0n);
          expect(limitPriceMicroPerKwh >= 80_000n && limitPriceMicroPerKwh <= 320_000n).toBe(true);
        }
        for (const bid of bids) {
          for (const offer of offers) {
            expect(bid.limitPriceMicroPerKwh < offer.limitPriceMicroPerKwh).toBe(true);
          }
        }
      }),
      fixed,
    );
  });
});

describe('trading again in an intraday session', () => {
  const own = { frame, deviation, deadBandWh: 100n, sideWhMax: 20_000n, ordersMax: 2 };
  const one = (positionWh: bigint, net: NetQuantiles) =>
    shown(retradeOrders([{ interval: 0, positionWh, net, bounds }], own));
  const sure = (middleWh: bigint): NetQuantiles => ({ lowWh: middleWh, middleWh, highWh: middleWh });

  it('buys what is lacking and sells what is too much, from the dead band on', () => {
    expect(one(1_000n, sure(1_099n))).toEqual([]);
    expect(one(1_000n, sure(1_100n))).toEqual(['buy 100 at 320000']);
    expect(one(1_000n, sure(700n))).toEqual(['sell 300 at 80000']);
    expect(one(-2_000n, sure(-1_500n))).toEqual(['buy 500 at 320000']);
  });

  it('asks for the uncertain part less than for the certain one, and goes one way only', () => {
    expect(one(1_000n, { lowWh: 1_200n, middleWh: 2_000n, highWh: 2_400n })).toEqual([
      'buy 600 at 306000',
      'buy 800 at 190000',
    ]);
    const orders = retradeOrders(
      [{ interval: 0, positionWh: 1_000n, net: { lowWh: 500n, middleWh: 1_200n, highWh: 1_600n }, bounds }],
      own,
    );
    expect(new Set(orders.map(({ side }) => side))).toEqual(new Set(['buy']));
  });

  it('never takes the position beyond where the forecast may come to', () => {
    const amount = fc.bigInt({ min: -15_000n, max: 15_000n });
    fc.assert(
      fc.property(amount, fc.tuple(amount, amount, amount), (positionWh, three) => {
        const [lowWh, middleWh, highWh] = [...three].sort((left, right) => (left < right ? -1 : 1)) as [
          bigint,
          bigint,
          bigint,
        ];
        const orders = retradeOrders([{ interval: 0, positionWh, net: { lowWh, middleWh, highWh }, bounds }], own);
        expect(orders.length).toBeLessThanOrEqual(own.ordersMax);
        const moved = orders.reduce(
          (sum, { energyWh, side }) => (side === 'buy' ? sum + energyWh : sum - energyWh),
          0n,
        );
        const end = positionWh + moved;
        if (moved > 0n) expect(middleWh > positionWh && end <= highWh).toBe(true);
        if (moved < 0n) expect(middleWh < positionWh && end >= lowWh).toBe(true);
      }),
      fixed,
    );
  });
});
