import { findPriorityProblem } from './commitments/priority';
import { priorityClassCodec } from './commitments/rows';
import { array, boolean, integer, object, oneOf, optional, type TypeOf } from './decode';
import { disputeRulesCodec, findDisputeProblem } from './disputes/rules';
import { demand } from './errors';
import { flexibilityRulesCodec } from './flexibility/rules';
import { participantIdCodec } from './ids';
import { oracleRulesCodec } from './oracle/rules';
import { findBackstopProblem } from './rule-set/backstop';
import { memberLimitsCodec } from './rule-set/member-limits';
import { findProductsProblem, productCodec, productsMax } from './rule-set/products';
import { sellerAssetsCodec } from './rule-set/seller-assets';
import {
  contractRuleCodec,
  curtailmentCompensationCodec,
  deliverySignalsCodec,
  imbalancePricingCodec,
  rentShareCodec,
} from './rule-set/settlement';
import { microPerKwhCodec, ppmCodec, whCodec } from './units';
import { limits } from './limits';
import { vppRulesCodec } from './vpp/rules';
import { setPointRulesCodec } from './set-points/rows';

/**
 * The numbers of the market and of settlement that are in force together. A rule set is never edited: a change is a new one with
 * the next number. Prices are in micro-units per kWh, shares in ppm.
 */
export const ruleSetCodec = object({
  number: integer(1, 1_000_000),
  /** Quarter hours of one market time unit: an hour. */
  marketTimeUnitSlots: oneOf(4),
  /** What sessions trade; absent for day-ahead sessions of up to 24 market time units. */
  products: optional(array(productCodec, productsMax, 1)),
  /** One price per interval (and zone) for all, or the middle of the two limits for each pair. */
  mechanism: oneOf('uniform', 'pay-as-bid'),
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
  /** What else a member may have in a session; absent for no further limits. */
  memberLimits: optional(memberLimitsCodec),
  /** How offers at one marginal price share what is sold: by offered energy (so where absent), by installed kW, or in turns. */
  curtailment: optional(oneOf('pro-rata', 'per-kw', 'rotating')),
  /** By what sellers are known: registered assets and meters (green or not, installed kW); absent: all members alike, by their connection. */
  sellerAssets: optional(sellerAssetsCodec),
  /** True where orders of members that are suspended in the slot of the gate are void; absent for no. */
  suspendedOrdersVoid: optional(boolean),
  /** True where the balancing participant's orders stand at retail and feed-in price and at no other; absent for no. */
  backstop: optional(boolean),
  /** What the balancing party takes for energy outside the market. */
  retailPriceMicroPerKwh: microPerKwhCodec,
  /** What the balancing party pays for energy outside the market. */
  feedInPriceMicroPerKwh: microPerKwhCodec,
  /** What a participant pays for energy it took and had not bought. */
  imbalanceShortMicroPerKwh: microPerKwhCodec,
  /** What a participant gets for energy it delivered and had not sold. */
  imbalanceLongMicroPerKwh: microPerKwhCodec,
  /** How filed imbalance prices settle deviations; absent for the two fixed prices above. These stay what collateral is worked out with. */
  imbalancePricing: optional(imbalancePricingCodec),
  /** How the rent of grid limits goes back to the members; absent: it stays on its account. */
  rentShare: optional(rentShareCodec),
  /** Whether what to inject and consume is told by facts after clearing; absent for no. */
  deliverySignals: optional(deliverySignalsCodec),
  /** Who takes the other side of every deviation; absent until it is registered. */
  balancingParticipantId: optional(participantIdCodec),
  feePpm: ppmCodec,
  /** True where what is sold is reserved in the commitments book, and contracts between two are offered; absent: neither. */
  commitments: optional(boolean),
  /** How far contracts between two count where their seller had less; absent: whole. */
  contractDelivery: optional(contractRuleCodec),
  /** Which promises come first; absent: all are alike. */
  priorityClasses: optional(array(priorityClassCodec, limits.priorityClassesMax, 1)),
  /** What the one whose promise is displaced gets beside its money: a share of the value; absent: nothing. */
  preemptionCompensationPpm: optional(ppmCodec),
  /** By which rule the system operator may limit connections in real time; absent: not at all. */
  setPoints: optional(setPointRulesCodec),
  /** What is paid for energy that such limits hold back; absent: nothing. */
  curtailmentCompensation: optional(curtailmentCompensationCodec),
  /** By which rules flexibility is requested, offered, ordered and settled; absent: there is none. */
  flexibility: optional(flexibilityRulesCodec),
  /** By when disputes are raised, answered and ruled; absent: by the deadlines of docs/demand-response.md. */
  disputes: optional(disputeRulesCodec),
  /** By which rules virtual power plants serve; absent: there are none. */
  vpp: optional(vppRulesCodec),
  /** When an oracle's answer counts; absent: the first complete one does. */
  oracle: optional(oracleRulesCodec),
  currency: oneOf('EUR'),
});

/** A numbered rule set. */
export type RuleSet = TypeOf<typeof ruleSetCodec>;

/**
 * Refuses a rule set that contradicts itself (REGISTRY_GOVERNANCE_INVALID): floor above cap, a tick of zero or that does not
 * divide floor and cap, a long deviation that is paid better than a short one costs, which would reward deviating, two products of
 * one kind, or a backstop whose orders the other rules refuse.
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
  rule(ruleSet.setPoints?.triggerPpm !== 0n, 'connections would be limited whatever flows');
  rule(ruleSet.setPoints?.targetPpm !== 0n, 'limited connections would be left nothing');
  const isCompensated = ruleSet.curtailmentCompensation !== undefined;
  rule(!isCompensated || ruleSet.setPoints !== undefined, 'limits are compensated, but nobody may be limited');
  rule(
    ruleSet.imbalanceLongMicroPerKwh <= ruleSet.imbalanceShortMicroPerKwh,
    'a surplus is paid better than a shortfall costs',
  );
  const { commitments, preemptionCompensationPpm, priorityClasses } = ruleSet;
  const ranks = priorityClasses !== undefined || preemptionCompensationPpm !== undefined;
  rule(!ranks || commitments === true, 'there are priorities, but no commitments book');
  rule(
    ruleSet.contractDelivery === undefined || commitments === true,
    'contracts are settled that nobody can conclude',
  );
  const problems = [
    findPriorityProblem(priorityClasses ?? []),
    findProductsProblem(ruleSet),
    findBackstopProblem(ruleSet),
    findDisputeProblem(ruleSet),
  ];
  for (const problem of problems) {
    rule(problem === undefined, problem ?? '');
  }
}
