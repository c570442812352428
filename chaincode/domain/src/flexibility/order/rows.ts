import { array, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { elementIdCodec, freeTextCodec } from '../../field-codecs';
import { participantIdCodec } from '../../ids';
import { slotCodec } from '../../time';
import { microCodec, microPerKwhCodec, ppmCodec, wCodec } from '../../units';
import { flexContractIdCodec, revisionCodec } from '../congestion/rows';
import { placeFields } from '../header';
import { flexOfferIdCodec, flexOrderIdCodec, flexRequestIdCodec } from '../ids';
import { flexDirectionCodec, ispsPerDayMax } from '../isps';

/** What is ordered in one ISP: power against the baseline. */
export const orderedIspCodec = object({ slot: slotCodec, direction: flexDirectionCodec, powerW: wCodec });
export type OrderedIsp = TypeOf<typeof orderedIspCodec>;
export const orderedIspsCodec = array(orderedIspCodec, ispsPerDayMax, 1);

/** An order of flexibility: final from the moment it is placed. Only its state goes on. */
export const flexOrderCodec = object({
  orderId: flexOrderIdCodec,
  offerId: flexOfferIdCodec,
  requestId: optional(flexRequestIdCodec),
  optionRef: elementIdCodec,
  /** What whoever ordered calls the order; absent where it has no name for it. */
  orderReference: optional(freeTextCodec),
  ...placeFields,
  aggregatorId: participantIdCodec,
  /** The producer who ordered; absent where the system operator did. */
  requesterId: optional(participantIdCodec),
  contractId: optional(flexContractIdCodec),
  /** `shift` where some ISPs reduce and others increase. */
  direction: oneOf('reduce', 'increase', 'shift'),
  /** Those of the option, each times the activation factor and rounded down to whole watts; in order of time. */
  isps: orderedIspsCodec,
  activationFactorPpm: ppmCodec,
  /** The option's price times the activation factor, rounded down to whole ten-thousandths of the currency as UFTP has them. */
  priceMicro: microCodec,
  /** What the aggregator owes for each kWh that it does not deliver. */
  penaltyMicroPerKwh: microPerKwhCodec,
  /** The revision of the aggregator's D-prognosis that is the baseline; absent where it had filed none. */
  prognosisRevision: optional(revisionCodec),
  /** The rule set that was in force. */
  ruleSet: integer(1, 1_000_000),
  state: oneOf('ORDERED', 'DISAGGREGATED', 'SETTLED'),
});
export type FlexOrder = TypeOf<typeof flexOrderCodec>;

/** Which orders there are at a congestion point. */
export const orderOfCodec = object({ orderId: flexOrderIdCodec });
