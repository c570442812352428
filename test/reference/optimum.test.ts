import { loadHighs, solveWithHighs } from './highs-optimum';
import type { Market } from './market';
import { boundOfWelfare, findOptimum, type Optimum } from './optimum';
import { randomMarket } from './random-market';

/*
 * The reference is worth something only if it is right itself: a market whose answer is known by hand, and for random markets the proof by
 * duality that no outcome can be worth more than the one that was found, which is possible.
 */

const MARKETS = 2_000;
const FIRST_SEED = 20_160_520;

function impossibility(market: Market, { filledWh, flowWh }: Optimum): string | undefined {
  const over = market.orders.find(
    ({ id, energyWh }) => (filledWh.get(id) ?? -1) < 0 || (filledWh.get(id) ?? 0) > energyWh,
  );
  if (over !== undefined) return `order ${over.id} is filled with ${filledWh.get(over.id)} of ${over.energyWh}`;
  const restWh = new Map(market.buses.map((bus) => [bus, 0]));
  const add = (bus: string, energyWh: number): void => void restWh.set(bus, (restWh.get(bus) ?? 0) + energyWh);
  for (const { bus, id, side } of market.orders) add(bus, (filledWh.get(id) ?? 0) * (side === 'sell' ? 1 : -1));
  for (const { backwardWh, forwardWh, from, id, to } of market.branches) {
    const energyWh = flowWh.get(id) ?? 0;
    if (energyWh > (forwardWh ?? Infinity) || -energyWh > (backwardWh ?? Infinity)) return `${id} carries ${energyWh}`;
    add(from, -energyWh);
    add(to, energyWh);
  }
  const unbalanced = [...restWh].find(([, energyWh]) => energyWh !== 0);
  return unbalanced && `bus ${unbalanced[0]} is left with ${unbalanced[1]}`;
}

describe('the optimum of the reference', () => {
  test('is the one that is found by hand: cheap energy behind a limit, dear energy before it', () => {
    const market: Market = {
      slack: 'town',
      buses: ['town', 'village'],
      branches: [{ id: 'line', from: 'village', to: 'town', forwardWh: 30, backwardWh: undefined }],
      orders: [
        { id: 'sun', side: 'sell', bus: 'village', energyWh: 100, price: 10 },
        { id: 'grid', side: 'sell', bus: 'town', energyWh: 100, price: 40 },
        { id: 'home', side: 'buy', bus: 'town', energyWh: 50, price: 60 },
        { id: 'farm', side: 'buy', bus: 'village', energyWh: 20, price: 15 },
      ],
    };
    const optimum = findOptimum(market);
    expect(Object.fromEntries(optimum.filledWh)).toEqual({ sun: 50, grid: 20, home: 50, farm: 20 });
    expect(optimum.welfare).toBe(50n * 60n + 20n * 15n - 50n * 10n - 20n * 40n);
    expect(Object.fromEntries(optimum.flowWh)).toEqual({ line: 30 });
    expect([optimum.prices.get('village'), optimum.prices.get('town')]).toEqual([10, 40]);
  });

  test('is possible, and proven by duality to be the most, in random markets', () => {
    for (let index = 0; index < MARKETS; index += 1) {
      const market = randomMarket(FIRST_SEED + index, { limits: index % 2 === 0 });
      const optimum = findOptimum(market);
      const found = {
        index,
        impossible: impossibility(market, optimum),
        bound: boundOfWelfare(market, optimum.prices),
      };
      expect(found).toEqual({ index, impossible: undefined, bound: optimum.welfare });
    }
  });

  test('is worth what HiGHS says, in random markets', async () => {
    const highs = await loadHighs();
    for (let index = 0; index < MARKETS; index += 1) {
      const market = randomMarket(FIRST_SEED + index, { limits: index % 2 === 0 });
      expect({ index, welfare: solveWithHighs(highs, market) }).toEqual({
        index,
        welfare: findOptimum(market).welfare,
      });
    }
  });
});
