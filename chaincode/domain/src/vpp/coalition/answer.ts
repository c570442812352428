import { demand } from '../../errors';
import { greatest, mulDivCeil } from '../../math';
import { ppmWhole } from '../../units';
import { provenCoalitionBound } from './certificate';
import { checkChoice, nanoOf } from './choice';
import type { PreparedCoalition } from './prepare';
import type { CoalitionAnswer } from './rows';

type Proven = Pick<CoalitionAnswer, 'boundNano' | 'objectiveNano'>;

/** How far the best answer may be above this one, in millionths of its objective. */
export function coalitionGapPpm({ boundNano, objectiveNano }: Proven): bigint {
  return mulDivCeil(greatest(boundNano - objectiveNano, 0n), ppmWhole, greatest<bigint>(objectiveNano, 1n));
}

/**
 * Accepts an answer only if it keeps every rule, earns what it states, and is proven to be within the agreed gap by its certificate.
 *
 * @throws RuleError with a VPP_PLAN_ code, VPP_OBJECTIVE_MISSTATED, VPP_CERTIFICATE_TOO_LARGE,
 * VPP_CERTIFICATE_INVALID, VPP_BOUND_MISSTATED or VPP_GAP_EXCEEDED
 */
export function proveCoalition(prepared: PreparedCoalition, answer: CoalitionAnswer, gapPpmMax: bigint): bigint {
  const earned = nanoOf(checkChoice(prepared, answer));
  demand(earned === answer.objectiveNano, 'VPP_OBJECTIVE_MISSTATED', { objectiveNano: earned.toString() });
  demand(provenCoalitionBound(prepared, answer.certificate) === answer.boundNano, 'VPP_BOUND_MISSTATED');
  const gapPpm = coalitionGapPpm(answer);
  demand(gapPpm <= gapPpmMax, 'VPP_GAP_EXCEEDED', { gapPpm: gapPpm.toString(), gapPpmMax: gapPpmMax.toString() });
  return gapPpm;
}

/** Whether an answer is better than another: it earns more, or as much and is proven closer. */
export function isBetterCoalition(answer: Proven, other: Proven): boolean {
  if (answer.objectiveNano !== other.objectiveNano) return answer.objectiveNano > other.objectiveNano;
  return answer.boundNano < other.boundNano;
}
