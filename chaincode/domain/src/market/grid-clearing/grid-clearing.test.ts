import * as fc from 'fast-check';
import { gridMarkets, limitsOf, type GridMarket } from '../../testing/grid-market-fixture';
import { clearInterval } from '../clear';
import { clearWithinBuses } from './clear-within-buses';
import { deriveGridClearing, searchBindingLimits } from './derive-grid';
import type { BindingLimit, ClearingGrid, GridIntervalClearing, GridOrder } from './types';

const markets = gridMarkets({ busesMax: 6, ordersMax: 10, energyMaxWh: 7n });
const tinyMarkets = gridMarkets({ busesMax: 4, ordersMax: 5, energyMaxWh: 3n });

function clearedBy(market: GridMarket, bindingLimits: readonly BindingLimit[]): GridIntervalClearing | undefined {
  const derived = deriveGridClearing(market.orders, market.grid, { bindingLimits }, market.rules);
  return derived.kind === 'cleared' ? derived.clearing : undefined;
}

function foundBySearch(market: GridMarket): readonly BindingLimit[] {
  const hint = searchBindingLimits(market.orders, market.grid, market.rules, 64);
  expect(hint).toBeDefined();
  return hint?.bindingLimits ?? [];
}

function withoutLimits({ branches, ...grid }: ClearingGrid): ClearingGrid {
  return { ...grid, branches: branches.map(({ id, fromBus, toBus }) => ({ id, fromBus, toBus, ...unlimited })) };
}

const unlimited = { forwardLimitWh: undefined, backwardLimitWh: undefined };

/** What flows forward over a branch is all that the buses on its `fromBus` side export. */
function flowsWithin(grid: ClearingGrid, exports: ReadonlyMap<string, bigint>): boolean {
  return grid.branches.every((cut) => {
    const side = new Set([cut.fromBus]);
    for (const bus of side) {
      for (const { fromBus, toBus } of grid.branches.filter(({ id }) => id !== cut.id)) {
        for (const next of fromBus === bus ? [toBus] : toBus === bus ? [fromBus] : []) {
          side.add(next);
        }
      }
    }
    const flow = [...side].reduce((total, bus) => total + (exports.get(bus) ?? 0n), 0n);
    return (
      (cut.forwardLimitWh === undefined || flow <= cut.forwardLimitWh) &&
      (cut.backwardLimitWh === undefined || -flow <= cut.backwardLimitWh)
    );
  });
}

/** The largest welfare, and the largest volume that has it: all fills are tried. */
function bestOf({ orders, grid }: GridMarket): { readonly welfareNano: bigint; readonly tradedWh: bigint } {
  let best = { welfareNano: 0n, tradedWh: 0n };
  const exports = new Map<string, bigint>();
  const visit = (rest: readonly GridOrder[], net: bigint, welfareNano: bigint, tradedWh: bigint): void => {
    const [order, ...others] = rest;
    if (order === undefined) {
      const isBetter = welfareNano > best.welfareNano || (welfareNano === best.welfareNano && tradedWh > best.tradedWh);
      best = net === 0n && isBetter && flowsWithin(grid, exports) ? { welfareNano, tradedWh } : best;
      return;
    }
    const before = exports.get(order.busId) ?? 0n;
    const sign = order.side === 'sell' ? 1n : -1n;
    for (let energyWh = 0n; energyWh <= order.energyWh; energyWh += 1n) {
      exports.set(order.busId, before + sign * energyWh);
      const worth = -sign * energyWh * order.limitPriceMicroPerKwh;
      visit(others, net + sign * energyWh, welfareNano + worth, tradedWh + (sign < 0n ? energyWh : 0n));
    }
    exports.set(order.busId, before);
  };
  visit(orders, 0n, 0n, 0n);
  return best;
}

describe('the outcome on a grid', () => {
  it('has the largest welfare, and the largest volume with it, of all fills that the limits allow', () => {
    fc.assert(
      fc.property(tinyMarkets, (market) => {
        const { welfareNano, tradedWh } = clearedBy(market, foundBySearch(market)) ?? {};
        expect({ welfareNano, tradedWh }).toEqual(bestOf(market));
      }),
      { numRuns: 200 },
    );
  });

  it('is that of one bus where no branch has a limit', () => {
    fc.assert(
      fc.property(markets, (drawn) => {
        const market = {
          ...drawn,
          grid: withoutLimits(drawn.grid),
          rules: { ...drawn.rules, curtailment: 'pro-rata' as const },
        };
        const { tradedWh, price, fills } = clearInterval(market.orders, market.rules.kPpm);
        expect(clearedBy(market, [])).toMatchObject({ tradedWh, fills, zones: [{ price }], rentNano: 0n });
      }),
    );
  });

  it('is the same whatever hint is accepted, and many are refused', () => {
    const counts = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(markets, fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }), (market, drawn) => {
        const found = foundBySearch(market);
        const right = clearedBy(market, found);
        expect(right).toBeDefined();
        const isFound = (limit: BindingLimit): boolean =>
          found.some(({ id, direction }) => id === limit.id && direction === limit.direction);
        const others = limitsOf(market.grid).filter((limit) => !isFound(limit));
        const pick = <T>(from: readonly T[]): readonly T[] => from.filter((_, index) => drawn[index]);
        for (const hint of [pick(found), [...found, ...pick(others)], pick(limitsOf(market.grid)), others, []]) {
          const other = clearedBy(market, hint);
          expect(other ?? right).toEqual(right);
          counts[other === undefined ? 'refused' : 'accepted'] += 1;
        }
      }),
      { numRuns: 500 },
    );
    expect(counts.accepted).toBeGreaterThan(100);
    expect(counts.refused).toBeGreaterThan(100);
  });

  it('follows again from the limits that it says to bind, and from orders in any order', () => {
    fc.assert(
      fc.property(markets, (market) => {
        const right = clearedBy(market, foundBySearch(market));
        expect(clearedBy(market, right?.bindingLimits ?? [])).toEqual(right);
        const turned = {
          ...market,
          orders: [...market.orders].reverse(),
          grid: { ...market.grid, branches: [...market.grid.branches].reverse() },
        };
        expect(clearedBy(turned, right?.bindingLimits ?? [])).toEqual(right);
      }),
    );
  });

  it('keeps inside the limits also where every bus trades only within itself, with no more welfare', () => {
    fc.assert(
      fc.property(markets, (market) => {
        const alone = clearWithinBuses(market.orders, market.grid, market.rules);
        expect(alone.flows.every(({ forwardWh, backwardWh }) => forwardWh === 0n && backwardWh === 0n)).toBe(true);
        expect(alone.zones.map(({ busIds }) => busIds.length)).toEqual(market.grid.buses.map(() => 1));
        const best = clearedBy(market, foundBySearch(market));
        expect(alone.welfareNano <= (best?.welfareNano ?? -1n)).toBe(true);
      }),
    );
  });
});
