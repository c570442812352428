import { integer, object, type TypeOf } from '../decode';
import type { RuleSet } from '../rule-set';

/** The deadlines of disputes in a rule set, in quarter hours of the ledger clock. */
export const disputeRulesCodec = object({
  /** After the last quarter hour that a posting set is about it can be disputed for so long. */
  raiseWithinSlots: integer(1, 40_000),
  /** The other side has at least and at most so long to answer. */
  answerSlotsMin: integer(1, 10_000),
  answerSlotsMax: integer(1, 20_000),
  /** After the time for answers the regulator has so long to rule. */
  ruleWithinSlots: integer(1, 20_000),
});
export type DisputeRules = TypeOf<typeof disputeRulesCodec>;

const slotsOfDays = (days: number): number => days * 96;

/** What holds where a rule set does not say: 60 days to dispute, 7 to 30 days to answer, 60 days to rule. */
export const defaultDisputeRules: DisputeRules = {
  raiseWithinSlots: slotsOfDays(60),
  answerSlotsMin: slotsOfDays(7),
  answerSlotsMax: slotsOfDays(30),
  ruleWithinSlots: slotsOfDays(60),
};

/** The deadlines of disputes that a rule set sets. */
export function disputeRulesOf({ disputes }: Pick<RuleSet, 'disputes'>): DisputeRules {
  return disputes ?? defaultDisputeRules;
}

/** What is wrong with the deadlines of a rule set; undefined for nothing. */
export function findDisputeProblem({ disputes }: Pick<RuleSet, 'disputes'>): string | undefined {
  const isEmpty = disputes !== undefined && disputes.answerSlotsMin > disputes.answerSlotsMax;
  return isEmpty ? 'a dispute would have to be answered later than it may be' : undefined;
}
