import { array, object, oneOf, optional, type TypeOf } from '../../decode';
import { elementIdCodec } from '../../field-codecs';
import { participantIdCodec } from '../../ids';
import { slotCodec } from '../../time';
import { microCodec, ppmCodec, wCodec } from '../../units';
import { flexContractIdCodec, revisionCodec } from '../congestion/rows';
import { placeFields } from '../header';
import { flexOfferIdCodec, flexOrderIdCodec, flexRequestIdCodec } from '../ids';
import { flexDirectionCodec, runFields, runsCodec } from '../isps';

/** Flexibility of a run of ISPs: power against the baseline. */
export const flexRunCodec = object({ ...runFields, direction: flexDirectionCodec, powerW: wCodec });
export const flexRunsCodec = runsCodec(flexRunCodec);
export type FlexRun = TypeOf<typeof flexRunCodec>;

/** Offers that one aggregator can make to one request, or unsolicited for one day. */
export const offersPerAggregatorMax = 10;

/** Options of one offer. */
export const offerOptionsMax = 20;

/** One way to deliver, of which at most one per offer is ordered: all its ISPs for one price. */
export const offerOptionCodec = object({
  optionRef: elementIdCodec,
  isps: flexRunsCodec,
  /** For all ISPs together. */
  priceMicro: microCodec,
  /** The smallest part of it that can be ordered. */
  minActivationFactorPpm: ppmCodec,
});
export type OfferOption = TypeOf<typeof offerOptionCodec>;

/** The fields of an offer that the aggregator writes. */
export const offerFields = {
  /** Absent for an offer that nobody asked for. */
  requestId: optional(flexRequestIdCodec),
  contractId: optional(flexContractIdCodec),
  options: array(offerOptionCodec, offerOptionsMax, 1),
  /** The slot from whose begin on it can not be ordered any more. */
  orderBySlot: slotCodec,
};

/** An offer of flexibility. It can be revoked until it is ordered. */
export const flexOfferCodec = object({
  offerId: flexOfferIdCodec,
  ...placeFields,
  ...offerFields,
  aggregatorId: participantIdCodec,
  /** The revision of the aggregator's D-prognosis that is the baseline; absent where it has filed none. */
  prognosisRevision: optional(revisionCodec),
  /** The producer whose request it answers; absent for the system operator. */
  requesterId: optional(participantIdCodec),
  /** An open offer whose expiry has begun is still OPEN here, and can not be ordered. */
  state: oneOf('OPEN', 'ORDERED', 'REVOKED'),
  orderId: optional(flexOrderIdCodec),
});
export type FlexOffer = TypeOf<typeof flexOfferCodec>;

/** What an aggregator is obliged to offer in an ISP. */
export const obligedIspCodec = object({ slot: slotCodec, direction: flexDirectionCodec, powerW: wCodec });
export type ObligedIsp = TypeOf<typeof obligedIspCodec>;

/** Which offers answer a request. */
export const offerOfCodec = object({ offerId: flexOfferIdCodec });
