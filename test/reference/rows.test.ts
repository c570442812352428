import { deriveWithRows, findRowsClearingFault, searchRows, type ClearingGrid } from '@flexledger/domain';
import { domainMarket, referenceRules } from './domain-market';
import { loadHighs, solveRowsWithHighs } from './highs-optimum';
import type { MarketRow } from './market';
import { randomMarket, randomRows } from './random-market';

/*
 * General rows (voltages, meshed grids) against HiGHS: before its fills are rounded to whole Wh, the outcome is worth the optimum of the linear programme, as
 * exactly as a solver in floating point can say it; and the second look finds nothing wrong with it.
 */

const MARKETS = 300;
const FIRST_SEED = 9_100_000;
const ROUNDS_MAX = 64;

/** The part of the welfare that HiGHS may miss by its tolerances. */
const TOLERANCE = 1e-6;

function withRows(grid: ClearingGrid, rows: readonly MarketRow[]): ClearingGrid {
  const toDomain = ({ bound, coefficients, id }: MarketRow) => ({
    id,
    bound: BigInt(bound),
    coefficients: new Map([...coefficients].map(([bus, coefficient]) => [bus, BigInt(coefficient)])),
  });
  return { ...grid, rows: rows.map(toDomain) };
}

describe('the clearing under general rows', () => {
  test('is worth the optimum that HiGHS finds, in random markets with rows and limits', async () => {
    const highs = await loadHighs();
    const seen = { rowsBind: 0, unsupported: 0 };
    for (let seed = FIRST_SEED; seed < FIRST_SEED + MARKETS; seed += 1) {
      const market = randomMarket(seed, { limits: seed % 2 === 0 });
      const rows = randomRows(seed, market);
      const { grid: tree, orders } = domainMarket(market);
      const grid = withRows(tree, rows);
      const hint = searchRows(orders, grid, ROUNDS_MAX);
      const derived = hint && deriveWithRows(orders, grid, hint, referenceRules(seed));
      if (derived?.kind !== 'cleared') {
        seen.unsupported += 1;
        continue;
      }
      const fault = findRowsClearingFault(orders, grid, derived.clearing, referenceRules(seed));
      expect({ seed, fault }).toEqual({ seed, fault: undefined });
      const { denominator, numerator } = derived.optimalWelfareNano;
      const found = Number(numerator) / Number(denominator);
      const best = solveRowsWithHighs(highs, market, rows);
      const scale = Math.max(1, Math.abs(best));
      expect({ seed, close: Math.abs(found - best) <= TOLERANCE * scale, found, best }).toMatchObject({
        seed,
        close: true,
      });
      if (derived.duals.some(({ direction, dual }) => direction === 'row' && dual.numerator > 0n)) seen.rowsBind += 1;
    }
    expect(seen.rowsBind).toBeGreaterThan(MARKETS / 5);
    expect(seen.unsupported).toBe(0);
  }, 600_000);
});
