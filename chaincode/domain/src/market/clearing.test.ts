import * as fc from 'fast-check';
import { clearInterval } from './clear';
import { matchInNumbers } from './clear-in-numbers';
import type { ClearingOrder, IntervalClearing, Side } from './types';
import { findClearingFault } from './verify-clearing';

const half = 500_000n;

function order(orderId: string, side: Side, limitPriceMicroPerKwh: bigint, energyWh: bigint): ClearingOrder {
  return { orderId, side, limitPriceMicroPerKwh, energyWh };
}

function welfareOf(orders: readonly ClearingOrder[], { fills }: IntervalClearing): bigint {
  const filled = new Map(fills.map((fill) => [fill.orderId, fill.energyWh]));
  return orders.reduce((total, { orderId, side, limitPriceMicroPerKwh }) => {
    const value = limitPriceMicroPerKwh * (filled.get(orderId) ?? 0n);
    return side === 'buy' ? total + value : total - value;
  }, 0n);
}

/** The best welfare of a small market: every volume is tried unit by unit with the best bids and the cheapest offers. */
function bestWelfare(orders: readonly ClearingOrder[]): { readonly welfare: bigint; readonly tradedWh: bigint } {
  const units = (side: Side): readonly bigint[] =>
    orders
      .filter((entry) => entry.side === side)
      .flatMap((entry) => Array.from({ length: Number(entry.energyWh) }, () => entry.limitPriceMicroPerKwh));
  const bids = [...units('buy')].sort((left, right) => Number(right - left));
  const offers = [...units('sell')].sort((left, right) => Number(left - right));
  let best = { welfare: 0n, tradedWh: 0n };
  let welfare = 0n;
  for (let count = 1; count <= Math.min(bids.length, offers.length); count += 1) {
    welfare += (bids[count - 1] ?? 0n) - (offers[count - 1] ?? 0n);
    best = welfare >= best.welfare ? { welfare, tradedWh: BigInt(count) } : best;
  }
  return best;
}

const smallMarket = fc
  .array(
    fc.record({
      side: fc.constantFrom<Side>('buy', 'sell'),
      limitPriceMicroPerKwh: fc.bigInt({ min: 0n, max: 8n }),
      energyWh: fc.bigInt({ min: 1n, max: 7n }),
    }),
    { maxLength: 14 },
  )
  .map((entries) => entries.map((entry, index) => ({ ...entry, orderId: `order-${String(index).padStart(2, '0')}` })));

describe('clearing an interval', () => {
  it('trades nothing and has no price where nobody bids as much as somebody asks', () => {
    const orders = [order('a', 'buy', 10n, 5n), order('b', 'sell', 11n, 5n)];
    expect(clearInterval(orders, half)).toEqual({ tradedWh: 0n, price: undefined, fills: [] });
  });

  it('fills the better order in full, the worse not at all, and shares the margin in proportion', () => {
    const orders = [
      order('a', 'sell', 10n, 10n),
      order('b', 'buy', 30n, 4n),
      order('c', 'buy', 20n, 4n),
      order('d', 'buy', 20n, 8n),
      order('e', 'buy', 15n, 9n),
    ];
    expect(clearInterval(orders, half)).toEqual({
      tradedWh: 10n,
      price: { lowMicroPerKwh: 20n, highMicroPerKwh: 20n, clearingMicroPerKwh: 20n },
      fills: [
        { orderId: 'a', energyWh: 10n },
        { orderId: 'b', energyWh: 4n },
        { orderId: 'c', energyWh: 2n },
        { orderId: 'd', energyWh: 4n },
      ],
    });
  });

  it('trades the largest volume where the marginal bid and offer have the same price', () => {
    const orders = [order('a', 'buy', 20n, 5n), order('b', 'sell', 20n, 5n)];
    expect(clearInterval(orders, half).tradedWh).toBe(5n);
  });

  it('rounds a fractional price down, to a whole micro-unit', () => {
    const orders = [order('a', 'buy', 13n, 5n), order('b', 'sell', 10n, 5n)];
    expect(clearInterval(orders, half).price?.clearingMicroPerKwh).toBe(11n);
    expect(clearInterval(orders, 0n).price?.clearingMicroPerKwh).toBe(10n);
    expect(clearInterval(orders, 1_000_000n).price?.clearingMicroPerKwh).toBe(13n);
  });

  it('splits one unit among a thousand orders of one price by order id (B36)', () => {
    const buyers = Array.from({ length: 1_000 }, (_, index) =>
      order(`b${String(index).padStart(4, '0')}`, 'buy', 20n, 1n),
    );
    const { fills } = clearInterval([...buyers.reverse(), order('s', 'sell', 20n, 1n)], half);
    expect(fills).toEqual([
      { orderId: 'b0000', energyWh: 1n },
      { orderId: 's', energyWh: 1n },
    ]);
  });

  it('does not depend on the order in which orders arrive', () => {
    fc.assert(
      fc.property(smallMarket, (orders) => {
        expect(clearInterval([...orders].reverse(), half)).toEqual(clearInterval(orders, half));
      }),
    );
  });

  it('reaches the welfare and the volume of a brute force on small markets', () => {
    fc.assert(
      fc.property(smallMarket, (orders) => {
        const clearing = clearInterval(orders, half);
        const best = bestWelfare(orders);
        expect(welfareOf(orders, clearing)).toBe(best.welfare);
        expect(clearing.tradedWh).toBe(best.tradedWh);
      }),
    );
  });

  it('refuses to clear an order without energy or an order that stands twice', () => {
    expect(() => clearInterval([order('a', 'buy', 1n, 0n)], half)).toThrow('INVARIANT_BROKEN');
    expect(() => clearInterval([order('a', 'buy', 1n, -5n)], half)).toThrow('INVARIANT_BROKEN');
    expect(() => clearInterval([order('a', 'buy', 1n, 1n), order('a', 'buy', 1n, 1n)], half)).toThrow(
      'INVARIANT_BROKEN',
    );
  });
});

