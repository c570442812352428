import { demand, RuleError } from '../errors';
import { fromBase64Url } from '../base64url';
import { assert } from '../assert';
import { participantIdOf, type CommandId, type ParticipantId } from '../ids';
import { isJsonObject } from '../json';
import { publicKeyOf } from '../signature';
import { neverExpires, requestDigestOf, verifySignedCommand, type SignedCommand } from '../signed-command';
import { participantEntryCodec, type Participant, type ParticipantEntry } from './types';

/** Who carries the registration: what the participants' proofs of possession are bound to. */
export interface Registration {
  readonly channel: string;
  readonly commandId: CommandId;
  /** The organisation that registers. */
  readonly mspId: string;
}

/** The address of a key in JSON form. */
export function addressOf(publicKey: string): ParticipantId {
  const bytes = fromBase64Url(publicKey);
  assert(bytes !== undefined, 'A decoded key is base64url.');
  return participantIdOf(bytes);
}

/** What a participant signs to prove that it holds its key: a command over its own entry that never expires. */
export function possessionCommand(entry: ParticipantEntry, channel: string, commandId: CommandId): SignedCommand {
  const encoded = participantEntryCodec.encode(entry);
  assert(isJsonObject(encoded), 'An entry is an object.');
  const requestDigest = requestDigestOf(encoded);
  const contract = 'registry';
  return { channel, commandId, contract, expirySlot: neverExpires, requestDigest, transaction: 'registerParticipants' };
}

/**
 * The participants of a registration. Refuses a key that is not P-256, a signature that is not the key's over its entry, and a
 * participant that exists already or stands twice.
 */
export function admitParticipants(
  entries: readonly ParticipantEntry[],
  registration: Registration,
  existing: ReadonlySet<ParticipantId>,
): readonly Participant[] {
  for (const { publicKey } of entries) {
    demand(publicKeyOf(publicKey) !== undefined, 'SIGNATURE_KEY_INVALID', { participantId: addressOf(publicKey) });
  }
  for (const entry of entries) {
    const command = possessionCommand(entry, registration.channel, registration.commandId);
    verifySignedCommand(command, entry.publicKey, entry.signature);
  }
  const admitted = new Map<ParticipantId, Participant>();
  for (const { signature: _proof, ...entry } of entries) {
    const participantId = addressOf(entry.publicKey);
    demand(!existing.has(participantId) && !admitted.has(participantId), 'PARTICIPANT_EXISTS', { participantId });
    admitted.set(participantId, { ...entry, participantId, mspId: registration.mspId, state: 'ACTIVE' });
  }
  return [...admitted.values()];
}

/** The participant kept out of new business. Refuses one that is unknown or suspended already. */
export function suspend(participantId: ParticipantId, participant: Participant | undefined): Participant {
  const found = known(participantId, participant);
  demand(found.state === 'ACTIVE', 'PARTICIPANT_SUSPENDED', { participantId });
  return { ...found, state: 'SUSPENDED' };
}

/** The participant let in again. Refuses one that is unknown or not suspended. */
export function readmit(participantId: ParticipantId, participant: Participant | undefined): Participant {
  const found = known(participantId, participant);
  demand(found.state === 'SUSPENDED', 'PARTICIPANT_NOT_SUSPENDED', { participantId });
  return { ...found, state: 'ACTIVE' };
}

function known(participantId: ParticipantId, participant: Participant | undefined): Participant {
  if (participant === undefined) {
    throw new RuleError('PARTICIPANT_UNKNOWN', { participantId });
  }
  return participant;
}
