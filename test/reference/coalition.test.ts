import {
  coalitionGapPpm,
  greedyCoalition,
  nano,
  noMultipliers,
  prepareCoalition,
  proveCoalition,
  relaxCoalition,
  RuleError,
  w,
  type CoalitionAnswer,
  type PreparedCoalition,
} from '@flexledger/domain';
import { Solver, solveCoalition } from '@flexledger/solver';
import { mostEarnedNano, randomCoalitionCase } from './coalition';

/*
 * Coalitions against trying everything, with code that shares nothing with the project's: 500 random cases of at most 12 assets. What an oracle
 * finds is the best choice and proven to be; what answers without one keeps every rule and earns no more than that; no proof states less than the
 * best choice earns.
 */

const CASES = 500;
const FIRST_SEED = 1;

/** Any gap is accepted: only rules, what is earned, and the proof count. */
const ANY_GAP_PPM = 10n ** 30n;

function refusal(prepared: PreparedCoalition, answer: CoalitionAnswer, gapPpm: bigint): string {
  try {
    proveCoalition(prepared, answer, gapPpm);
  } catch (error) {
    if (error instanceof RuleError) return error.code;
    throw error;
  }
  return 'accepted';
}

const solver = new Solver({ timeMsMax: 60_000, memoryBytesMax: 256 * 1_048_576 });

afterAll(() => solver.close());

describe('coalitions that an oracle chooses', () => {
  test('earn what trying everything finds, and are proven to, in 500 random cases', async () => {
    for (let index = 0; index < CASES; index += 1) {
      const asked = randomCoalitionCase(FIRST_SEED + index);
      const options = { gapPpm: 0n, timeMsMax: 60_000, now: () => performance.now() };
      const { answer } = await solveCoalition(asked, solver, options);
      const { boundNano, objectiveNano } = answer;
      const most = mostEarnedNano(asked);
      expect({ index, objectiveNano, boundNano }).toEqual({ index, objectiveNano: most, boundNano: most });
      expect(proveCoalition(prepareCoalition(asked), answer, 0n)).toBe(0n);
    }
  }, 1_800_000);
});

describe('coalitions without an oracle', () => {
  test('keep every rule, earn no more than what trying everything finds, and state no bound below it, in 500 random cases', () => {
    let best = 0;
    let earning = 0;
    for (let index = 0; index < CASES; index += 1) {
      const asked = randomCoalitionCase(FIRST_SEED + index);
      const prepared = prepareCoalition(asked);
      const answer = greedyCoalition(prepared);
      const most = mostEarnedNano(asked);
      proveCoalition(prepared, answer, ANY_GAP_PPM);
      expect({ index, isAtMost: answer.objectiveNano <= most }).toEqual({ index, isAtMost: true });
      expect({ index, isAtLeast: answer.boundNano >= most }).toEqual({ index, isAtLeast: true });
      earning += Number(most > 0n);
      best += Number(most > 0n && answer.objectiveNano === most);
      expect({ index, isNone: (relaxCoalition(prepared, noMultipliers(prepared)).boundNano ?? 0n) >= most }).toEqual({
        index,
        isNone: true,
      });
    }
    // Most cases have something to earn, and many of these are solved without an oracle.
    expect(earning).toBeGreaterThan(CASES / 2);
    expect(best).toBeGreaterThan(earning / 3);
  }, 900_000);

  test('are refused where they are worse than the agreed gap, or state what they do not earn', () => {
    let worse = 0;
    for (let index = 0; index < CASES; index += 1) {
      const prepared = prepareCoalition(randomCoalitionCase(FIRST_SEED + index));
      const answer = greedyCoalition(prepared);
      if (answer.objectiveNano === 0n) continue;
      worse += 1;
      // Nothing served is a choice that keeps every rule: it earns nothing, however well that is proven.
      const nothing = {
        ...answer,
        assignments: [],
        served: answer.served.map((served) => ({ ...served, slicesW: served.slicesW.map(() => w(0n)) })),
        objectiveNano: nano(0n),
      };
      expect(refusal(prepared, nothing, coalitionGapPpm(answer))).toBe('VPP_GAP_EXCEEDED');
      const more = { ...answer, objectiveNano: nano(answer.objectiveNano + 1n) };
      expect(refusal(prepared, more, ANY_GAP_PPM)).toBe('VPP_OBJECTIVE_MISSTATED');
      const lower = { ...answer, boundNano: nano(answer.boundNano - 1n) };
      expect(refusal(prepared, lower, ANY_GAP_PPM)).toBe('VPP_BOUND_MISSTATED');
    }
    expect(worse).toBeGreaterThan(CASES / 4);
  }, 300_000);
});
