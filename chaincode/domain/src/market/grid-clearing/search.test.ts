import * as fc from 'fast-check';
import { deriveGridClearing, searchBindingLimits } from '../../index';
import { branch, gridMarkets, gridOf, middleRules, orderAt } from '../../testing/grid-market-fixture';

describe('searching for the limits that bind', () => {
  it('names nothing where nothing binds', () => {
    const orders = [orderAt('S', 'sell', 'sell', 10n, 10n), orderAt('N', 'buy', 'buy', 4n, 30n)];
    expect(searchBindingLimits(orders, gridOf('S', branch('S', 'N', 5n, 5n)), middleRules, 1)).toEqual({
      bindingLimits: [],
    });
  });

  it('finds limits behind limits, each in its direction', () => {
    // The feeder M gets 6 Wh in; of its own branches one brings 3 Wh from a roof and one takes 2 Wh to a heat pump.
    const grid = gridOf('S', branch('S', 'M', 6n, 6n), branch('R', 'M', 3n, 3n), branch('M', 'H', 2n, 2n));
    const orders = [
      orderAt('S', 'supplier', 'sell', 100n, 30n),
      orderAt('R', 'roof', 'sell', 9n, 5n),
      orderAt('M', 'house', 'buy', 20n, 40n),
      orderAt('H', 'pump', 'buy', 9n, 60n),
    ];
    const hint = searchBindingLimits(orders, grid, middleRules, 64);
    expect(hint?.bindingLimits).toHaveLength(3);
    const derived = hint && deriveGridClearing(orders, grid, hint, middleRules);
    expect(derived).toMatchObject({
      kind: 'cleared',
      clearing: {
        tradedWh: 9n,
        fills: [
          { orderId: 'house', energyWh: 7n },
          { orderId: 'pump', energyWh: 2n },
          { orderId: 'roof', energyWh: 3n },
          { orderId: 'supplier', energyWh: 6n },
        ],
        bindingLimits: [
          { id: 'M-H', direction: 'forward', shadowPriceMicroPerKwh: 20n, rentNano: 40n },
          { id: 'R-M', direction: 'forward', shadowPriceMicroPerKwh: 35n, rentNano: 105n },
          { id: 'S-M', direction: 'forward', shadowPriceMicroPerKwh: 10n, rentNano: 60n },
        ],
        rentNano: 205n,
      },
    });
  });

  // Six roofs at one price, each behind a line of its own: which lines bind depends on the share, and the share on them.
  const roofs = [1n, 2n, 3n, 5n, 8n, 13n];
  const fan = gridOf('S', ...roofs.map((limitWh, index) => branch(`R${String(index)}`, 'S', limitWh, 0n)));
  const sunny = [
    ...roofs.map((_, index) => orderAt(`R${String(index)}`, `roof${String(index)}`, 'sell', 20n, 5n)),
    orderAt('S', 'buy', 'buy', 30n, 9n),
  ];

  it('finds those that depend on the share at one price, and gives up where it may not try often enough', () => {
    const hint = searchBindingLimits(sunny, fan, middleRules, 64);
    // 1 + 2 + 3 + 5 from the first four, and 9.5 of 20 from each of the others would be 8 at most from the fifth.
    expect(hint?.bindingLimits.map(({ id }) => id)).toEqual(['R0-S', 'R1-S', 'R2-S', 'R3-S', 'R4-S']);
    expect(searchBindingLimits(sunny, fan, middleRules, 1)).toBeUndefined();
  });

  it('is never at a loss on random trees with many ties', () => {
    fc.assert(
      fc.property(gridMarkets({ busesMax: 20, ordersMax: 60, energyMaxWh: 200n }), ({ orders, grid, rules }) => {
        const hint = searchBindingLimits(orders, grid, rules, 64);
        expect(hint && deriveGridClearing(orders, grid, hint, rules).kind).toBe('cleared');
      }),
    );
  });
});
