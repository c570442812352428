import { branch, gridOf, middleRules, orderAt } from '../../testing/grid-market-fixture';
import { deriveGridClearing } from './derive-grid';
import { intervalLimitWh } from './interval-limit';
import type { BindingLimit, ClearingGrid, GridClearingRules, GridIntervalClearing, GridOrder } from './types';

function cleared(
  orders: readonly GridOrder[],
  grid: ClearingGrid,
  bindingLimits: readonly BindingLimit[],
  rules: GridClearingRules = middleRules,
): GridIntervalClearing {
  const derived = deriveGridClearing(orders, grid, { bindingLimits }, rules);
  if (derived.kind === 'refused') {
    throw new Error(derived.code);
  }
  return derived.clearing;
}

function refusal(orders: readonly GridOrder[], grid: ClearingGrid, bindingLimits: readonly BindingLimit[]): string {
  const derived = deriveGridClearing(orders, grid, { bindingLimits }, middleRules);
  return derived.kind === 'refused' ? derived.code : 'cleared';
}

function fillsOf({ fills }: GridIntervalClearing): Readonly<Record<string, bigint>> {
  return Object.fromEntries(fills.map(({ orderId, energyWh }) => [orderId, energyWh]));
}

function price(lowMicroPerKwh: bigint, highMicroPerKwh: bigint, clearingMicroPerKwh: bigint): object {
  return { lowMicroPerKwh, highMicroPerKwh, clearingMicroPerKwh };
}

const forward = [{ id: 'S-N', direction: 'forward' as const }];
const backward = [{ id: 'S-N', direction: 'backward' as const }];

