import { signatureCodec } from '../field-codecs';
import { participantIdCodec } from '../ids';
import { slotCodec } from '../time';
import { commandFields } from './common';
import { exampleCommandId, exampleParticipantId, exampleSignature } from './examples';

/** What every request carries that a participant signs. */
export const signedFields = {
  ...commandFields,
  participantId: participantIdCodec,
  expirySlot: slotCodec,
  signature: signatureCodec,
};

/** The same in an example. */
export const signedExample = {
  commandId: exampleCommandId,
  participantId: exampleParticipantId,
  expirySlot: 1_626_020,
  signature: exampleSignature,
};

/** What a signed request is refused with for its signature or its participant. */
export const signatureErrors = [
  'SIGNATURE_EXPIRED',
  'SIGNATURE_INVALID',
  'PARTICIPANT_UNKNOWN',
  'PARTICIPANT_SUSPENDED',
] as const;
