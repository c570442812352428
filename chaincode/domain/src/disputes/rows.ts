import { array, integer, object, oneOf, optional, union, type TypeOf } from '../decode';
import { digestCodec, elementIdCodec, freeTextCodec, mspIdCodec, signatureCodec } from '../field-codecs';
import { flexOrderIdCodec } from '../flexibility/ids';
import { commandIdCodec, disputeIdCodec, participantIdCodec } from '../ids';
import { limits } from '../limits';
import { causeCodec } from '../settlement/rows';
import { slotCodec } from '../time';
import { microCodec } from '../units';

/**
 * The other side of a dispute: a participant that the posting sets are about too, the system operator of a grid out of whose fund an order of
 * flexibility was paid, or the market operator, who settles.
 */
export const respondentCodec = union({
  participant: object({ participantId: participantIdCodec }),
  dso: object({ gridId: elementIdCodec }),
  market: object({}),
});
export type Respondent = TypeOf<typeof respondentCodec>;

/** What is disputed: posting sets, each named by its cause. The settlement of an order is one, a settled quarter hour of a bucket another. */
export const disputedCodec = array(causeCodec, limits.disputedSetsMax, 1);

/** The command that a participant has signed, from which its signature can be checked. */
const signedPartCodec = object({
  commandId: commandIdCodec,
  expirySlot: slotCodec,
  signature: signatureCodec,
});

/** What the other side says to it. */
export const disputeAnswerCodec = object({
  position: oneOf('ACCEPTS', 'CONTESTS'),
  text: freeTextCodec,
  evidenceDigest: optional(digestCodec),
  /** Where a participant answers. */
  signed: optional(signedPartCodec),
  /** Where an operator answers: its organisation. */
  mspId: optional(mspIdCodec),
});
export type DisputeAnswer = TypeOf<typeof disputeAnswerCodec>;

/** What a ruling asks for beside its words. */
export const remedyRequestCodec = union({
  /** The settlement of an order is made anew, as a version after the last one. */
  resettlement: object({ orderId: flexOrderIdCodec }),
  /** The other side pays the one who has raised the dispute. */
  correction: object({ amountMicro: microCodec }),
});
export type RemedyRequest = TypeOf<typeof remedyRequestCodec>;

/** The same as it stands in the ruling. */
export const remedyCodec = union({
  resettlement: object({
    orderId: flexOrderIdCodec,
    /** The last version when it was ruled: a later one fulfils the ruling. */
    afterVersion: integer(1, limits.amendmentVersionMax),
  }),
  correction: object({ amountMicro: microCodec }),
});
export type Remedy = TypeOf<typeof remedyCodec>;

/** How a regulator has ruled. */
export const outcomeCodec = oneOf('UPHELD', 'PARTLY', 'REJECTED');

/** The regulator's ruling. */
export const rulingCodec = object({
  outcome: outcomeCodec,
  reason: freeTextCodec,
  mspId: mspIdCodec,
  remedy: optional(remedyCodec),
});
export type Ruling = TypeOf<typeof rulingCodec>;

/** A dispute about what was posted. Evidence stays where it is; its digest stands here. */
export const disputeCodec = object({
  disputeId: disputeIdCodec,
  state: oneOf('RAISED', 'ANSWERED', 'RULED', 'WITHDRAWN', 'EXPIRED'),
  /** Who has raised it. */
  participantId: participantIdCodec,
  about: disputedCodec,
  respondent: respondentCodec,
  text: freeTextCodec,
  evidenceDigest: digestCodec,
  /** From this slot on the other side can no longer answer, and a ruling waits for no answer. */
  answerBySlot: slotCodec,
  /** From this slot on nothing can be ruled. */
  ruleBySlot: slotCodec,
  signed: signedPartCodec,
  answer: optional(disputeAnswerCodec),
  ruling: optional(rulingCodec),
});
export type Dispute = TypeOf<typeof disputeCodec>;

/** The row by which the disputes of a participant are found, and the one that a participant has disputed a posting set. */
export const disputeMarkerCodec = object({ disputeId: disputeIdCodec });
