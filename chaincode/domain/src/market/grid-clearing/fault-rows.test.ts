import * as fc from 'fast-check';
import { branch, gridOf, middleRules, orderAt, type GridMarket } from '../../testing/grid-market-fixture';
import type { Side } from '../types';
import type { GridClearingFault } from './fault';
import { findRowsClearingFault } from './fault-rows';
import { deriveWithRows, searchRows } from './rows-derive';
import { ptdfRows } from './rows-network';
import type { ClearingGrid, GridIntervalClearing, GridOrder } from './types';

/** How large the numbers of a random market are. */
interface Scale {
  readonly energyMaxWh: bigint;
  readonly limitMaxWh: bigint;
  readonly price: bigint;
}

const small: Scale = { energyMaxWh: 9n, limitMaxWh: 12n, price: 1n };
const large: Scale = { energyMaxWh: 4_000n, limitMaxWh: 3_000n, price: 30_000n };

const ordersOn = (buses: number, { energyMaxWh, price }: Scale): fc.Arbitrary<readonly GridOrder[]> =>
  fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: buses - 1 }),
        fc.constantFrom<Side>('buy', 'sell'),
        fc.bigInt({ min: 1n, max: energyMaxWh }),
        fc.bigInt({ min: 0n, max: 8n }),
      ),
      { minLength: 2, maxLength: 14 },
    )
    .map((all) =>
      all.map(([bus, side, energyWh, steps], index) =>
        orderAt(`bus${bus}`, `order${String(index).padStart(2, '0')}`, side, energyWh, steps * price),
      ),
    );

/** A tree on which the resistance of the way that two buses share makes the rows, as voltages do; limits of branches beside them. */
function feeder(scale: Scale): fc.Arbitrary<GridMarket> {
  const link = fc.record({
    parent: fc.nat(),
    resistance: fc.bigInt({ min: 1n, max: 9n }),
    limitWh: fc.option(fc.bigInt({ min: 0n, max: scale.limitMaxWh }), { nil: undefined }),
    high: fc.bigInt({ min: 0n, max: 12n * scale.limitMaxWh }),
    low: fc.bigInt({ min: 0n, max: 12n * scale.limitMaxWh }),
  });
  return fc.array(link, { minLength: 2, maxLength: 5 }).chain((links) => {
    const parents = links.map(({ parent }, index) => parent % (index + 1));
    const way = (bus: number): readonly number[] => (bus === 0 ? [] : [bus, ...way(parents[bus - 1] ?? 0)]);
    const shared = (left: number, right: number): bigint =>
      way(left)
        .filter((bus) => way(right).includes(bus))
        .reduce((total, bus) => total + (links[bus - 1]?.resistance ?? 0n), 0n);
    const buses = links.map((_, index) => index + 1);
    const rows = links.flatMap(({ high, low }, index) => {
      const at = (sign: bigint) => new Map(buses.map((bus) => [`bus${bus}`, sign * shared(index + 1, bus)]));
      const id = `bus${index + 1}`;
      return [
        { id: `${id} high`, coefficients: at(1n), bound: high },
        { id: `${id} low`, coefficients: at(-1n), bound: low },
      ];
    });
    const branches = links.map(({ limitWh }, index) =>
      branch(`bus${parents[index] ?? 0}`, `bus${index + 1}`, limitWh, limitWh),
    );
    const grid: ClearingGrid = { ...gridOf('bus0', ...branches), rows };
    return ordersOn(links.length + 1, scale).map((orders) => ({ orders, grid, rules: rulesOf(scale) }));
  });
}

/** A ring with a chord, whose lines are rows. */
function mesh(scale: Scale): fc.Arbitrary<GridMarket> {
  const ends = [
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 0],
    [0, 2],
  ] as const;
  const line = fc.tuple(fc.bigInt({ min: 0n, max: scale.limitMaxWh }), fc.bigInt({ min: 1n, max: 4n }));
  return fc.tuple(fc.array(line, { minLength: 5, maxLength: 5 }), ordersOn(4, scale)).map(([drawn, orders]) => {
    const buses = ['bus0', 'bus1', 'bus2', 'bus3'];
    const lines = ends.map(([from, to], index) => ({
      id: `${from}${to}`,
      fromBus: `bus${from}`,
      toBus: `bus${to}`,
      limitWh: drawn[index]?.[0] ?? 0n,
      reactanceMilliOhm: drawn[index]?.[1] ?? 1n,
    }));
    const rows = ptdfRows('bus0', buses, lines);
    if (rows === undefined) throw new Error('the lines join all buses');
    return { orders, grid: { slackBus: 'bus0', buses, branches: [], rows }, rules: rulesOf(scale) };
  });
}

function rulesOf({ price }: Scale): GridMarket['rules'] {
  return { ...middleRules, priceCapMicroPerKwh: 10n * price };
}

function rightOutcome({ grid, orders, rules }: GridMarket): GridIntervalClearing {
  const hint = searchRows(orders, grid, 64);
  if (hint === undefined) throw new Error('the search finds what binds');
  const derived = deriveWithRows(orders, grid, hint, rules);
  if (derived.kind === 'refused') throw new Error(derived.code);
  return derived.clearing;
}

function faultIn({ grid, orders, rules }: GridMarket, clearing: GridIntervalClearing): GridClearingFault | undefined {
  return findRowsClearingFault(orders, grid, clearing, rules);
}

