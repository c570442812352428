import { integer, nullable, object, oneOf, optional } from '../decode';
import { disputeCodec, disputedCodec, outcomeCodec, remedyRequestCodec, respondentCodec } from '../disputes/rows';
import { digestCodec, freeTextCodec } from '../field-codecs';
import { disputeIdCodec, participantIdCodec } from '../ids';
import { limits } from '../limits';
import { slotCodec } from '../time';
import { commandFields, listAnswer, pageFields } from './common';
import { exampleCommandId, exampleDigest, exampleParticipantId } from './examples';
import { signatureErrors, signedExample, signedFields } from './signed';
import { evaluateSpec, submitSpec } from './transaction-spec';

const contract = 'accounts';
const carriers = ['community', 'market', 'aggregator'] as const;

const exampleDisputeId = '01d1spte000000000000000000';
const exampleFlexOrderId = '01f1ex0rder000000000000000';
const disputeField = { disputeId: disputeIdCodec };
const answerFields = {
  position: oneOf('ACCEPTS', 'CONTESTS'),
  text: freeTextCodec,
  evidenceDigest: optional(digestCodec),
};
const answerErrors = ['DISPUTE_CLOSED', 'DISPUTE_ANSWERED', 'DISPUTE_ANSWER_LATE'] as const;

/** The transactions of the contract `accounts` by which what was posted is disputed. */
export const disputeTransactions = {
  raiseDispute: submitSpec(contract, 'raiseDispute', {
    roles: carriers,
    request: object({
      ...signedFields,
      about: disputedCodec,
      respondent: respondentCodec,
      text: freeTextCodec,
      evidenceDigest: digestCodec,
      answerBySlot: slotCodec,
    }),
    response: disputeCodec,
    errors: [
      ...signatureErrors,
      'DISPUTE_SUBJECT_UNKNOWN',
      'DISPUTE_FINAL',
      'DISPUTE_NOT_PARTY',
      'DISPUTE_RESPONDENT_UNRELATED',
      'DISPUTE_TWICE',
      'DISPUTE_TOO_LATE',
      'DISPUTE_DEADLINE',
    ],
    facts: ['DisputeRaised'],
    summary: 'Disputes posting sets that a participant is a party of, and says who shall answer by when.',
    example: {
      ...signedExample,
      about: [{ kind: 'flexibility', orderId: exampleFlexOrderId, version: 1 }],
      respondent: { kind: 'participant', participantId: '01part2c2pant0000000000000' },
      text: 'The meter was read, the event was not counted.',
      evidenceDigest: exampleDigest,
      answerBySlot: 1_627_000,
    },
  }),
  respondToDispute: submitSpec(contract, 'respondToDispute', {
    roles: carriers,
    request: object({ ...signedFields, ...disputeField, ...answerFields }),
    response: disputeCodec,
    errors: [...signatureErrors, 'DISPUTE_UNKNOWN', 'DISPUTE_NOT_RESPONDENT', ...answerErrors],
    facts: ['DisputeAnswered'],
    summary: 'Answers a dispute, signed by the participant who was asked.',
    example: { ...signedExample, disputeId: exampleDisputeId, position: 'CONTESTS', text: 'It was counted in part.' },
  }),
  respondAsOperator: submitSpec(contract, 'respondAsOperator', {
    roles: ['dso', 'market'],
    request: object({ ...commandFields, ...disputeField, ...answerFields }),
    response: disputeCodec,
    errors: ['DISPUTE_UNKNOWN', 'DISPUTE_NOT_RESPONDENT', ...answerErrors],
    facts: ['DisputeAnswered'],
    summary: 'Answers a dispute for the system operator of the grid, or for the market operator.',
    example: {
      commandId: exampleCommandId,
      disputeId: exampleDisputeId,
      position: 'ACCEPTS',
      text: 'The late reading was not there.',
    },
  }),
  ruleDispute: submitSpec(contract, 'ruleDispute', {
    roles: ['regulator'],
    request: object({
      ...commandFields,
      ...disputeField,
      outcome: outcomeCodec,
      reason: freeTextCodec,
      remedy: optional(remedyRequestCodec),
    }),
    response: disputeCodec,
    errors: [
      'DISPUTE_UNKNOWN',
      'DISPUTE_CLOSED',
      'DISPUTE_ANSWER_OPEN',
      'DISPUTE_RULING_LATE',
      'DISPUTE_REMEDY_REFUSED',
      'DISPUTE_RESETTLEMENT_UNRELATED',
      'DISPUTE_NO_ACCOUNT',
      'FLEX_FUND_TOO_SMALL',
      'ACCOUNTS_AMOUNT_ZERO',
      'ACCOUNTS_BALANCE_TOO_LOW',
    ],
    facts: ['DisputeRuled'],
    summary: 'Rules a dispute; where it is upheld, the other side may have to pay or an order be settled anew.',
    example: {
      commandId: exampleCommandId,
      disputeId: exampleDisputeId,
      outcome: 'UPHELD',
      reason: 'The reading had been in time.',
      remedy: { kind: 'correction', amountMicro: '250000' },
    },
  }),
  withdrawDispute: submitSpec(contract, 'withdrawDispute', {
    roles: carriers,
    request: object({ ...signedFields, ...disputeField }),
    response: disputeCodec,
    errors: [...signatureErrors, 'DISPUTE_UNKNOWN', 'DISPUTE_NOT_CLAIMANT', 'DISPUTE_CLOSED'],
    facts: ['DisputeWithdrawn'],
    summary: 'Takes back a dispute that has not been ruled.',
    example: { ...signedExample, disputeId: exampleDisputeId },
  }),
  expireDispute: submitSpec(contract, 'expireDispute', {
    roles: 'anyone',
    request: object({ ...commandFields, ...disputeField }),
    response: disputeCodec,
    errors: ['DISPUTE_UNKNOWN', 'DISPUTE_CLOSED', 'DISPUTE_NOT_EXPIRED'],
    facts: ['DisputeExpired'],
    summary: 'Closes a dispute that was not ruled in time; it can be raised again.',
    example: { commandId: exampleCommandId, disputeId: exampleDisputeId },
  }),
  getDispute: evaluateSpec(contract, 'getDispute', {
    roles: 'anyone',
    request: object(disputeField),
    response: object({
      dispute: disputeCodec,
      /** The version that fulfils a ruling by which an order is settled anew; null while there is none. */
      resettledVersion: nullable(integer(1, limits.amendmentVersionMax)),
    }),
    errors: ['DISPUTE_UNKNOWN'],
    summary: 'Answers a dispute, and whether an order has been settled anew since it was ruled.',
    example: { disputeId: exampleDisputeId },
  }),
  listDisputes: evaluateSpec(contract, 'listDisputes', {
    roles: 'anyone',
    request: object({ participantId: optional(participantIdCodec), ...pageFields }),
    response: listAnswer(disputeCodec),
    errors: [],
    summary: 'Lists disputes in the order of their ids: all, or those that a participant has raised or is to answer.',
    example: { participantId: exampleParticipantId },
  }),
} as const;
