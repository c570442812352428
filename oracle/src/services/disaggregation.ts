import { gapPpmOf, type DisaggregationCase, type JsonObject } from '@flexledger/domain';
import { solveDisaggregation, type Solver } from '@flexledger/solver';
import { splitInputCodec } from '../codecs';
import type { CaseWithGap, DisaggregationService, FoundSplit } from '../service';

/** What one order may take of the oracle's time, where a better proof could be had for more. */
export const DISAGGREGATION_MS_MAX = 60_000;

/** Cases of at most so many assets times slots are solved to the end. */
const SMALL_CELLS = 1_500;

/**
 * Splits an order among enrolled assets, with the proof of how good that is. Small cases are solved until bound and cost are the same number,
 * large ones until the agreed gap or the time is reached; an answer that is not within the gap is sent to nobody.
 *
 * @throws SolverError and RuleError; its certificate Error, where the agreed gap is not reached in time
 */
export function disaggregation(
  solver: Pick<Solver, 'solve'>,
  now: () => number = () => performance.now(),
  timeMsMax = DISAGGREGATION_MS_MAX,
): DisaggregationService {
  return {
    name: 'disaggregation',
    version: '1',
    input: splitInputCodec,
    run({ asked, gapPpmMax }) {
      const cells = asked.assets.length * asked.slots.length;
      const gapPpm = cells <= SMALL_CELLS ? 0n : gapPpmMax;
      return solveDisaggregation(asked, solver, { gapPpm, timeMsMax, now });
    },
    certificate: certifySplit,
  };
}

/** How far the bound is from the answer; throws where that is more than is agreed. */
export function certifySplit({ gapPpmMax }: CaseWithGap<DisaggregationCase>, { answer }: FoundSplit): JsonObject {
  const gapPpm = gapPpmOf(answer);
  if (gapPpm > gapPpmMax) {
    throw new Error(`the answer is ${gapPpm} ppm above its bound, and ${gapPpmMax} are agreed`);
  }
  return { gapPpm: gapPpm.toString(), gapPpmMax: gapPpmMax.toString() };
}
