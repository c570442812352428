import { deriveGridClearing, searchBindingLimits } from '@flexledger/domain';
import { corruptHints } from './corrupt-hints';
import { domainMarket, referenceRules } from './domain-market';
import { randomMarket } from './random-market';
import { RandomSource } from './random-source';

/*
 * An oracle names limits. They are changed here in every way in which somebody could gain by it: the outcome never changes by what the
 * oracle says.
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
});