describe('verifying a clearing', () => {
  it('finds nothing wrong with what the rule clears', () => {
    fc.assert(
      fc.property(smallMarket, fc.bigInt({ min: 0n, max: 1_000_000n }), (orders, kPpm) => {
        expect(findClearingFault(orders, clearInterval(orders, kPpm), kPpm)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('finds a fault in every clearing in which one number is moved', () => {
    fc.assert(
      fc.property(smallMarket, fc.nat(), fc.constantFrom(-1n, 1n), (orders, pick, step) => {
        const clearing = clearInterval(orders, half);
        fc.pre(clearing.price !== undefined);
        for (const mutated of mutations(clearing, pick, step)) {
          expect(findClearingFault(orders, mutated, half)).toBeDefined();
        }
      }),
      { numRuns: 500 },
    );
  });

  it('finds energy that is moved from one order to another at the same price', () => {
    const orders = [order('a', 'buy', 20n, 4n), order('b', 'buy', 20n, 4n), order('c', 'sell', 10n, 4n)];
    const clearing = clearInterval(orders, half);
    const moved = {
      ...clearing,
      fills: [
        { orderId: 'a', energyWh: 3n },
        { orderId: 'b', energyWh: 1n },
        { orderId: 'c', energyWh: 4n },
      ],
    };
    expect(findClearingFault(orders, moved, half)).toBe('MARGIN_NOT_SHARED');
  });

  it('finds that a tie of remainders went to the larger order id', () => {
    const orders = [order('a', 'buy', 20n, 1n), order('b', 'buy', 20n, 1n), order('c', 'sell', 10n, 1n)];
    const clearing = clearInterval(orders, half);
    const moved = {
      ...clearing,
      fills: [
        { orderId: 'b', energyWh: 1n },
        { orderId: 'c', energyWh: 1n },
      ],
    };
    expect(findClearingFault(orders, moved, half)).toBe('MARGIN_NOT_SHARED');
  });

  it.each<[string, Partial<IntervalClearing>]>([
    ['FILL_UNKNOWN_ORDER', { fills: [{ orderId: 'z', energyWh: 4n }] }],
    [
      'FILL_TWICE',
      {
        fills: [
          { orderId: 'a', energyWh: 2n },
          { orderId: 'a', energyWh: 2n },
        ],
      },
    ],
    ['FILL_NOT_POSITIVE', { fills: [{ orderId: 'a', energyWh: 0n }] }],
    ['FILL_ABOVE_ORDER', { fills: [{ orderId: 'a', energyWh: 6n }] }],
    [
      'NOT_CONSERVED',
      {
        fills: [
          { orderId: 'a', energyWh: 3n },
          { orderId: 'b', energyWh: 2n },
        ],
      },
    ],
    [
      'VOLUME_NOT_LARGEST',
      {
        tradedWh: 3n,
        fills: [
          { orderId: 'a', energyWh: 3n },
          { orderId: 'b', energyWh: 3n },
        ],
      },
    ],
    ['TRADE_WITHOUT_PRICE', { price: undefined }],
    ['PRICE_INTERVAL', { price: { lowMicroPerKwh: 10n, highMicroPerKwh: 19n, clearingMicroPerKwh: 15n } }],
    ['PRICE_NOT_K', { price: { lowMicroPerKwh: 10n, highMicroPerKwh: 20n, clearingMicroPerKwh: 16n } }],
  ])('names the fault %s', (fault, change) => {
    const orders = [order('a', 'buy', 20n, 5n), order('b', 'sell', 10n, 5n)];
    const clearing = clearInterval(orders, half);
    expect(findClearingFault(orders, { ...clearing, ...change }, half)).toBe(fault);
  });

  it('names a price where nothing is traded', () => {
    const price = { lowMicroPerKwh: 1n, highMicroPerKwh: 1n, clearingMicroPerKwh: 1n };
    expect(findClearingFault([], { tradedWh: 0n, price, fills: [] }, half)).toBe('PRICE_WITHOUT_TRADE');
  });
});

/** Clearings that differ in one number from a right one. */
function mutations(clearing: IntervalClearing, pick: number, step: bigint): readonly IntervalClearing[] {
  const index = pick % clearing.fills.length;
  const moved = clearing.fills.map((fill, at) => (at === index ? { ...fill, energyWh: fill.energyWh + step } : fill));
  const price = clearing.price ?? { lowMicroPerKwh: 0n, highMicroPerKwh: 0n, clearingMicroPerKwh: 0n };
  return [
    { ...clearing, fills: moved },
    { ...clearing, fills: clearing.fills.filter((_, at) => at !== index) },
    { ...clearing, tradedWh: clearing.tradedWh + step },
    { ...clearing, price: { ...price, lowMicroPerKwh: price.lowMicroPerKwh + step } },
    { ...clearing, price: { ...price, highMicroPerKwh: price.highMicroPerKwh + step } },
    { ...clearing, price: { ...price, clearingMicroPerKwh: price.clearingMicroPerKwh + step } },
    { ...clearing, price: undefined },
  ];
}

describe('the two ways of matching', () => {
  const large = 2n ** 60n;

  it('agree: numbers too large to be exact as plain ones are matched in merit order, with the same outcome', () => {
    fc.assert(
      fc.property(smallMarket, (orders) => {
        const scaled = orders.map((entry) => ({
          ...entry,
          limitPriceMicroPerKwh: entry.limitPriceMicroPerKwh * large,
        }));
        const plain = clearInterval(orders, half);
        const big = clearInterval(scaled, half);
        expect(big.fills).toEqual(plain.fills);
        expect(big.price?.lowMicroPerKwh).toEqual(scaledBy(plain.price?.lowMicroPerKwh));
        expect(big.price?.highMicroPerKwh).toEqual(scaledBy(plain.price?.highMicroPerKwh));
      }),
    );
  });

  it('refuse plain numbers for energies whose sum would not be exact', () => {
    const half52 = 2n ** 51n;
    const orders = [order('a', 'buy', 5n, half52), order('b', 'buy', 5n, half52), order('c', 'sell', 5n, 1n)];
    expect(matchInNumbers(orders)).toBe('inexact');
    expect(clearInterval(orders, half).tradedWh).toBe(1n);
  });

  it('take limits below zero, as markets with a surplus have them', () => {
    const orders = [order('a', 'buy', -20n, 5n), order('b', 'sell', -40n, 5n), order('c', 'sell', -10n, 5n)];
    expect(clearInterval(orders, half)).toEqual({
      tradedWh: 5n,
      price: { lowMicroPerKwh: -40n, highMicroPerKwh: -20n, clearingMicroPerKwh: -30n },
      fills: [
        { orderId: 'a', energyWh: 5n },
        { orderId: 'b', energyWh: 5n },
      ],
    });
  });

  function scaledBy(value: bigint | undefined): bigint | undefined {
    return value === undefined ? undefined : value * large;
  }
});
