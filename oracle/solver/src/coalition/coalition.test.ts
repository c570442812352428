import {
  coalitionGapPpm,
  greedyCoalition,
  prepareCoalition,
  proveCoalition,
  type CoalitionAnswer,
  type CoalitionCase,
} from '@flexledger/domain';
import { Solver } from '../solver';
import { randomCoalition } from '../testing/random-coalition';
import { solveCoalition } from './solve-coalition';

const MEMORY_BYTES = 1_024 * 1_048_576;

async function solved(asked: CoalitionCase, gapPpm: bigint, timeMsMax: number): Promise<CoalitionAnswer> {
  const solver = new Solver({ timeMsMax, memoryBytesMax: MEMORY_BYTES });
  try {
    const options = { gapPpm, timeMsMax, now: () => performance.now() };
    return (await solveCoalition(asked, solver, options)).answer;
  } finally {
    await solver.close();
  }
}

describe('a choice of coalitions', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'is proven to be the best one in a small case (seed %i)',
    async (seed) => {
      const asked = randomCoalition(seed, { assets: 2 + (seed % 3), steps: 2, requests: 2, unitW: 1 });
      const answer = await solved(asked, 0n, 60_000);
      expect(answer.boundNano).toBe(answer.objectiveNano);
      expect(answer.objectiveNano).toBeGreaterThanOrEqual(greedyCoalition(prepareCoalition(asked)).objectiveNano);
    },
    120_000,
  );

  it('is found for many assets with a bound, and earns no less than the fallback', async () => {
    const asked = randomCoalition(7, { assets: 100, steps: 12, requests: 4, unitW: 1_000 });
    const prepared = prepareCoalition(asked);
    const answer = await solved(asked, 20_000n, 10_000);
    const fallback = greedyCoalition(prepared);
    expect(proveCoalition(prepared, answer, coalitionGapPpm(answer))).toBe(coalitionGapPpm(answer));
    expect(answer.objectiveNano).toBeGreaterThanOrEqual(fallback.objectiveNano);
    expect(answer.boundNano).toBeLessThan(fallback.boundNano);
  }, 120_000);
});
