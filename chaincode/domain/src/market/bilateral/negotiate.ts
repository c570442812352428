import { demand, RuleError } from '../../errors';
import type { ContractId, ParticipantId } from '../../ids';
import { limits } from '../../limits';
import type { Contract, ContractTerms } from './rows';
import { termsDigestOf } from './terms';

/** A first offer. The terms have been checked with `checkTerms`. */
export function proposeContract(contractId: ContractId, terms: ContractTerms, offer: Contract['offer']): Contract {
  return { contractId, state: 'PROPOSED', round: 1, terms, termsDigest: termsDigestOf(terms), offer };
}

/** The contract that was loaded, or a refusal. */
export function knownContract(contract: Contract | undefined, contractId: ContractId): Contract {
  if (contract === undefined) {
    throw new RuleError('CONTRACT_UNKNOWN', { contractId });
  }
  return contract;
}

/** Refuses where somebody else than a party asks, where there is nothing to answer any more, or where it is too late for that. */
export function demandAnswerable(contract: Contract, participantId: ParticipantId, answerByBegun: boolean): void {
  const { contractId, offer, state, terms } = contract;
  const isParty = participantId === terms.sellerParticipantId || participantId === terms.buyerParticipantId;
  demand(isParty, 'CONTRACT_NOT_PARTY', { participantId });
  demandOpen(contract, { contractId, state });
  demand(!answerByBegun, 'CONTRACT_EXPIRED', { answerBySlot: offer.answerBySlot });
}

/** Refuses where the last offer is the participant's own: it is the other side's turn. */
export function demandTurn({ offer }: Contract, participantId: ParticipantId): void {
  demand(offer.participantId !== participantId, 'CONTRACT_NOT_YOUR_TURN', { participantId });
}

/** Answers an offer with other terms between the same two on the same grid. */
export function counterContract(contract: Contract, terms: ContractTerms, offer: Contract['offer']): Contract {
  const { contractId, round } = contract;
  demandTurn(contract, offer.participantId);
  demand(round < limits.contractRoundsMax, 'CONTRACT_ROUNDS_TOO_MANY', { contractId, round });
  const isSame =
    terms.gridId === contract.terms.gridId &&
    terms.sellerParticipantId === contract.terms.sellerParticipantId &&
    terms.buyerParticipantId === contract.terms.buyerParticipantId;
  demand(isSame, 'CONTRACT_PARTIES_CHANGED', { contractId });
  return { contractId, state: 'COUNTERED', round: round + 1, terms, termsDigest: termsDigestOf(terms), offer };
}

/** Refuses an acceptance out of turn or of other terms than those that were offered last. */
export function demandAcceptable(contract: Contract, participantId: ParticipantId, termsDigest: string): void {
  demandTurn(contract, participantId);
  const { contractId, round } = contract;
  demand(termsDigest === contract.termsDigest, 'CONTRACT_TERMS_CHANGED', { contractId, round });
}

/** Rejects an offer for good. */
export function rejectContract(contract: Contract, participantId: ParticipantId): Contract {
  demandTurn(contract, participantId);
  return { ...contract, state: 'REJECTED' };
}

/** Takes back one's own offer while nobody has answered it. */
export function withdrawContract(contract: Contract, participantId: ParticipantId): Contract {
  demand(contract.offer.participantId === participantId, 'CONTRACT_NOT_OWN_OFFER', { participantId });
  return { ...contract, state: 'WITHDRAWN' };
}

/** Closes an offer that nobody answered in time. */
export function expireContract(contract: Contract, answerByBegun: boolean): Contract {
  const { contractId, offer, state } = contract;
  demandOpen(contract, { contractId, state });
  demand(answerByBegun, 'CONTRACT_NOT_EXPIRED', { answerBySlot: offer.answerBySlot });
  return { ...contract, state: 'EXPIRED' };
}

function demandOpen({ state }: Contract, details: { readonly contractId: ContractId; readonly state: string }): void {
  demand(state === 'PROPOSED' || state === 'COUNTERED', 'CONTRACT_CLOSED', details);
}
