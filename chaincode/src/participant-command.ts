import { RuleError, verifySignedCommand, type Participant, type ParticipantId, type Slot } from '@flexledger/domain';
import type { GridContext } from './grid-context';
import { hasBegun } from './store/clock-store';
import { participants } from './store/registry/registry-store';

/** What a request carries when a participant has signed it. */
export interface SignedRequest {
  readonly participantId: ParticipantId;
  /** The last slot in which the command may still be accepted is the one before this. */
  readonly expirySlot: Slot;
  readonly signature: string;
}

/** The participant of an id; refuses with PARTICIPANT_UNKNOWN, or with PARTICIPANT_SUSPENDED while it is suspended. */
export async function activeParticipant(context: GridContext, participantId: ParticipantId): Promise<Participant> {
  const participant = await participants.load(context.session, participantId);
  if (participant === undefined) {
    throw new RuleError('PARTICIPANT_UNKNOWN', { participantId });
  }
  if (participant.state === 'SUSPENDED') {
    throw new RuleError('PARTICIPANT_SUSPENDED', { participantId });
  }
  return participant;
}

/**
 * The participant who signed a request, after checking that it is active, that the command has not expired on the ledger clock
 * (SIGNATURE_EXPIRED) and that the signature is its own over exactly this request (SIGNATURE_INVALID).
 */
export async function signingParticipant(
  context: GridContext,
  contract: string,
  transaction: string,
  request: SignedRequest,
): Promise<Participant> {
  const [participant, expired] = await Promise.all([
    activeParticipant(context, request.participantId),
    hasBegun(context.session, request.expirySlot),
  ]);
  if (expired) {
    throw new RuleError('SIGNATURE_EXPIRED', { expirySlot: request.expirySlot });
  }
  const { channel, commandId, requestDigest } = context;
  const { expirySlot, signature } = request;
  const command = { channel, commandId, contract, expirySlot, requestDigest, transaction };
  verifySignedCommand(command, participant.publicKey, signature);
  return participant;
}
