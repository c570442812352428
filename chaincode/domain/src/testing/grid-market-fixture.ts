import * as fc from 'fast-check';
import type {
  BindingLimit,
  ClearingGrid,
  Curtailment,
  GridClearingRules,
  GridOrder,
  TreeLimit,
} from '../market/grid-clearing/types';
import type { Side } from '../market/types';

/** A market on a grid, as a test makes it. */
export interface GridMarket {
  readonly orders: readonly GridOrder[];
  readonly grid: ClearingGrid;
  readonly rules: GridClearingRules;
}

/** Rules with the price in the middle, from 0 to 100. */
export const middleRules: GridClearingRules = {
  kPpm: 500_000n,
  curtailment: 'pro-rata',
  priceFloorMicroPerKwh: 0n,
  priceCapMicroPerKwh: 100n,
  rotation: 0n,
};

/** An order in few words. */
export function orderAt(
  busId: string,
  orderId: string,
  side: Side,
  energyWh: bigint,
  limitPriceMicroPerKwh: bigint,
  installedW?: bigint,
): GridOrder {
  return { orderId, side, energyWh, limitPriceMicroPerKwh, busId, installedW };
}

/** A branch from the first bus to the second in few words. */
export function branch(
  fromBus: string,
  toBus: string,
  forwardLimitWh: bigint | undefined,
  backwardLimitWh: bigint | undefined,
): TreeLimit {
  return { id: `${fromBus}-${toBus}`, fromBus, toBus, forwardLimitWh, backwardLimitWh };
}

/** A grid whose first bus is the slack bus. */
export function gridOf(slackBus: string, ...branches: readonly TreeLimit[]): ClearingGrid {
  const buses = new Set([slackBus, ...branches.flatMap(({ fromBus, toBus }) => [fromBus, toBus])]);
  return { slackBus, buses: [...buses], branches };
}

/** How large the markets are that a property draws. */
export interface MarketSize {
  readonly busesMax: number;
  readonly ordersMax: number;
  readonly energyMaxWh: bigint;
}

/** Markets on random trees: few prices, so that ties are many; limits so small that several bind at once. */
export function gridMarkets({ busesMax, ordersMax, energyMaxWh }: MarketSize): fc.Arbitrary<GridMarket> {
  const limit = fc.option(fc.bigInt({ min: 0n, max: energyMaxWh }), { nil: undefined, freq: 4 });
  const link = fc.record({ parent: fc.nat(), isTurned: fc.boolean(), forwardLimitWh: limit, backwardLimitWh: limit });
  const entry = fc.record({
    bus: fc.nat(),
    side: fc.constantFrom<Side>('buy', 'sell'),
    energyWh: fc.bigInt({ min: 1n, max: energyMaxWh }),
    limitPriceMicroPerKwh: fc.bigInt({ min: 0n, max: 6n }),
    installedW: fc.option(fc.bigInt({ min: 1n, max: 5n }), { nil: undefined }),
  });
  const rules = fc.record({
    kPpm: fc.bigInt({ min: 0n, max: 1_000_000n }),
    curtailment: fc.constantFrom<Curtailment>('pro-rata', 'per-kw', 'rotating'),
    priceFloorMicroPerKwh: fc.constant(0n),
    priceCapMicroPerKwh: fc.constant(9n),
    rotation: fc.bigInt({ min: 0n, max: 9n }),
  });
  return fc
    .record({
      links: fc.array(link, { maxLength: busesMax - 1 }),
      entries: fc.array(entry, { maxLength: ordersMax }),
      rules,
    })
    .map(({ links, entries, rules: drawn }) => {
      const branches = links.map(({ parent, isTurned, forwardLimitWh, backwardLimitWh }, index) => {
        const [inner, outer] = [`bus${String(parent % (index + 1))}`, `bus${String(index + 1)}`];
        const [from, to] = isTurned ? [outer, inner] : [inner, outer];
        return branch(from, to, forwardLimitWh, backwardLimitWh);
      });
      const orders = entries.map(({ bus, side, energyWh, limitPriceMicroPerKwh, installedW }, index) =>
        orderAt(
          `bus${String(bus % (links.length + 1))}`,
          `order${String(index).padStart(2, '0')}`,
          side,
          energyWh,
          limitPriceMicroPerKwh,
          installedW,
        ),
      );
      return { orders, grid: gridOf('bus0', ...branches), rules: drawn };
    });
}

/** Every limit of the branches of a grid, as a hint could name it. */
export function limitsOf({ branches }: ClearingGrid): readonly BindingLimit[] {
  return branches.flatMap(({ id, forwardLimitWh, backwardLimitWh }) => [
    ...(forwardLimitWh === undefined ? [] : [{ id, direction: 'forward' as const }]),
    ...(backwardLimitWh === undefined ? [] : [{ id, direction: 'backward' as const }]),
  ]);
}
