import { object, type TypeOf } from '../decode';
import { demand } from '../errors';
import { elementIdCodec } from '../field-codecs';
import { limits } from '../limits';
import { costMicro, revenueMicro } from '../market/money';
import { greatest, least } from '../math';
import type { RuleSet } from '../rule-set';
import type { ImbalancePricing } from '../rule-set/settlement';
import { addSlots, slotCodec, type Slot } from '../time';
import { micro, signedMicroPerKwhCodec, type Micro, type MicroPerKwh, type SignedMicroPerKwh } from '../units';

/** The imbalance price of one quarter hour of a grid; written once. It may be below zero. */
export const imbalancePriceCodec = object({
  gridId: elementIdCodec,
  slot: slotCodec,
  priceMicroPerKwh: signedMicroPerKwhCodec,
});
export type ImbalancePrice = TypeOf<typeof imbalancePriceCodec>;

/** The prices that settle a quarter hour: the fixed ones of the rule set, and the filed one where the rule set asks for it. */
export interface DeviationPrices {
  readonly imbalanceShortMicroPerKwh: MicroPerKwh;
  readonly imbalanceLongMicroPerKwh: MicroPerKwh;
  readonly imbalance?: { readonly pricing: ImbalancePricing; readonly priceMicroPerKwh: SignedMicroPerKwh };
}

/** What a kWh that is missing costs and a kWh that is left over brings; below zero the other way round. */
export interface DirectionPrices {
  readonly shortMicroPerKwh: bigint;
  readonly longMicroPerKwh: bigint;
}

/**
 * The prices of both directions.
 *
 * @param dayAheadMicroPerKwh the participant's day-ahead price in this interval; undefined where nothing was traded, then the
 * imbalance price stands alone
 */
export function directionPrices(
  { imbalance, imbalanceLongMicroPerKwh, imbalanceShortMicroPerKwh }: DeviationPrices,
  dayAheadMicroPerKwh: MicroPerKwh | undefined,
): DirectionPrices {
  if (imbalance === undefined) {
    return { shortMicroPerKwh: imbalanceShortMicroPerKwh, longMicroPerKwh: imbalanceLongMicroPerKwh };
  }
  const price: bigint = imbalance.priceMicroPerKwh;
  const dayAhead: bigint = imbalance.pricing === 'single' ? price : (dayAheadMicroPerKwh ?? price);
  return { shortMicroPerKwh: greatest(dayAhead, price), longMicroPerKwh: least(dayAhead, price) };
}

/** The money of a deviation before anything is covered, each amount in the direction of its name. */
export interface DeviationMoney {
  /** What a shortfall costs, or brings at a price below zero. */
  readonly shortMicro: Micro;
  readonly shortGainMicro: Micro;
  /** What a surplus brings, or costs at a price below zero. */
  readonly longMicro: Micro;
  readonly longCostMicro: Micro;
}

/** The money of a deviation: costs are rounded up, gains down. */
export function deviationMoney(shortWh: bigint, longWh: bigint, prices: DirectionPrices): DeviationMoney {
  const { longMicroPerKwh, shortMicroPerKwh } = prices;
  const none = micro(0n);
  const isShortGain = shortMicroPerKwh < 0n;
  const isLongCost = longMicroPerKwh < 0n;
  return {
    shortMicro: isShortGain ? none : costMicro(shortWh, shortMicroPerKwh),
    shortGainMicro: isShortGain ? revenueMicro(shortWh, -shortMicroPerKwh) : none,
    longMicro: isLongCost ? none : revenueMicro(longWh, longMicroPerKwh),
    longCostMicro: isLongCost ? costMicro(longWh, -longMicroPerKwh) : none,
  };
}

/** The slot that must not have begun when the price of a slot is filed; once it has, the fixed prices settle a slot without one. */
export function imbalanceDeadline(slot: Slot): Slot {
  return addSlots(slot, 1 + limits.imbalancePriceWaitSlots);
}

/** The rows of filed prices, or a refusal with the first code in precedence order. */
export function fileImbalancePrices(
  gridId: string,
  fromSlot: Slot,
  pricesMicroPerKwh: readonly SignedMicroPerKwh[],
  known: { readonly gridKnown: boolean; readonly deadlineBegun: boolean; readonly filed: Slot | undefined },
): readonly ImbalancePrice[] {
  demand(known.gridKnown, 'GRID_UNKNOWN', { gridId });
  demand(!known.deadlineBegun, 'ACCOUNTS_IMBALANCE_PRICE_LATE', { slot: fromSlot });
  demand(known.filed === undefined, 'ACCOUNTS_IMBALANCE_PRICE_FILED', { slot: known.filed ?? 0 });
  return pricesMicroPerKwh.map((priceMicroPerKwh, at) => ({ gridId, slot: addSlots(fromSlot, at), priceMicroPerKwh }));
}

/** The prices that settle a slot: the filed one where the rule set asks for it; none was filed in time: the fixed ones. */
export function pricesOfSlot(
  ruleSet: RuleSet,
  slot: Slot,
  filed: ImbalancePrice | undefined,
  deadlineBegun: boolean,
): DeviationPrices & Pick<RuleSet, 'number'> {
  const { imbalanceLongMicroPerKwh, imbalancePricing, imbalanceShortMicroPerKwh, number } = ruleSet;
  const fixed = { number, imbalanceShortMicroPerKwh, imbalanceLongMicroPerKwh };
  if (imbalancePricing === undefined) {
    return fixed;
  }
  if (filed === undefined) {
    demand(deadlineBegun, 'ACCOUNTS_IMBALANCE_PRICE_MISSING', { slot });
    return fixed;
  }
  return { ...fixed, imbalance: { pricing: imbalancePricing, priceMicroPerKwh: filed.priceMicroPerKwh } };
}
