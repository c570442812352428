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
import { mostEarnedNano, randomCoalitionCase } from './coalition';

/*
 * Coalitions against trying everything, with code that shares nothing with the project's: 500 random cases of at most 12 assets. What answers
 * without an oracle keeps every rule and earns no more than the best choice; no proof states less than the best choice earns.
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
