import { demand } from '../../errors';
import { greatest } from '../../math';
import { ppmWhole } from '../../units';
import { provenBound } from './certificate';
import { checkPlans, type PlansOutcome } from './plans';
import { ceilingOf, type PreparedCase } from './prepare';
import type { DisaggregationAnswer } from './rows';

/** How far an answer may be from the best one, in millionths of its objective. */
export function gapPpmOf({
  boundNano,
  objectiveNano,
}: Pick<DisaggregationAnswer, 'boundNano' | 'objectiveNano'>): bigint {
  return ceilingOf((objectiveNano - boundNano) * ppmWhole, greatest<bigint>(objectiveNano, 1n));
}

/** An answer that has been proven. */
export interface ProvenAnswer extends PlansOutcome {
  readonly gapPpm: bigint;
}

/**
 * Accepts an answer only if its profiles keep every rule, cost what it states, and are proven to be within the agreed gap by its certificate.
 *
 * @throws RuleError with a FLEX_PLAN_ code, FLEX_OBJECTIVE_MISSTATED, FLEX_CERTIFICATE_TOO_LARGE, FLEX_CERTIFICATE_INVALID,
 * FLEX_BOUND_MISSTATED or FLEX_GAP_EXCEEDED
 */
export function proveAnswer(prepared: PreparedCase, answer: DisaggregationAnswer, gapPpmMax: bigint): ProvenAnswer {
  const { boundNano, certificate, objectiveNano, plans } = answer;
  const outcome = checkPlans(prepared, plans);
  demand(outcome.objectiveNano === objectiveNano, 'FLEX_OBJECTIVE_MISSTATED', {
    objectiveNano: outcome.objectiveNano.toString(),
  });
  demand(provenBound(prepared, certificate) === boundNano, 'FLEX_BOUND_MISSTATED');
  const gapPpm = gapPpmOf(answer);
  demand(gapPpm <= gapPpmMax, 'FLEX_GAP_EXCEEDED', { gapPpm: gapPpm.toString(), gapPpmMax: gapPpmMax.toString() });
  return { ...outcome, gapPpm };
}

/** Whether an answer is better than another: it costs less, or as much and is proven closer. */
export function isBetter(
  answer: Pick<DisaggregationAnswer, 'boundNano' | 'objectiveNano'>,
  other: Pick<DisaggregationAnswer, 'boundNano' | 'objectiveNano'>,
): boolean {
  if (answer.objectiveNano !== other.objectiveNano) return answer.objectiveNano < other.objectiveNano;
  return answer.boundNano > other.boundNano;
}
