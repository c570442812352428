import { demand, RuleError } from '../errors';
import type { DisputeId, ParticipantId } from '../ids';
import { balanced, move } from '../settlement/post';
import { participantAccount, type Account, type PostingSet } from '../settlement/rows';
import { addSlots, slot, type Slot } from '../time';
import { isAboutOrder } from './about';
import type { Dispute, DisputeAnswer, Remedy, RemedyRequest, Respondent, Ruling } from './rows';
import type { DisputeRules } from './rules';

/** What the one who raises a dispute has signed. */
export type DisputeClaim = Pick<
  Dispute,
  'participantId' | 'about' | 'respondent' | 'text' | 'evidenceDigest' | 'answerBySlot' | 'signed'
>;

/** A new dispute; see `demandParties` and `answerWindow` for what has been checked. */
export function raiseDispute(disputeId: DisputeId, claim: DisputeClaim, { ruleWithinSlots }: DisputeRules): Dispute {
  const { about, answerBySlot, evidenceDigest, participantId, respondent, signed, text } = claim;
  const ruleBySlot = addSlots(answerBySlot, ruleWithinSlots);
  const said = { participantId, about, respondent, text, evidenceDigest };
  return { disputeId, state: 'RAISED', ...said, answerBySlot, ruleBySlot, signed };
}

/** The slot from which on an answer by a slot comes neither too late nor too early: the clock is in the first one, and not in the second. */
export function answerWindow(
  answerBySlot: Slot,
  { answerSlotsMax, answerSlotsMin }: DisputeRules,
): { readonly begunSlot: Slot; readonly notBegunSlot: Slot } {
  const before = (slots: number): Slot => slot(Math.max(0, answerBySlot - slots));
  // The clock's last slot is at least the minimum, and at most the maximum, before the deadline.
  return { begunSlot: before(answerSlotsMax), notBegunSlot: before(answerSlotsMin - 1) };
}

/** The dispute that was loaded, or a refusal. */
export function knownDispute(dispute: Dispute | undefined, disputeId: DisputeId): Dispute {
  if (dispute === undefined) {
    throw new RuleError('DISPUTE_UNKNOWN', { disputeId });
  }
  return dispute;
}

/** Refuses where a dispute is over (DISPUTE_CLOSED). */
export function demandDisputeOpen({ disputeId, state }: Dispute): void {
  demand(state === 'RAISED' || state === 'ANSWERED', 'DISPUTE_CLOSED', { disputeId, state });
}

/** The other side's answer: once, and in time. */
export function answerDispute(dispute: Dispute, answer: DisputeAnswer, answerByBegun: boolean): Dispute {
  const { answerBySlot, disputeId, state } = dispute;
  demandDisputeOpen(dispute);
  demand(state === 'RAISED', 'DISPUTE_ANSWERED', { disputeId });
  demand(!answerByBegun, 'DISPUTE_ANSWER_LATE', { answerBySlot });
  return { ...dispute, state: 'ANSWERED', answer };
}

/** Refuses an answer of somebody who was not asked (DISPUTE_NOT_RESPONDENT). */
export function demandRespondent({ disputeId, respondent }: Dispute, isAsked: (asked: Respondent) => boolean): void {
  demand(isAsked(respondent), 'DISPUTE_NOT_RESPONDENT', { disputeId });
}

/** Takes a dispute back. */
export function withdrawDispute(dispute: Dispute, participantId: ParticipantId): Dispute {
  const { disputeId } = dispute;
  demand(dispute.participantId === participantId, 'DISPUTE_NOT_CLAIMANT', { disputeId });
  demandDisputeOpen(dispute);
  return { ...dispute, state: 'WITHDRAWN' };
}

/** What a ruling is made from. */
export interface RulingAsked {
  readonly outcome: Ruling['outcome'];
  readonly reason: string;
  readonly mspId: string;
  readonly remedy?: RemedyRequest | undefined;
  /** The last version of the settlement of the order that a remedy names. */
  readonly lastVersion?: number | undefined;
}

/** What the clock says of a dispute's deadlines. */
export interface DisputeClock {
  readonly answerByBegun: boolean;
  readonly ruleByBegun: boolean;
}

/** A ruling, once there is an answer or the time for one has passed. What is rejected has no remedy. */
export function ruleDispute(
  dispute: Dispute,
  { lastVersion, mspId, outcome, reason, remedy }: RulingAsked,
  { answerByBegun, ruleByBegun }: DisputeClock,
): Dispute {
  const { answerBySlot, disputeId, ruleBySlot, state } = dispute;
  demandDisputeOpen(dispute);
  demand(state === 'ANSWERED' || answerByBegun, 'DISPUTE_ANSWER_OPEN', { answerBySlot });
  demand(!ruleByBegun, 'DISPUTE_RULING_LATE', { ruleBySlot });
  demand(outcome !== 'REJECTED' || remedy === undefined, 'DISPUTE_REMEDY_REFUSED', { disputeId });
  const stated = remedy === undefined ? {} : { remedy: remedyOf(dispute, remedy, lastVersion) };
  return { ...dispute, state: 'RULED', ruling: { outcome, reason, mspId, ...stated } };
}

function remedyOf({ about, respondent }: Dispute, remedy: RemedyRequest, lastVersion: number | undefined): Remedy {
  if (remedy.kind === 'resettlement') {
    const { orderId } = remedy;
    const isDisputed = lastVersion !== undefined && isAboutOrder(about, orderId);
    demand(isDisputed, 'DISPUTE_RESETTLEMENT_UNRELATED', { orderId });
    return { kind: 'resettlement', orderId, afterVersion: lastVersion };
  }
  demand(remedy.amountMicro > 0n, 'ACCOUNTS_AMOUNT_ZERO');
  demand(respondent.kind !== 'market', 'DISPUTE_NO_ACCOUNT');
  return remedy;
}

/** Closes a dispute that nobody has ruled in time. */
export function expireDispute(dispute: Dispute, ruleByBegun: boolean): Dispute {
  demandDisputeOpen(dispute);
  demand(ruleByBegun, 'DISPUTE_NOT_EXPIRED', { ruleBySlot: dispute.ruleBySlot });
  return { ...dispute, state: 'EXPIRED' };
}

/** The account out of which the other side pays; undefined for the market operator, who has none. */
export function respondentAccount(respondent: Respondent): Account | undefined {
  switch (respondent.kind) {
    case 'participant':
      return participantAccount(respondent.participantId);
    case 'dso':
      return 'flexibility';
    case 'market':
      return undefined;
  }
}

/** What a ruling moves: from the other side to the one who has raised the dispute; undefined where it moves nothing. */
export function correctionSet({ disputeId, participantId, respondent, ruling }: Dispute): PostingSet | undefined {
  const debit = respondentAccount(respondent);
  if (ruling?.remedy?.kind !== 'correction' || debit === undefined) {
    return undefined;
  }
  const { amountMicro } = ruling.remedy;
  const entries = move(debit, participantAccount(participantId), amountMicro, 'correction');
  return balanced({ cause: { kind: 'dispute', disputeId }, entries });
}
