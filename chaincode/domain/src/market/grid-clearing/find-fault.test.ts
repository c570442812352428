import * as fc from 'fast-check';
import { branch, gridMarkets, gridOf, limitsOf, middleRules, orderAt } from '../../testing/grid-market-fixture';
import type { GridMarket } from '../../testing/grid-market-fixture';
import { deriveGridClearing, searchBindingLimits } from './derive-grid';
import type { GridClearingFault } from './fault';
import { findGridClearingFault } from './find-fault';
import type { BranchFlow, GridIntervalClearing, PricedLimit } from './types';

const markets = gridMarkets({ busesMax: 5, ordersMax: 10, energyMaxWh: 6n });

function rightOutcome({ orders, grid, rules }: GridMarket): GridIntervalClearing {
  const hint = searchBindingLimits(orders, grid, rules, 64) ?? { bindingLimits: [] };
  const derived = deriveGridClearing(orders, grid, hint, rules);
  if (derived.kind === 'refused') {
    throw new Error(derived.code);
  }
  return derived.clearing;
}

function faultIn({ orders, grid, rules }: GridMarket, clearing: GridIntervalClearing): GridClearingFault | undefined {
  return findGridClearingFault(orders, grid, clearing, rules);
}

/** The entry at a drawn place of a list is changed, or taken out. */
function changed<T>(list: readonly T[], pick: number, change: (entry: T) => T | undefined): readonly T[] {
  return list.flatMap((entry, index) => {
    const after = index === pick % list.length ? change(entry) : entry;
    return after === undefined ? [] : [after];
  });
}

/** Outcomes in which one number of a right one is moved. */
function movedNumbers(right: GridIntervalClearing, pick: number, step: bigint): readonly GridIntervalClearing[] {
  const { fills, zones, bindingLimits, flows } = right;
  const move = <K extends string>(key: K) => {
    return <T extends Readonly<Record<K, bigint>>>(entry: T): T => ({ ...entry, [key]: entry[key] + step });
  };
  const prices = (['lowMicroPerKwh', 'highMicroPerKwh', 'clearingMicroPerKwh'] as const).map((key) =>
    changed(zones, pick, (zone) => ({ ...zone, price: zone.price && move(key)(zone.price) })),
  );
  return [
    ...(['tradedWh', 'welfareNano', 'rentNano', 'jainPpm'] as const).map((key) => move(key)(right)),
    { ...right, fills: changed(fills, pick, move('energyWh')) },
    ...prices.map((moved) => ({ ...right, zones: moved })),
    { ...right, bindingLimits: changed(bindingLimits, pick, move('shadowPriceMicroPerKwh')) },
    { ...right, bindingLimits: changed(bindingLimits, pick, move('rentNano')) },
    { ...right, flows: changed(flows, pick, move('forwardWh')) },
    { ...right, flows: changed(flows, pick, move('backwardWh')) },
  ];
}

/** Outcomes in which something stands too much, is missing, or stands in the wrong order. */
function moreOrLess(market: GridMarket, right: GridIntervalClearing, pick: number): readonly GridIntervalClearing[] {
  const { fills, zones, bindingLimits, flows } = right;
  const all = limitsOf(market.grid);
  const extra = all.slice(pick % (all.length + 1)).slice(0, 1);
  const withExtra: readonly PricedLimit[] = [
    ...bindingLimits,
    ...extra.map((limit) => ({ ...limit, shadowPriceMicroPerKwh: 0n, rentNano: 0n })),
  ];
  return [
    { ...right, fills: changed(fills, pick, () => undefined) },
    { ...right, fills: [...fills].reverse() },
    { ...right, bindingLimits: changed(bindingLimits, pick, () => undefined) },
    { ...right, bindingLimits: [...withExtra].sort((left, other) => (left.id < other.id ? -1 : 1)) },
    { ...right, flows: changed(flows, pick, () => undefined) },
    { ...right, zones: [...zones].reverse() },
    { ...right, zones: changed(zones, pick, () => undefined) },
    { ...right, zones: zones.map((zone) => ({ ...zone, price: undefined })) },
  ];
}

/** One Wh goes from an order to another of its side, and flows, volume and welfare are those of the new fills. */
function movedWh(market: GridMarket, right: GridIntervalClearing, from: number, to: number): GridIntervalClearing {
  const { orders, grid } = market;
  const giver = orders[from % orders.length];
  const taker = orders[to % orders.length];
  const filled = new Map(right.fills.map(({ orderId, energyWh }) => [orderId, energyWh]));
  if (giver === undefined || taker === undefined || giver === taker || giver.side !== taker.side) {
    return right;
  }
  if ((filled.get(giver.orderId) ?? 0n) === 0n) {
    return right;
  }
  filled.set(giver.orderId, (filled.get(giver.orderId) ?? 0n) - 1n);
  filled.set(taker.orderId, (filled.get(taker.orderId) ?? 0n) + 1n);
  const alone = { ...market, grid: { ...grid, branches: grid.branches.map((line) => ({ ...line, ...unlimited })) } };
  const worth = taker.limitPriceMicroPerKwh - giver.limitPriceMicroPerKwh;
  return {
    ...right,
    fills: [...filled]
      .filter(([, energyWh]) => energyWh > 0n)
      .map(([orderId, energyWh]) => ({ orderId, energyWh }))
      .sort((left, other) => (left.orderId < other.orderId ? -1 : 1)),
    flows: right.flows.map((flow) => flowAfter(alone, flow, filled)),
    welfareNano: right.welfareNano + (taker.side === 'buy' ? worth : -worth),
  };
}