/** Everything that moves one number of an outcome by a step, or takes something out, each with what it is. */
function mutations(
  { orders }: GridMarket,
  right: GridIntervalClearing,
  pick: number,
): readonly (readonly [string, GridIntervalClearing])[] {
  const { bindingLimits, fills, flows, zones } = right;
  const at = <T>(list: readonly T[], change: (entry: T) => readonly T[]): readonly T[] =>
    list.flatMap((entry, index) => (index === pick % list.length ? change(entry) : [entry]));
  const priced = (by: bigint) =>
    at(zones, (zone) => {
      const { price } = zone;
      return [{ ...zone, price: price && { ...price, clearingMicroPerKwh: price.clearingMicroPerKwh + by } }];
    });
  return [
    ['traded', { ...right, tradedWh: right.tradedWh + 1n }],
    ['welfare', { ...right, welfareNano: right.welfareNano - 1n }],
    ['rent', { ...right, rentNano: right.rentNano + 1n }],
    ['a Wh more', { ...right, fills: at(fills, (fill) => [{ ...fill, energyWh: fill.energyWh + 1n }]) }],
    ['a fill less', { ...right, fills: at(fills, () => []) }],
    ['fills turned round', { ...right, fills: fills.length > 1 ? [...fills].reverse() : [] }],
    ['a flow', { ...right, flows: at(flows, (flow) => [{ ...flow, forwardWh: flow.forwardWh + 1n }]) }],
    ['a price', { ...right, zones: priced(50n) }],
    ['a price by one', { ...right, zones: dearer(orders, right) }],
    ['no prices', { ...right, zones: zones.map((zone) => ({ ...zone, price: undefined })) }],
    ['a zone less', { ...right, zones: at(zones, () => []) }],
    ['a limit less', { ...right, bindingLimits: at(bindingLimits, () => []) }],
    ['a dual', { ...right, bindingLimits: at(bindingLimits, (limit) => [moved(limit)]) }],
    ['a limit twice', { ...right, bindingLimits: at(bindingLimits, (limit) => [limit, limit]) }],
    ['an unknown limit', { ...right, bindingLimits: at(bindingLimits, (limit) => [{ ...limit, id: 'moon' }]) }],
  ];
}

/** The first zone that exports or imports has a price that is higher by one. */
function dearer(orders: readonly GridOrder[], { fills, zones }: GridIntervalClearing): GridIntervalClearing['zones'] {
  const filled = new Map(fills.map(({ energyWh, orderId }) => [orderId, energyWh]));
  const netOf = (busIds: readonly string[]): bigint =>
    orders
      .filter(({ busId }) => busIds.includes(busId))
      .reduce((net, { orderId, side }) => net + (side === 'sell' ? 1n : -1n) * (filled.get(orderId) ?? 0n), 0n);
  const first = zones.findIndex(({ busIds }) => netOf(busIds) !== 0n);
  return zones.map((zone, index) => {
    const { price } = zone;
    return index === first && price !== undefined
      ? { ...zone, price: { ...price, clearingMicroPerKwh: price.clearingMicroPerKwh + 1n } }
      : zone;
  });
}

/** A shadow price that is off by more than roundings explain. */
function moved<T extends GridIntervalClearing['bindingLimits'][number]>(limit: T): T {
  return { ...limit, shadowPriceMicroPerKwh: limit.shadowPriceMicroPerKwh + 1_000n };
}

/** Mutations that change nothing where there is nothing to change, or that roundings hide. */
function changesNothing(
  what: string,
  { bindingLimits, flows, rentNano, tradedWh, zones }: GridIntervalClearing,
): boolean {
  const limit = bindingLimits[0];
  return (
    (tradedWh === 0n && what !== 'traded' && what !== 'welfare' && what !== 'rent') ||
    (what === 'a flow' && flows.length === 0) ||
    (bindingLimits.length === 0 && ['a limit less', 'a dual', 'a limit twice', 'an unknown limit'].includes(what)) ||
    // A limit that is worth nothing may be left out, as far as anybody can tell from the prices.
    (what === 'a limit less' && (limit === undefined || rentNano === 0n || bindingLimits.length > 1)) ||
    (what === 'a price by one' && zones.length > 0 && rentNano === 0n)
  );
}

describe('the second look at an outcome that general rows have decided', () => {
  it.each([
    ['feeders with small numbers', feeder(small)],
    ['feeders with large numbers', feeder(large)],
    ['meshes with small numbers', mesh(small)],
    ['meshes with large numbers', mesh(large)],
  ])('finds nothing wrong with what the rule clears (%s)', (_, markets) => {
    let [traded, bound] = [0, 0];
    fc.assert(
      fc.property(markets, (market) => {
        const right = rightOutcome(market);
        expect(faultIn(market, right)).toBeUndefined();
        traded += right.tradedWh > 0n ? 1 : 0;
        bound += right.bindingLimits.some(({ direction }) => direction === 'row') ? 1 : 0;
      }),
      { seed: 20_261_127, numRuns: 400 },
    );
    expect(traded).toBeGreaterThan(200);
    expect(bound).toBeGreaterThan(60);
  });

  it.each([
    ['feeders', feeder(large)],
    ['meshes', mesh(large)],
  ])('finds every number that is moved and everything that is left out (%s)', (_, markets) => {
    const found = new Map<string, number>();
    fc.assert(
      fc.property(markets, fc.nat(), (market, pick) => {
        const right = rightOutcome(market);
        for (const [what, wrong] of mutations(market, right, pick)) {
          if (!changesNothing(what, right)) {
            expect([what, faultIn(market, wrong)]).not.toEqual([what, undefined]);
            found.set(what, (found.get(what) ?? 0) + 1);
          }
        }
      }),
      { seed: 20_261_128, numRuns: 200 },
    );
    for (const count of found.values()) expect(count).toBeGreaterThan(5);
  });
});
