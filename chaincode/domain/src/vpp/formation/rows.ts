import { array, boolean, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { signatureCodec } from '../../field-codecs';
import { assetIdCodec, commandIdCodec, meterIdCodec, participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { microCodec, microPerKwhCodec, ppmCodec, wCodec } from '../../units';
import { coalitionPlanIdCodec } from '../coalition';
import { serviceDirectionCodec } from '../directions';
import { mandateIdCodec, serviceIdCodec, serviceRequestIdCodec } from '../ids';
import { serviceKindCodec } from '../service/kinds';
import { buyerCodec, serviceFields } from '../service/rows';
import { coalitionIdCodec } from './ids';

/** Quarter hours of a step of the plan that a coalition follows. */
export const coalitionStepSlotsCodec = oneOf(1, 2, 4, 16);

/** One slice of a coalition: what it offers there; 0 where it does not serve. */
export const coalitionSliceCodec = object({ firstSlot: slotCodec, offeredW: wCodec });
export type CoalitionSlice = TypeOf<typeof coalitionSliceCodec>;

const { fullActivationSeconds, holdSlots, handoverSecondsMax, settledBy, bidMinW, bidStepW, membersMin } =
  serviceFields;

/** What the service was when the coalition was proposed; later versions of it change nothing. */
export const coalitionTermsCodec = object({
  fullActivationSeconds,
  holdSlots,
  handoverSecondsMax,
  settledBy,
  bidMinW,
  bidStepW,
  membersMin,
  /** By how much the firm power of the members exceeds what is offered. */
  marginPpm: ppmCodec,
  penaltyMicroPerKwh: microPerKwhCodec,
});
export type CoalitionTerms = TypeOf<typeof coalitionTermsCodec>;

/** What the buyer pays: for a kW kept ready for an hour, and for a kWh that is called. */
export const coalitionOfferCodec = object({
  capacityPriceMicroPerKwh: microPerKwhCodec,
  energyPriceMicroPerKwh: microPerKwhCodec,
});
export type CoalitionOffer = TypeOf<typeof coalitionOfferCodec>;

export const coalitionStateCodec = oneOf(
  'PROPOSED',
  'CONSENTED',
  'OFFERED',
  'ACCEPTED',
  'VERIFIED',
  'SETTLED',
  'EXPIRED',
  'REJECTED',
);
export type CoalitionState = TypeOf<typeof coalitionStateCodec>;

/**
 * Assets of an aggregator that serve one request together: PROPOSED from a proven plan, CONSENTED once every member has answered or its time is
 * over, OFFERED to the buyer, ACCEPTED or REJECTED by it, EXPIRED where nobody went on in time, VERIFIED once everything is measured, SETTLED
 * once it is paid. Powers are in W, those of a reactive service in var.
 */
export const coalitionCodec = object({
  coalitionId: coalitionIdCodec,
  /** The plan that it follows. */
  planId: coalitionPlanIdCodec,
  requestId: serviceRequestIdCodec,
  serviceId: serviceIdCodec,
  kind: serviceKindCodec,
  direction: serviceDirectionCodec,
  aggregatorId: participantIdCodec,
  buyer: buyerCodec,
  terms: coalitionTermsCodec,
  firstSlot: slotCodec,
  stepSlots: coalitionStepSlotsCodec,
  sliceSlots: integer(1, limits.eventSlotsMax),
  slices: array(coalitionSliceCodec, limits.slicesPerRequestMax, 1),
  memberCount: integer(1, limits.coalitionMembersMax),
  /** With which probability the members, as they have delivered so far, bring what is offered in the worst step. */
  keptPpm: ppmCodec,
  /** True while the owner of every member lets the minutes of the pool be published. */
  publishes: boolean,
  /** Members answer, and the buyer accepts, before these slots begin. */
  consentBySlot: slotCodec,
  acceptBySlot: slotCodec,
  offer: optional(coalitionOfferCodec),
  /** What stands locked for it; absent before it is accepted, and once what was left after it was paid has been given back. */
  lockedMicro: optional(microCodec),
  state: coalitionStateCodec,
});
export type Coalition = TypeOf<typeof coalitionCodec>;

/** How a member came to take part, or does not. */
export const memberConsentCodec = oneOf('mandate', 'signed', 'open', 'declined', 'left');
export type MemberConsent = TypeOf<typeof memberConsentCodec>;

/** One asset of a coalition: a row of its own, so that consents of different owners do not meet. */
export const coalitionMemberCodec = object({
  coalitionId: coalitionIdCodec,
  assetId: assetIdCodec,
  participantId: participantIdCodec,
  /** The meter that measures it alone. */
  meterId: meterIdCodec,
  mandateId: mandateIdCodec,
  /** What it promises in each step from the first slot of the coalition on; 0 where it does not serve. */
  powersW: array(wCodec, limits.eventSlotsMax, 1),
  /** Which share of a promise counts on being delivered. */
  firmPpm: ppmCodec,
  consent: memberConsentCodec,
  /** True where its owner lets the minutes of the pool be published. */
  publishes: boolean,
  /** The first slot in which one that has left does not serve any more. */
  leftFromSlot: optional(slotCodec),
  /** What its owner has signed about the coalition last; absent for a standing mandate. */
  answer: optional(
    object({
      transaction: oneOf('consentCoalition', 'declineCoalition', 'leaveCoalition'),
      commandId: commandIdCodec,
      expirySlot: slotCodec,
      signature: signatureCodec,
    }),
  ),
});
export type CoalitionMember = TypeOf<typeof coalitionMemberCodec>;
export type MemberAnswer = NonNullable<CoalitionMember['answer']>;

/** What an asset serves in a UTC day, so that it is never in two coalitions at a time whatever these move. */
export const assetDutiesCodec = object({
  duties: array(
    object({ coalitionId: coalitionIdCodec, slots: array(slotCodec, limits.eventSlotsMax, 1) }),
    limits.commitmentsPerDayMax,
  ),
});
export type AssetDuties = TypeOf<typeof assetDutiesCodec>;

/** By which the assets of a participant are found that serve in a day. */
export const servingAssetCodec = object({ assetId: assetIdCodec });

/** By which the coalitions of a request, or of an aggregator, are found. */
export const coalitionPlaceCodec = object({ coalitionId: coalitionIdCodec });

/** What of each slice of a request has been bought. */
export const boughtCapacityCodec = object({
  requestId: serviceRequestIdCodec,
  boughtW: array(wCodec, limits.slicesPerRequestMax, 1),
});
export type BoughtCapacity = TypeOf<typeof boughtCapacityCodec>;
