import { boolean, integer, object, optional, type TypeOf } from '../decode';
import { RuleError } from '../errors';
import type { RuleSet } from '../rule-set';
import { microPerKwhCodec, ppm, ppmCodec } from '../units';
import { timeZoneCodec } from './time-zone';

/** The part of a rule set by which flexibility is requested, offered, ordered and settled. */
export const flexibilityRulesCodec = object({
  /** Whose local days are the periods of D-prognoses, requests, offers and orders. */
  timeZone: timeZoneCodec,
  /** How many days ahead of the ledger clock a period may begin. */
  periodDaysAheadMax: integer(1, 60),
  /** Quarter hours by which an order precedes the first one that it is about. */
  noticeSlots: integer(0, 192),
  /** True where an aggregator that offers has filed a D-prognosis of the congestion point and day: it is the baseline. */
  prognosisRequired: boolean,
  /** True where flexibility may be offered without a request. */
  unsolicitedOffers: boolean,
  /** True where an offer may have several options of which one at most is ordered. */
  exclusiveOptions: boolean,
  /** What an aggregator owes for each kWh that it sold and did not deliver. */
  penaltyMicroPerKwh: microPerKwhCodec,
  /** By which share of its cost the split of an order may be above its proven bound; absent: 2 %. */
  disaggregationGapPpm: optional(ppmCodec),
  /** What a kWh that delivered flexibility takes out of a position, or puts into it, costs; absent: nothing. */
  transferPriceMicroPerKwh: optional(microPerKwhCodec),
  /** Present where what an order can cost is set aside when it is placed; absent where it is paid from what is there at settlement. */
  cover: optional(
    object({
      /** What an aggregator sets aside when it is ordered from: this share of the penalty for delivering nothing. */
      penaltyPpm: ppmCodec,
    }),
  ),
});
export type FlexibilityRules = TypeOf<typeof flexibilityRulesCodec>;

/** How far the split of an order may be from its proven bound where the rule set does not say. */
export const disaggregationGapPpm = ppm(20_000n);

/** The rules of flexibility of the rule set in force; refuses with FLEX_OFF where it has none. */
export function flexibilityRulesOf({ flexibility, number }: Pick<RuleSet, 'flexibility' | 'number'>): FlexibilityRules {
  if (flexibility === undefined) {
    throw new RuleError('FLEX_OFF', { ruleSet: number });
  }
  return flexibility;
}
