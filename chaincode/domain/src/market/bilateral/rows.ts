import { array, integer, object, oneOf, optional, union, type TypeOf } from '../../decode';
import { digestCodec, elementIdCodec, signatureCodec } from '../../field-codecs';
import { commandIdCodec, contractIdCodec, participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { contractRuleCodec } from '../../rule-set/settlement';
import { slotCodec } from '../../time';
import { microCodec, microPerKwhCodec, ppmCodec, whCodec } from '../../units';

/**
 * Who bears it where the seller has less than was agreed. `prorata`: the contract shrinks to what there is. `all-or-nothing`: it falls away
 * wholly, and the seller owes the buyer a share of its value. `minimum`: it shrinks, and falls away below a share of the energy.
 */
export const deliveryTermsCodec = union({
  prorata: object({}),
  'all-or-nothing': object({ penaltyPpm: ppmCodec }),
  minimum: object({ minimumPpm: ppmCodec }),
});
export type DeliveryTerms = TypeOf<typeof deliveryTermsCodec>;

/** What two participants agree on. */
export const contractTermsCodec = object({
  gridId: elementIdCodec,
  sellerParticipantId: participantIdCodec,
  buyerParticipantId: participantIdCodec,
  /** Where the energy is put into the grid and taken out of it. */
  sellerBus: elementIdCodec,
  buyerBus: elementIdCodec,
  firstSlot: slotCodec,
  intervalSlots: oneOf(1, 2, 4),
  intervals: integer(1, limits.contractIntervalsMax),
  /** The energy of every interval: one for all, or one for each. */
  energyWh: array(whCodec, limits.contractIntervalsMax, 1),
  priceMicroPerKwh: microPerKwhCodec,
  delivery: deliveryTermsCodec,
  /** The priority class of the seller's promise; absent for the lowest one for contracts. */
  priorityClass: optional(elementIdCodec),
  /** What the buyer pays at most to displace promises of lower classes; absent: none is displaced. */
  preemptionMicroMax: optional(microCodec),
});
export type ContractTerms = TypeOf<typeof contractTermsCodec>;

/** What one side has signed: its command, from which its signature can be checked with the terms. */
const signedFields = {
  participantId: participantIdCodec,
  commandId: commandIdCodec,
  expirySlot: slotCodec,
  signature: signatureCodec,
};

/**
 * A contract between two, from the first offer on. Each side in turn accepts, rejects or answers with other terms; only the terms of the
 * last offer stand in it, and what came before is in the facts.
 */
export const contractCodec = object({
  contractId: contractIdCodec,
  state: oneOf('PROPOSED', 'COUNTERED', 'ACCEPTED', 'REJECTED', 'WITHDRAWN', 'EXPIRED'),
  /** How many offers there were. */
  round: integer(1, limits.contractRoundsMax),
  terms: contractTermsCodec,
  termsDigest: digestCodec,
  offer: object({
    ...signedFields,
    /** The first slot in which the offer can no longer be answered. */
    answerBySlot: slotCodec,
  }),
  accepted: optional(
    object({
      ...signedFields,
      /** The rule set under which it was concluded, and what counts of it. */
      ruleSet: integer(1, 1_000_000),
      feePpm: ppmCodec,
      preemptionCompensationPpm: ppmCodec,
      priorityClass: elementIdCodec,
      rank: integer(0, 99),
      /** What the buyer has locked for energy and fee, and has paid to those who were displaced. */
      buyMicro: microCodec,
      feeMicro: microCodec,
      compensationMicro: microCodec,
      /** Whether the terms of partial delivery count in settlement, as the rule set said; absent for no. */
      contractDelivery: optional(contractRuleCodec),
    }),
  ),
  /** Intervals, from 0, whose energy went to a promise of a higher class; absent for none. */
  displaced: optional(array(integer(0, limits.contractIntervalsMax - 1), limits.contractIntervalsMax, 1)),
});
export type Contract = TypeOf<typeof contractCodec>;

/** What an accepted contract carries through a grid in one hour, quarter hour by quarter hour. */
export const contractFlowCodec = object({
  contractId: contractIdCodec,
  sellerBus: elementIdCodec,
  buyerBus: elementIdCodec,
  /** The first slot of the hour. */
  hour: slotCodec,
  /** Rounded up. */
  quartersWh: array(whCodec, 4, 4),
});
export type ContractFlow = TypeOf<typeof contractFlowCodec>;

/** The row by which a participant's contracts are found. */
export const partyContractCodec = object({ contractId: contractIdCodec });
