import { floorSquareRoot, nearestQuotient, sum } from '../../math';
import { ppmWhole } from '../../units';
import type { BaselineAdjustment, BaselineMethod } from './rule';

/** A baseline of an interval without an event, and what was measured in it: both import less export, in Wh. */
export interface PlaceboInterval {
  readonly baselineWh: bigint;
  readonly actualWh: bigint;
}

/** How well a baseline meets what happens without an event, in millionths. */
export interface BaselineScore {
  /** Σ(baseline − actual) ÷ Σ actual: above zero where the baseline is too high. */
  readonly biasPpm: bigint;
  /** √mean((baseline − actual)²) ÷ mean(actual). */
  readonly rrmsePpm: bigint;
  readonly intervals: number;
}

/** A baseline is good enough for settlement up to this relative error: 20 % (PJM, AEMO). */
export const baselineGatePpm = 200_000n;

/** The accuracy of a baseline on placebo days, rounded to the nearest ppm; undefined where nothing was used in them. */
export function scoreBaseline(intervals: readonly PlaceboInterval[]): BaselineScore | undefined {
  const actualWh = sum(intervals.map((interval) => interval.actualWh));
  if (actualWh <= 0n) {
    return undefined;
  }
  const errors = intervals.map((interval) => interval.baselineWh - interval.actualWh);
  const squares = BigInt(intervals.length) * sum(errors.map((error) => error * error));
  // Twice the root is taken, so that its last bit tells how to round.
  const twiceRoot = floorSquareRoot((4n * squares * ppmWhole * ppmWhole) / (actualWh * actualWh));
  return {
    biasPpm: nearestQuotient(sum(errors) * ppmWhole, actualWh),
    rrmsePpm: (twiceRoot + 1n) / 2n,
    intervals: intervals.length,
  };
}

/** A method with an adjustment and its accuracy for one portfolio. */
export interface ScoredBaseline {
  readonly method: BaselineMethod;
  readonly adjustment: BaselineAdjustment;
  readonly score: BaselineScore;
}

/**
 * The method for a portfolio: of those that pass the gate the one with the least bias, for bias is money; where none passes, the one
 * with the least error. Ties go to the one that stands first. Undefined where there is nothing to choose from.
 */
export function chooseBaseline(
  scored: readonly ScoredBaseline[],
  gatePpm = baselineGatePpm,
): ScoredBaseline | undefined {
  const passing = scored.filter(({ score }) => score.rrmsePpm <= gatePpm);
  const weight = ({ score: { biasPpm, rrmsePpm } }: ScoredBaseline): bigint => {
    const size = biasPpm < 0n ? -biasPpm : biasPpm;
    return passing.length > 0 ? size : rrmsePpm;
  };
  const eligible = passing.length > 0 ? passing : scored;
  let best: ScoredBaseline | undefined;
  for (const candidate of eligible) {
    if (best === undefined || weight(candidate) < weight(best)) {
      best = candidate;
    }
  }
  return best;
}
