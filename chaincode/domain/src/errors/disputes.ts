import type { ErrorRow } from './error-row';

/** Refusals of disputes, in precedence order. */
export const disputeErrors = [
  { code: 'DISPUTE_UNKNOWN', meaning: 'There is no such dispute.', whoFixes: 'caller', transient: true },
  {
    code: 'DISPUTE_SUBJECT_UNKNOWN',
    meaning: 'A posting set that is disputed is not on the ledger.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'DISPUTE_FINAL',
    meaning: 'What a ruling has posted cannot be disputed.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'DISPUTE_NOT_PARTY',
    meaning: 'The posting set is not about the participant: nobody disputes the bill of somebody else.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'DISPUTE_RESPONDENT_UNRELATED',
    meaning: 'Who shall answer is not the other side of the posting set.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'DISPUTE_TWICE',
    meaning: 'The participant has disputed the posting set before, or names it twice.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'DISPUTE_TOO_LATE',
    meaning: 'The time for disputing the posting set has passed.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'DISPUTE_DEADLINE',
    meaning: 'The other side has less or more time to answer than the rule set allows.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'DISPUTE_NOT_RESPONDENT',
    meaning: 'Only the side that was asked answers a dispute.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'DISPUTE_NOT_CLAIMANT',
    meaning: 'Only who has raised a dispute withdraws it.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'DISPUTE_CLOSED',
    meaning: 'The dispute was ruled, withdrawn or has expired.',
    whoFixes: 'nobody',
    transient: false,
  },
  { code: 'DISPUTE_ANSWERED', meaning: 'The dispute has an answer.', whoFixes: 'nobody', transient: false },
  {
    code: 'DISPUTE_ANSWER_LATE',
    meaning: 'The time for answering the dispute has passed.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'DISPUTE_ANSWER_OPEN',
    meaning: 'The other side has not answered, and can still do so.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'DISPUTE_RULING_LATE',
    meaning: 'The time for ruling the dispute has passed.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'DISPUTE_REMEDY_REFUSED',
    meaning: 'A dispute that is rejected has no remedy.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'DISPUTE_RESETTLEMENT_UNRELATED',
    meaning: 'Only an order of flexibility whose settlement is disputed is settled anew.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'DISPUTE_NO_ACCOUNT',
    meaning: 'The market operator has no account out of which a correction could be paid.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'DISPUTE_NOT_EXPIRED',
    meaning: 'The dispute can still be ruled.',
    whoFixes: 'caller',
    transient: true,
  },
] as const satisfies readonly ErrorRow[];
