import { deriveGridClearing, findGridClearingFault, searchBindingLimits } from '@flexledger/domain';
import { corruptHints } from './corrupt-hints';
import { corruptOutcomes } from './corrupt-outcomes';
import { domainMarket, referenceRules } from './domain-market';
import { randomMarket } from './random-market';
import { RandomSource } from './random-source';

/*
 * An oracle names limits, and whoever writes an outcome writes all of it. Both are changed here in every way in which somebody could gain
 * by it: the outcome never changes by what the oracle says, and a changed outcome is noticed by the second look.
 */

const MARKETS = 1_000;
const FIRST_SEED = 3_600_000;
const ROUNDS_MAX = 64;

function clearedMarket(seed: number) {
  const rules = referenceRules(seed);
  const market = domainMarket(randomMarket(seed, { limits: true }));
  const hint = searchBindingLimits(market.orders, market.grid, rules, ROUNDS_MAX)!;
  const derived = deriveGridClearing(market.orders, market.grid, hint, rules);
  if (derived.kind === 'refused') throw new Error(`market ${seed} is refused: ${derived.code}`);
  return { ...market, rules, hint, clearing: derived.clearing };
}

describe('a corrupt oracle', () => {
  test('never changes the outcome of a thousand random markets: its answer is refused, or changes nothing', () => {
    const counts = { refused: 0, same: 0 };
    for (let seed = FIRST_SEED; seed < FIRST_SEED + MARKETS; seed += 1) {
      const { clearing, grid, hint, orders, rules } = clearedMarket(seed);
      for (const { value, what } of corruptHints(hint, grid, orders, new RandomSource(seed))) {
        const derived = deriveGridClearing(orders, grid, value, rules);
        counts[derived.kind === 'refused' ? 'refused' : 'same'] += 1;
        if (derived.kind === 'cleared')
          expect({ seed, what, ...derived.clearing }).toEqual({ seed, what, ...clearing });
      }
    }
    expect(counts.refused).toBeGreaterThan(3 * MARKETS);
    expect(counts.same).toBeGreaterThan(MARKETS);
  }, 600_000);

  test('cannot write another outcome of a thousand random markets: the second look finds what was changed', () => {
    let changes = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + MARKETS; seed += 1) {
      const { clearing, grid, orders, rules } = clearedMarket(seed);
      expect({ seed, fault: findGridClearingFault(orders, grid, clearing, rules) }).toEqual({ seed, fault: undefined });
      for (const { value, what } of corruptOutcomes(clearing, orders, new RandomSource(seed))) {
        const fault = findGridClearingFault(orders, grid, value, rules);
        expect({ seed, what, found: fault !== undefined }).toEqual({ seed, what, found: true });
        changes += 1;
      }
    }
    expect(changes).toBeGreaterThan(10 * MARKETS);
  }, 600_000);
});
