import { demand } from '../errors';
import { mulDivCeil } from '../math';
import type { RuleSet } from '../rule-set';
import { micro, ppmWhole, type Micro } from '../units';
import type { PriorityClass, Purpose } from './rows';

/** The class of everything for which a rule set has none: it comes after all of them. */
const standardClass = { name: 'standard', rank: 0 } as const;

/**
 * The class of a promise: the one that it names, which must be for its purpose (COMMITMENTS_CLASS_UNKNOWN), or the lowest one that is for
 * its purpose.
 */
export function priorityClassOf(
  { priorityClasses }: Pick<RuleSet, 'priorityClasses'>,
  purpose: Purpose,
  name?: string,
): Pick<PriorityClass, 'name' | 'rank'> {
  const fitting = (priorityClasses ?? []).filter((entry) => entry.purposes.includes(purpose));
  const named = name === undefined ? undefined : fitting.find((entry) => entry.name === name);
  demand(name === undefined || named !== undefined, 'COMMITMENTS_CLASS_UNKNOWN', { priorityClass: name ?? '' });
  return named ?? fitting.sort((left, right) => left.rank - right.rank)[0] ?? standardClass;
}

/** What the one who is displaced gets for energy of this value: the rule set's share of it, rounded up. */
export function preemptionCompensationMicro(
  { preemptionCompensationPpm }: Pick<RuleSet, 'preemptionCompensationPpm'>,
  valueMicro: bigint,
): Micro {
  return micro(mulDivCeil(valueMicro, preemptionCompensationPpm ?? 0n, ppmWhole));
}

/** What is wrong with the priority classes of a rule set, or undefined. */
export function findPriorityProblem(classes: readonly PriorityClass[]): string | undefined {
  if (new Set(classes.map(({ name }) => name)).size < classes.length) {
    return 'a priority class stands twice';
  }
  return new Set(classes.map(({ rank }) => rank)).size < classes.length
    ? 'two priority classes have one rank'
    : undefined;
}
