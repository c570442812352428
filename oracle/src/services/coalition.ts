import { coalitionGapPpm, type CoalitionCase, type JsonObject } from '@flexledger/domain';
import { solveCoalition, type Solver } from '@flexledger/solver';
import { coalitionInputCodec } from '../codecs';
import type { CaseWithGap, ChosenCoalitions, CoalitionService } from '../service';

/** What one choice of coalitions may take of the oracle's time, where a better proof could be had for more. */
export const COALITION_MS_MAX = 60_000;

/** Cases of at most so many assets are solved until bound and objective are the same number, or the time is over. */
const SMALL_ASSETS = 12;

/**
 * Chooses which assets serve which request in which step, with the proof of how good that is. Small cases are solved to the end, larger ones until
 * the agreed gap or the time is reached; an answer that is not within the gap is sent to nobody.
 *
 * @throws SolverError and RuleError; its certificate Error, where the agreed gap is not reached in time
 */
export function coalition(
  solver: Pick<Solver, 'solve'>,
  now: () => number = () => performance.now(),
  timeMsMax = COALITION_MS_MAX,
): CoalitionService {
  return {
    name: 'coalition',
    version: '1',
    input: coalitionInputCodec,
    run({ asked, gapPpmMax }) {
      const gapPpm = asked.assets.length <= SMALL_ASSETS ? 0n : gapPpmMax;
      return solveCoalition(asked, solver, { gapPpm, timeMsMax, now });
    },
    certificate: certifyCoalition,
  };
}

/** How far the bound is from the answer; throws where that is more than is agreed. */
export function certifyCoalition({ gapPpmMax }: CaseWithGap<CoalitionCase>, { answer }: ChosenCoalitions): JsonObject {
  const gapPpm = coalitionGapPpm(answer);
  if (gapPpm > gapPpmMax) {
    throw new Error(`the bound is ${gapPpm} ppm above the answer, and ${gapPpmMax} are agreed`);
  }
  return { gapPpm: gapPpm.toString(), gapPpmMax: gapPpmMax.toString() };
}
