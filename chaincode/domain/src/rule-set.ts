import { findPriorityProblem } from './commitments/priority';
import { priorityClassCodec } from './commitments/rows';
import { array, boolean, integer, object, oneOf, optional, type TypeOf } from './decode';
import { demand } from './errors';
import { participantIdCodec } from './ids';
import { microPerKwhCodec, ppmCodec, whCodec } from './units';
import { limits } from './limits';

/**
 * The numbers of the market and of settlement that are in force together. A rule set is never edited: a change is a new one with
 * the next number. Prices are in micro-units per kWh, shares in ppm.
 */
export const ruleSetCodec = object({
  number: integer(1, 1_000_000),
  /** Quarter hours of one market time unit: an hour. */
  marketTimeUnitSlots: oneOf(4),
  /** One price per interval for all. */
  mechanism: oneOf('uniform'),
  /** Which limits of the grid act in the clearing of a session; absent for none. */
  gridLimits: optional(oneOf('none', 'tree', 'tree-and-voltage')),
  /** Where the price lies between the ends of the competitive interval (k-double auction). */
  kPpm: ppmCodec,
  priceCapMicroPerKwh: microPerKwhCodec,
  priceFloorMicroPerKwh: microPerKwhCodec,
  /** Prices are whole multiples of this. */
  tickMicroPerKwh: microPerKwhCodec,
  quantityMinWh: whCodec,
  ordersPerParticipantMax: integer(1, limits.ordersPerCallMax),
  /** What the balancing party takes for energy outside the market. */
  retailPriceMicroPerKwh: microPerKwhCodec,
  /** What the balancing party pays for energy outside the market. */
  feedInPriceMicroPerKwh: microPerKwhCodec,
  /** What a participant pays for energy it took and had not bought. */
  imbalanceShortMicroPerKwh: microPerKwhCodec,
  /** What a participant gets for energy it delivered and had not sold. */
  imbalanceLongMicroPerKwh: microPerKwhCodec,
  /** Who takes the other side of every deviation; absent until it is registered. */
  balancingParticipantId: optional(participantIdCodec),
  feePpm: ppmCodec,
  /** True where what is sold is reserved in the commitments book, and contracts between two are offered; absent: neither. */
  commitments: optional(boolean),
  /** Which promises come first; absent: all are alike. */
  priorityClasses: optional(array(priorityClassCodec, limits.priorityClassesMax, 1)),
  /** What the one whose promise is displaced gets beside its money: a share of the value; absent: nothing. */
  preemptionCompensationPpm: optional(ppmCodec),
  currency: oneOf('EUR'),
});

/** A numbered rule set. */
export type RuleSet = TypeOf<typeof ruleSetCodec>;

/**
 * Refuses a rule set that contradicts itself (REGISTRY_GOVERNANCE_INVALID): floor above cap, a tick of zero or that does not
 * divide floor and cap, or a long deviation that is paid better than a short one costs, which would reward deviating.
 */
export function checkRuleSet(ruleSet: RuleSet): void {
  const tick = ruleSet.tickMicroPerKwh;
  const rule = (holds: boolean, problem: string) => {
    demand(holds, 'REGISTRY_GOVERNANCE_INVALID', { problem });
  };
  rule(tick > 0n, 'the price tick is zero');
  rule(ruleSet.priceFloorMicroPerKwh <= ruleSet.priceCapMicroPerKwh, 'the price floor is above the cap');
  rule(ruleSet.priceCapMicroPerKwh % tick === 0n, 'the price cap is not a whole number of ticks');
  rule(ruleSet.priceFloorMicroPerKwh % tick === 0n, 'the price floor is not a whole number of ticks');
  rule(ruleSet.quantityMinWh > 0n, 'the smallest quantity is zero');
  rule(
    ruleSet.imbalanceLongMicroPerKwh <= ruleSet.imbalanceShortMicroPerKwh,
    'a surplus is paid better than a shortfall costs',
  );
  const { commitments, preemptionCompensationPpm, priorityClasses } = ruleSet;
  const ranks = priorityClasses !== undefined || preemptionCompensationPpm !== undefined;
  rule(!ranks || commitments === true, 'there are priorities, but no commitments book');
  const problem = findPriorityProblem(priorityClasses ?? []);
  rule(problem === undefined, problem ?? '');
}