describe('clearing an interval on a grid', () => {
  it('splits the grid in two zones where a line is full, and the difference of their prices is the rent', () => {
    const orders = [orderAt('S', 'sell', 'sell', 10n, 10n), orderAt('N', 'buy', 'buy', 10n, 30n)];
    const grid = gridOf('S', branch('S', 'N', 5n, undefined));
    expect(cleared(orders, grid, forward)).toEqual({
      tradedWh: 5n,
      fills: [
        { orderId: 'buy', energyWh: 5n },
        { orderId: 'sell', energyWh: 5n },
      ],
      zones: [
        { busIds: ['N'], price: price(30n, 30n, 30n) },
        { busIds: ['S'], price: price(10n, 10n, 10n) },
      ],
      bindingLimits: [{ id: 'S-N', direction: 'forward', shadowPriceMicroPerKwh: 20n, rentNano: 100n }],
      flows: [{ id: 'S-N', forwardWh: 5n, backwardWh: 0n }],
      welfareNano: 100n,
      rentNano: 100n,
      jainPpm: 1_000_000n,
    });
  });

  it('does the same where the line is full against its direction', () => {
    const orders = [orderAt('N', 'sell', 'sell', 10n, 10n), orderAt('S', 'buy', 'buy', 10n, 30n)];
    const clearing = cleared(orders, gridOf('S', branch('S', 'N', undefined, 5n)), backward);
    expect(clearing.flows).toEqual([{ id: 'S-N', forwardWh: 0n, backwardWh: 5n }]);
    expect(clearing.bindingLimits).toEqual([{ ...backward[0], shadowPriceMicroPerKwh: 20n, rentNano: 100n }]);
  });

  // The feeder offers 12 Wh at 5; its buyer takes 3 and the transformer lets 6 out to the supplier, who pays 6.
  const feeder = [
    orderAt('S', 'supplier-buys', 'buy', 1_000n, 6n),
    orderAt('S', 'supplier-sells', 'sell', 1_000n, 30n),
    orderAt('N', 'buyer', 'buy', 3n, 20n),
    orderAt('N', 'pv1', 'sell', 8n, 5n, 4_000n),
    orderAt('N', 'pv2', 'sell', 4n, 5n, 4_000n),
  ];

  it('curtails what a transformer cannot carry away, in proportion to the offers', () => {
    const clearing = cleared(feeder, gridOf('S', branch('S', 'N', 9n, 6n)), backward);
    expect(fillsOf(clearing)).toEqual({ buyer: 3n, pv1: 6n, pv2: 3n, 'supplier-buys': 6n });
    expect(clearing.zones.map((zone) => zone.price)).toEqual([price(5n, 5n, 5n), price(6n, 6n, 6n)]);
    expect(clearing.rentNano).toBe(6n);
    expect(clearing.welfareNano).toBe(3n * 20n + 6n * 6n - 9n * 5n);
    expect(clearing.jainPpm).toBe(1_000_000n);
  });

  it('curtails the same energy per installed kW, an offer at most by itself', () => {
    const rules = { ...middleRules, curtailment: 'per-kw' as const };
    const tight = cleared(feeder, gridOf('S', branch('S', 'N', 9n, 5n)), backward, rules);
    expect(fillsOf(tight)).toMatchObject({ pv1: 6n, pv2: 2n });
    // Shares of 1/4 and 1/2 are curtailed: (3/4)² ÷ (2 × 5/16).
    expect(tight.jainPpm).toBe(900_000n);
    const tighter = cleared(feeder, gridOf('S', branch('S', 'N', 9n, 0n)), backward, rules);
    expect(fillsOf(tighter)).toEqual({ buyer: 3n, pv1: 3n });
  });

  it('gives the Wh that rounding leaves to offers in turn where the rules rotate', () => {
    const orders = ['a', 'b', 'c'].map((id) => orderAt('S', id, 'sell', 1n, 5n));
    const luckyAt = (rotation: bigint): string | undefined =>
      cleared([...orders, orderAt('S', 'z', 'buy', 1n, 9n)], gridOf('S'), [], {
        ...middleRules,
        curtailment: 'rotating',
        rotation,
      }).fills[0]?.orderId;
    expect([0n, 1n, 2n, 3n].map(luckyAt)).toEqual(['a', 'b', 'c', 'a']);
  });

  it('keeps the smallest quarter-hour limit in an hourly product', () => {
    // 40 W, but 23 W in the third quarter hour: 4 × 23 W × 1/4 h.
    const limitWh = intervalLimitWh([40n, 40n, 23n, 40n]);
    expect(limitWh).toBe(23n);
    const orders = [orderAt('S', 'sell', 'sell', 90n, 10n), orderAt('N', 'buy', 'buy', 90n, 30n)];
    expect(cleared(orders, gridOf('S', branch('S', 'N', limitWh, limitWh)), forward).tradedWh).toBe(23n);
  });

  it('shares a tie of prices equally over the grid, and less equally only as far as a line asks', () => {
    const orders = [
      orderAt('S', 'near', 'sell', 10n, 10n),
      orderAt('N', 'far', 'sell', 10n, 10n),
      orderAt('N', 'buy', 'buy', 12n, 20n),
    ];
    expect(fillsOf(cleared(orders, gridOf('S', branch('S', 'N', 6n, 6n)), []))).toEqual({
      buy: 12n,
      far: 6n,
      near: 6n,
    });
    const held = cleared(orders, gridOf('S', branch('S', 'N', 4n, 4n)), forward);
    expect(fillsOf(held)).toEqual({ buy: 12n, far: 8n, near: 4n });
    expect(held.bindingLimits).toEqual([{ ...forward[0], shadowPriceMicroPerKwh: 0n, rentNano: 0n }]);
    // Shares of 3/5 and 1/5 are curtailed: (4/5)² ÷ (2 × 10/25).
    expect(held.jainPpm).toBe(800_000n);
  });

  it('never lets rounding carry a line beyond its limit', () => {
    // A third of 12 Wh is traded. By order id alone all four Wh would come over the line.
    const orders = [
      ...['a', 'b', 'c', 'd', 'e', 'f'].map((id) => orderAt('N', id, 'sell', 1n, 5n)),
      ...['g', 'h', 'i', 'j', 'k', 'l'].map((id) => orderAt('S', id, 'sell', 1n, 5n)),
      orderAt('S', 'z', 'buy', 4n, 9n),
    ];
    const clearing = cleared(orders, gridOf('S', branch('S', 'N', undefined, 2n)), []);
    expect(fillsOf(clearing)).toEqual({ a: 1n, b: 1n, g: 1n, h: 1n, z: 4n });
  });

  it('has no price where nothing is traded on the whole grid', () => {
    const orders = [orderAt('S', 'sell', 'sell', 10n, 30n), orderAt('N', 'buy', 'buy', 10n, 10n)];
    const clearing = cleared(orders, gridOf('S', branch('S', 'N', 5n, 5n)), []);
    expect(clearing).toMatchObject({ tradedWh: 0n, fills: [], zones: [{ busIds: ['N', 'S'], price: undefined }] });
    expect(cleared([], gridOf('S'), []).zones).toEqual([{ busIds: ['S'], price: undefined }]);
  });

  it('values energy where a zone cannot trade, up to the cap and down to the floor', () => {
    const trading = [orderAt('S', 'sell', 'sell', 10n, 10n), orderAt('S', 'buy', 'buy', 4n, 20n)];
    const dark = cleared(
      [...trading, orderAt('N', 'left-out', 'buy', 9n, 30n)],
      gridOf('S', branch('S', 'N', 0n, 8n)),
      forward,
    );
    expect(dark.zones[0]?.price).toEqual(price(30n, 100n, 65n));
    expect(dark.bindingLimits[0]).toMatchObject({ shadowPriceMicroPerKwh: 55n, rentNano: 0n });
    const bright = cleared(
      [...trading, orderAt('N', 'left-out', 'sell', 9n, 8n)],
      gridOf('S', branch('S', 'N', 8n, 0n)),
      backward,
    );
    expect(bright.zones[0]?.price).toEqual(price(0n, 8n, 4n));
  });
});

