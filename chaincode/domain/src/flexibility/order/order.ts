import { demand } from '../../errors';
import { mulDivFloor } from '../../math';
import type { RuleSet } from '../../rule-set';
import { micro, ppmWhole, w, type Ppm } from '../../units';
import { ispsOf } from '../isps';
import type { FlexOrderId } from '../ids';
import { demandActivation, priceStepMicro } from '../offer/offer';
import type { FlexOffer, OfferOption } from '../offer/rows';
import { flexibilityRulesOf } from '../rules';
import type { FlexOrder, OrderedIsp } from './rows';

/** What an option comes to at an activation factor. */
export type ActivatedOption = Pick<FlexOrder, 'isps' | 'priceMicro'>;

/**
 * An option at an activation factor: every power times the factor, rounded down to whole watts, and the price times the factor, rounded down to
 * whole ten-thousandths of the currency. At 0.8 powers of 1,000 and 2,000 W for 50 become 800 and 1,600 W for 40.
 */
export function activate(option: OfferOption, activationFactorPpm: Ppm): ActivatedOption {
  const isps = ispsOf(option.isps).map(({ run: { direction, powerW }, slot }) => {
    return { slot, direction, powerW: w(mulDivFloor(powerW, activationFactorPpm, ppmWhole)) };
  });
  const priceMicro = mulDivFloor(option.priceMicro, activationFactorPpm, ppmWhole * priceStepMicro) * priceStepMicro;
  return { isps, priceMicro: micro(priceMicro) };
}

/** The direction of ordered ISPs together; those without power count where there are no others. */
export function directionOf(isps: readonly OrderedIsp[]): FlexOrder['direction'] {
  const directions = new Set(isps.filter(({ powerW }) => powerW > 0n).map(({ direction }) => direction));
  if (directions.size === 2) {
    return 'shift';
  }
  return directions.has('increase') ? 'increase' : 'reduce';
}

/** What whoever orders names: the option, its factor, and what it expects that to come to. */
export interface OrderAsked extends ActivatedOption {
  readonly optionRef: string;
  readonly orderReference?: string;
  readonly activationFactorPpm: Ppm;
}

/**
 * Refuses an offer that is ordered, revoked or expired, so that an order is always of an offer that stands.
 */
export function demandOrderable({ offerId, state }: FlexOffer, expiryHasBegun: boolean): void {
  demand(state !== 'REVOKED', 'FLEX_REFERENCE_REVOKED', { offerId });
  demand(state !== 'ORDERED', 'FLEX_PROCURED', { offerId });
  demand(!expiryHasBegun, 'FLEX_REFERENCE_EXPIRED', { offerId });
}

/**
 * The order of an option of an offer. Refuses an option that the offer does not have (FLEX_OPTION_UNKNOWN), a factor below its smallest
 * (FLEX_ACTIVATION_FACTOR), and ISPs, powers or a price other than what the option comes to (FLEX_ISP_MISMATCH, FLEX_POWER_MISMATCH,
 * FLEX_PRICE_MISMATCH): an order copies, and the one who orders says what it takes the copy to be.
 */
export function placeOrder(orderId: FlexOrderId, offer: FlexOffer, asked: OrderAsked, ruleSet: RuleSet): FlexOrder {
  const { activationFactorPpm, optionRef, orderReference } = asked;
  const option = offer.options.find((candidate) => candidate.optionRef === optionRef);
  demand(option !== undefined, 'FLEX_OPTION_UNKNOWN', { optionRef });
  demandActivation(activationFactorPpm, option.minActivationFactorPpm, optionRef);
  const activated = activate(option, activationFactorPpm);
  checkCopy(asked, activated);
  const { aggregatorId, congestionPointId, contractId, gridId, offerId, periodIsps, periodSlot } = offer;
  const { prognosisRevision, requesterId, requestId } = offer;
  return {
    orderId,
    offerId,
    ...(requestId === undefined ? {} : { requestId }),
    optionRef,
    ...(orderReference === undefined ? {} : { orderReference }),
    gridId,
    congestionPointId,
    periodSlot,
    periodIsps,
    aggregatorId,
    ...(requesterId === undefined ? {} : { requesterId }),
    ...(contractId === undefined ? {} : { contractId }),
    direction: directionOf(activated.isps),
    ...activated,
    activationFactorPpm,
    penaltyMicroPerKwh: flexibilityRulesOf(ruleSet).penaltyMicroPerKwh,
    ...(prognosisRevision === undefined ? {} : { prognosisRevision }),
    ruleSet: ruleSet.number,
    state: 'ORDERED',
  };
}

function checkCopy(asked: ActivatedOption, activated: ActivatedOption): void {
  const sameIsps =
    asked.isps.length === activated.isps.length &&
    asked.isps.every(({ direction, powerW, slot }, index) => {
      const copied = activated.isps[index];
      // Nothing has no direction: UFTP writes both as 0.
      return copied?.slot === slot && (copied.direction === direction || (copied.powerW === 0n && powerW === 0n));
    });
  demand(sameIsps, 'FLEX_ISP_MISMATCH', { isps: activated.isps.length });
  const other = asked.isps.find(({ powerW }, index) => activated.isps[index]?.powerW !== powerW);
  demand(other === undefined, 'FLEX_POWER_MISMATCH', { slot: other?.slot ?? 0 });
  const { priceMicro } = activated;
  demand(asked.priceMicro === priceMicro, 'FLEX_PRICE_MISMATCH', { priceMicro: priceMicro.toString() });
}