const unlimited = { forwardLimitWh: undefined, backwardLimitWh: undefined };

function flowAfter({ orders, grid }: GridMarket, { id }: BranchFlow, filled: ReadonlyMap<string, bigint>): BranchFlow {
  const cut = grid.branches.find((line) => line.id === id);
  const side = new Set(cut === undefined ? [] : [cut.fromBus]);
  for (const bus of side) {
    for (const { fromBus, toBus } of grid.branches.filter((line) => line.id !== id)) {
      for (const next of fromBus === bus ? [toBus] : toBus === bus ? [fromBus] : []) {
        side.add(next);
      }
    }
  }
  const forwardWh = orders
    .filter(({ busId }) => side.has(busId))
    .reduce((total, { orderId, side: of }) => total + (of === 'sell' ? 1n : -1n) * (filled.get(orderId) ?? 0n), 0n);
  return forwardWh > 0n ? { id, forwardWh, backwardWh: 0n } : { id, forwardWh: 0n, backwardWh: -forwardWh };
}

describe('checking a clearing on a grid', () => {
  it('finds nothing wrong with what the rule clears', () => {
    fc.assert(
      fc.property(markets, (market) => {
        expect(faultIn(market, rightOutcome(market))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('finds every outcome that is not equal to the right one', () => {
    const seen = new Set<GridClearingFault>();
    fc.assert(
      fc.property(markets, fc.nat(), fc.nat(), fc.constantFrom(-1n, 1n), (market, pick, other, step) => {
        const right = rightOutcome(market);
        const wrong = [
          ...movedNumbers(right, pick, step),
          ...moreOrLess(market, right, pick),
          ...Array.from({ length: 6 }, (_, turn) => movedWh(market, right, pick + turn, other)),
        ];
        for (const mutated of wrong) {
          const fault = faultIn(market, mutated);
          if (fault === undefined) {
            expect(mutated).toEqual(right);
          } else {
            seen.add(fault);
          }
        }
      }),
      { numRuns: 500 },
    );
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'MARGIN_NOT_SHARED',
        'MERIT_ORDER',
        'LIMIT_EXCEEDED',
        'SHADOW_PRICE_WRONG',
        'PRICE_NOT_K',
      ]),
    );
  });

  // Two offers of 10 Wh at one price on both sides of a line, a buyer of 12 Wh behind it: equal shares send 6 Wh over the line.
  const tie = [
    orderAt('S', 'near', 'sell', 10n, 10n),
    orderAt('N', 'far', 'sell', 10n, 10n),
    orderAt('N', 'buy', 'buy', 12n, 20n),
  ];
  const held = { orders: tie, grid: gridOf('S', branch('S', 'N', 4n, 4n)), rules: middleRules };
  const free = { orders: tie, grid: gridOf('S', branch('S', 'N', 8n, 4n)), rules: middleRules };

  it('finds that a limit is used to favour an offer behind it, though nothing pushes against the limit', () => {
    // The friend near the slack sells 8 Wh, because the line is said to bind.
    const right = rightOutcome(held);
    const favoured: GridIntervalClearing = {
      ...right,
      fills: [
        { orderId: 'buy', energyWh: 12n },
        { orderId: 'far', energyWh: 4n },
        { orderId: 'near', energyWh: 8n },
      ],
      flows: [{ id: 'S-N', forwardWh: 8n, backwardWh: 0n }],
    };
    expect(faultIn(free, favoured)).toBe('BINDING_LIMIT_NOT_NEEDED');
  });

  it('finds that a limit which is reached is not named, though its zones are at one price', () => {
    const right = rightOutcome(held);
    const [, price] = right.zones;
    const merged = { ...right, bindingLimits: [], zones: [{ busIds: ['N', 'S'], price: price?.price }] };
    expect(faultIn(held, merged)).toBe('MARGIN_NOT_SHARED');
    const exact = { ...held, grid: gridOf('S', branch('S', 'N', 6n, 4n)) };
    const reached = rightOutcome(exact);
    expect(
      faultIn(exact, { ...reached, bindingLimits: [], zones: [{ busIds: ['N', 'S'], price: price?.price }] }),
    ).toBe('BINDING_LIMIT_MISSING');
  });

  it('finds a row that does not hold', () => {
    const rows = [{ id: 'row', coefficients: new Map([['N', -1n]]), bound: 3n }];
    expect(faultIn({ ...held, grid: { ...held.grid, rows } }, rightOutcome(held))).toBe('ROW_EXCEEDED');
  });
});
