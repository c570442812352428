import * as fc from 'fast-check';
import { gridMarkets } from '../../testing/grid-market-fixture';
import { deriveGridClearing, searchBindingLimits } from './derive-grid';
import { deriveWithRows, searchRows } from './rows-derive';
import type { GridIntervalClearing, GridLimitRow } from './types';

const markets = gridMarkets({ busesMax: 6, ordersMax: 10, energyMaxWh: 7n }).map((market) => ({
  ...market,
  rules: { ...market.rules, curtailment: 'pro-rata' as const },
}));

function pricesOf({ zones }: GridIntervalClearing): ReadonlyMap<string, unknown> {
  return new Map(zones.flatMap(({ busIds, price }) => busIds.map((busId) => [busId, price] as const)));
}

function fillOf({ fills }: GridIntervalClearing, orderId: string): bigint {
  return fills.find((fill) => fill.orderId === orderId)?.energyWh ?? 0n;
}

describe('the two ways to clear a grid', () => {
  it('agree on a tree: the same prices, and fills that only rounding tells apart', () => {
    fc.assert(
      fc.property(markets, ({ orders, grid, rules }) => {
        const onTree = deriveGridClearing(orders, grid, searchBindingLimits(orders, grid, rules, 64)!, rules);
        const byRows = deriveWithRows(orders, grid, searchRows(orders, grid, 64)!, rules);
        if (onTree.kind === 'refused' || byRows.kind === 'refused') throw new Error('A tree is cleared both ways.');
        for (const { orderId } of orders) {
          const difference = fillOf(onTree.clearing, orderId) - fillOf(byRows.clearing, orderId);
          expect(difference >= -1n && difference <= 1n).toBe(true);
        }
        if (onTree.clearing.tradedWh > 0n && byRows.clearing.tradedWh > 0n) {
          expect(pricesOf(byRows.clearing)).toEqual(pricesOf(onTree.clearing));
        }
        for (const { id, forwardWh, backwardWh } of byRows.clearing.flows) {
          const branch = grid.branches.find((entry) => entry.id === id)!;
          expect(forwardWh <= (branch.forwardLimitWh ?? forwardWh)).toBe(true);
          expect(backwardWh <= (branch.backwardLimitWh ?? backwardWh)).toBe(true);
        }
      }),
      { seed: 20261140, numRuns: 300 },
    );
  });

  it('leave no choice between them: with rows exactly one is taken, and every hint gives its outcome or is refused', () => {
    const rowMarkets = fc.tuple(
      markets,
      fc.array(fc.array(fc.bigInt({ min: 0n, max: 5n }), { minLength: 6, maxLength: 6 }), {
        minLength: 1,
        maxLength: 2,
      }),
      fc.array(fc.bigInt({ min: 0n, max: 25n }), { minLength: 2, maxLength: 2 }),
    );
    const seen = { tree: 0, rows: 0, refused: 0 };
    fc.assert(
      fc.property(rowMarkets, ([{ orders, grid, rules }, coefficients, bounds]) => {
        const rows = coefficients.map((values, index): GridLimitRow => ({
          id: `row-${index}`,
          coefficients: new Map(grid.buses.map((busId, at) => [busId, values[at] ?? 0n])),
          bound: bounds[index]!,
        }));
        const limited = { ...grid, rows };
        const hint = searchBindingLimits(orders, limited, rules, 64)!;
        const right = deriveGridClearing(orders, limited, hint, rules);
        if (right.kind === 'refused') throw new Error(right.code);
        seen[hint.bindingLimits.some(({ direction }) => direction === 'row') ? 'rows' : 'tree'] += 1;
        const everyRow = rows.map(({ id }) => ({ id, direction: 'row' as const }));
        const branchesOnly = hint.bindingLimits.filter(({ direction }) => direction !== 'row');
        for (const bindingLimits of [branchesOnly, [...branchesOnly, ...everyRow], [], everyRow.slice(0, 1)]) {
          const other = deriveGridClearing(orders, limited, { bindingLimits }, rules);
          if (other.kind === 'refused') seen.refused += 1;
          else expect(other).toEqual(right);
        }
      }),
      { seed: 20261141, numRuns: 300 },
    );
    expect(Math.min(seen.tree, seen.rows, seen.refused)).toBeGreaterThan(20);
  });
});