describe('refusing a hint', () => {
  const orders = [orderAt('S', 'sell', 'sell', 10n, 10n), orderAt('N', 'buy', 'buy', 10n, 30n)];
  const grid = gridOf('S', branch('S', 'N', 5n, 12n));

  it.each<[string, readonly BindingLimit[], ClearingGrid]>([
    ['MARKET_CLEARING_LIMIT_TWICE', [...forward, ...forward], grid],
    ['MARKET_CLEARING_LIMIT_UNKNOWN', [{ id: 'X', direction: 'forward' }], grid],
    ['MARKET_CLEARING_LIMIT_UNKNOWN', backward, gridOf('S', branch('S', 'N', 5n, undefined))],
    ['MARKET_CLEARING_LIMIT_UNKNOWN', [{ id: 'row', direction: 'row' }], grid],
    [
      'MARKET_CLEARING_LIMIT_NOT_NEEDED',
      [...forward, { id: 'row', direction: 'row' }],
      { ...grid, rows: [{ id: 'row', coefficients: new Map([['S', 2n]]), bound: 10n }] },
    ],
    ['MARKET_CLEARING_LIMIT_NOT_REACHED', backward, grid],
    ['MARKET_CLEARING_LIMIT_NOT_REACHED', [...forward, ...backward], grid],
    ['MARKET_CLEARING_LIMIT_EXCEEDED', [], grid],
    ['MARKET_CLEARING_LIMIT_NOT_NEEDED', backward, gridOf('S', branch('S', 'N', 12n, 0n))],
    [
      'MARKET_CLEARING_ROW_EXCEEDED',
      forward,
      { ...grid, rows: [{ id: 'row', coefficients: new Map([['S', 2n]]), bound: 9n }] },
    ],
  ])('names the refusal %s', (code, named, asked) => {
    expect(refusal(orders, asked, named)).toBe(code);
  });

  it('takes a row that holds for what it is', () => {
    const rows = [{ id: 'row', coefficients: new Map([['S', 2n]]), bound: 10n }];
    expect(refusal(orders, { ...grid, rows }, forward)).toBe('cleared');
  });

  it('clears no grid that is not a tree, and no order that should not have been accepted', () => {
    const cleanLine = branch('S', 'N', 1n, 1n);
    const clear =
      (asked: ClearingGrid, some: readonly GridOrder[] = []) =>
      () =>
        refusal(some, asked, []);
    expect(clear(gridOf('S', cleanLine, { ...cleanLine, id: 'other' }))).toThrow('INVARIANT_BROKEN');
    expect(clear({ ...gridOf('S', cleanLine), buses: ['S', 'N', 'M'] })).toThrow('INVARIANT_BROKEN');
    expect(clear(gridOf('S', branch('S', 'N', -1n, 1n)))).toThrow('INVARIANT_BROKEN');
    expect(clear(gridOf('S'), [orderAt('N', 'a', 'buy', 1n, 1n)])).toThrow('INVARIANT_BROKEN');
    expect(clear(gridOf('S'), [orderAt('S', 'a', 'buy', 0n, 1n)])).toThrow('INVARIANT_BROKEN');
  });
});
