import { array, boolean, nullable, object, optional } from '../../decode';
import { assetIdCodec, participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { coalitionPlanIdCodec } from '../../vpp/coalition';
import { coalitionIdCodec } from '../../vpp/formation/ids';
import { assetDutiesCodec, coalitionCodec, coalitionMemberCodec, coalitionOfferCodec } from '../../vpp/formation/rows';
import { serviceRequestIdCodec } from '../../vpp/ids';
import { commandFields, listAnswer, pageFields } from '../common';
import { exampleCommandId, exampleParticipantId } from '../examples';
import { signatureErrors, signedExample, signedFields } from '../signed';
import { evaluateSpec, submitSpec } from '../transaction-spec';
import { buyerCommandFields, buyerRoles } from './buyer';
import { exampleCoalitionId } from './common';

const contract = 'vpp';
const memberRoles = ['community', 'aggregator'] as const;
const coalitionFields = { coalitionId: coalitionIdCodec };
const memberFields = { ...coalitionFields, assetIds: array(assetIdCodec, limits.assetsPerMandateMax, 1) };
const membersAnswer = object({ members: array(coalitionMemberCodec, limits.assetsPerMandateMax) });

const exampleAssetId = '0asset00000000000000000000';
const memberExample = { ...signedExample, coalitionId: exampleCoalitionId, assetIds: [exampleAssetId] };

/** The transactions of the contract `vpp` in which coalitions form. */
export const formationTransactions = {
  proposeCoalition: submitSpec(contract, 'proposeCoalition', {
    roles: ['aggregator'],
    request: object({
      ...signedFields,
      planId: coalitionPlanIdCodec,
      requestId: serviceRequestIdCodec,
      consentBySlot: slotCodec,
      acceptBySlot: slotCodec,
    }),
    response: coalitionCodec,
    collection: 'orders',
    errors: [
      ...signatureErrors,
      'COMMITMENTS_TOO_MANY',
      'COMMITMENTS_CAPACITY',
      'COMMITMENTS_STORAGE',
      'VPP_OFF',
      'VPP_MANDATE_MISSING',
      'VPP_REQUEST_CLOSED',
      'VPP_NOT_PREQUALIFIED',
      'VPP_NOT_OWN_COALITION',
      'VPP_PLAN_UNKNOWN',
      'VPP_COALITION_EXISTS',
      'VPP_COALITION_EMPTY',
      'VPP_COALITION_TOO_SMALL',
      'VPP_COALITION_TOO_LARGE',
      'VPP_COALITION_UNCOVERED',
      'VPP_COALITION_UNRELIABLE',
      'VPP_COALITION_TIMES',
      'VPP_MEMBER_UNMETERED',
      'VPP_MEMBER_TAKEN',
    ],
    facts: ['CoalitionProposed'],
    summary: 'Proposes the coalition that a proven plan serves a request with; what its members promise is booked.',
    example: {
      ...signedExample,
      planId: exampleCommandId,
      requestId: exampleCommandId,
      consentBySlot: 1_626_024,
      acceptBySlot: 1_626_030,
    },
  }),
  consentCoalition: submitSpec(contract, 'consentCoalition', {
    roles: memberRoles,
    request: object({ ...signedFields, ...memberFields, publishes: boolean }),
    response: membersAnswer,
    errors: [
      ...signatureErrors,
      'VPP_ASSET_NOT_OWN',
      'VPP_COALITION_UNKNOWN',
      'VPP_COALITION_STATE',
      'VPP_MEMBER_UNKNOWN',
      'VPP_CONSENT_OVER',
      'VPP_MEMBER_ANSWERED',
    ],
    facts: ['CoalitionAnswered'],
    summary:
      'Has assets of one owner take part in a coalition, and says whether the minutes of the pool may be published.',
    example: { ...memberExample, publishes: true },
  }),
  declineCoalition: submitSpec(contract, 'declineCoalition', {
    roles: memberRoles,
    request: object({ ...signedFields, ...memberFields }),
    response: membersAnswer,
    errors: [
      ...signatureErrors,
      'VPP_ASSET_NOT_OWN',
      'VPP_COALITION_UNKNOWN',
      'VPP_COALITION_STATE',
      'VPP_MEMBER_UNKNOWN',
      'VPP_MEMBER_ANSWERED',
    ],
    facts: ['CoalitionAnswered'],
    summary: 'Keeps assets of one owner out of a coalition before it is offered; what they have promised is released.',
    example: memberExample,
  }),
  concludeConsents: submitSpec(contract, 'concludeConsents', {
    roles: ['aggregator'],
    request: object({ ...commandFields, ...coalitionFields }),
    response: coalitionCodec,
    errors: ['VPP_COALITION_UNKNOWN', 'VPP_COALITION_STATE', 'VPP_COALITION_UNCOVERED', 'VPP_CONSENT_OPEN'],
    facts: ['CoalitionConsented'],
    summary: 'Ends the consents: who was silent does not take part, and what the others cannot keep is not offered.',
    example: { commandId: exampleCommandId, coalitionId: exampleCoalitionId },
  }),
  expireCoalition: submitSpec(contract, 'expireCoalition', {
    roles: 'anyone',
    request: object({ ...commandFields, ...coalitionFields }),
    response: coalitionCodec,
    errors: ['VPP_COALITION_UNKNOWN', 'VPP_COALITION_STATE', 'VPP_COALITION_NOT_EXPIRED'],
    facts: ['CoalitionEnded'],
    summary: 'Ends a coalition that nobody has accepted in time, and releases what its members have promised.',
    example: { commandId: exampleCommandId, coalitionId: exampleCoalitionId },
  }),
  offerCapacity: submitSpec(contract, 'offerCapacity', {
    roles: ['aggregator'],
    request: object({ ...signedFields, ...coalitionFields, offer: optional(coalitionOfferCodec) }),
    response: coalitionCodec,
    errors: [
      ...signatureErrors,
      'VPP_REQUEST_CLOSED',
      'VPP_COALITION_UNKNOWN',
      'VPP_NOT_OWN_COALITION',
      'VPP_COALITION_STATE',
      'VPP_OFFER_ABOVE_PRICE',
    ],
    facts: ['CapacityOffered'],
    summary: "Offers a coalition to the buyer of its request, at the request's prices or lower ones.",
    example: {
      ...signedExample,
      coalitionId: exampleCoalitionId,
      offer: { capacityPriceMicroPerKwh: '15000', energyPriceMicroPerKwh: '70000' },
    },
  }),
  acceptOffer: submitSpec(contract, 'acceptOffer', {
    roles: buyerRoles,
    request: object({ ...buyerCommandFields, ...coalitionFields }),
    response: coalitionCodec,
    errors: [
      ...signatureErrors,
      'VPP_COALITION_UNKNOWN',
      'VPP_NOT_BUYER',
      'VPP_COALITION_STATE',
      'VPP_OFFER_ABOVE_VOLUME',
      'VPP_ACCEPT_OVER',
    ],
    facts: ['CoalitionAccepted', 'ServiceRequestEnded'],
    summary: 'Accepts an offer: what it can cost at most is locked, and the coalition is bound.',
    example: { commandId: exampleCommandId, coalitionId: exampleCoalitionId },
  }),
  rejectOffer: submitSpec(contract, 'rejectOffer', {
    roles: buyerRoles,
    request: object({ ...buyerCommandFields, ...coalitionFields }),
    response: coalitionCodec,
    errors: [...signatureErrors, 'VPP_COALITION_UNKNOWN', 'VPP_NOT_BUYER', 'VPP_COALITION_STATE'],
    facts: ['CoalitionEnded'],
    summary: 'Rejects an offer; what the members have promised is released.',
    example: { commandId: exampleCommandId, coalitionId: exampleCoalitionId },
  }),
  leaveCoalition: submitSpec(contract, 'leaveCoalition', {
    roles: memberRoles,
    request: object({ ...signedFields, ...memberFields, fromSlot: slotCodec }),
    response: membersAnswer,
    errors: [
      ...signatureErrors,
      'VPP_ASSET_NOT_OWN',
      'VPP_COALITION_UNKNOWN',
      'VPP_COALITION_STATE',
      'VPP_MEMBER_UNKNOWN',
      'VPP_MEMBER_ANSWERED',
      'VPP_LEAVE_IN_SLICE',
    ],
    facts: ['CoalitionLeft'],
    summary: 'Takes assets of one owner out of a coalition from the begin of a slice on that has not begun.',
    example: { ...memberExample, fromSlot: 1_626_040 },
  }),
  getCoalition: evaluateSpec(contract, 'getCoalition', {
    roles: 'anyone',
    request: object(coalitionFields),
    response: object({ coalition: nullable(coalitionCodec) }),
    errors: [],
    summary: 'Answers a coalition, or null.',
    example: { coalitionId: exampleCoalitionId },
  }),
  listMembers: evaluateSpec(contract, 'listMembers', {
    roles: 'anyone',
    request: object({ ...coalitionFields, ...pageFields }),
    response: listAnswer(coalitionMemberCodec),
    errors: [],
    summary: 'Lists the members of a coalition in the order of their assets.',
    example: { coalitionId: exampleCoalitionId },
  }),
  listCoalitionsOf: evaluateSpec(contract, 'listCoalitionsOf', {
    roles: 'anyone',
    request: object({ aggregatorId: participantIdCodec, ...pageFields }),
    response: listAnswer(coalitionCodec),
    errors: [],
    summary: 'Lists the coalitions of an aggregator.',
    example: { aggregatorId: exampleParticipantId },
  }),
  listCoalitionsFor: evaluateSpec(contract, 'listCoalitionsFor', {
    roles: 'anyone',
    request: object({ requestId: serviceRequestIdCodec, ...pageFields }),
    response: listAnswer(coalitionCodec),
    errors: [],
    summary: 'Lists the coalitions that serve, or would serve, a request.',
    example: { requestId: exampleCommandId },
  }),
  getDuties: evaluateSpec(contract, 'getDuties', {
    roles: 'anyone',
    request: object({ assetId: assetIdCodec, day: slotCodec }),
    response: assetDutiesCodec,
    errors: [],
    summary: 'Answers which coalitions an asset serves in which slots of the UTC day in which a slot lies.',
    example: { assetId: exampleAssetId, day: 1_626_048 },
  }),
} as const;
