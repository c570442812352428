import { demand, RuleError } from '../errors';
import { fromBase64Url } from '../base64url';
import { assert } from '../assert';
import { participantIdOf, type CommandId, type ParticipantId } from '../ids';
import { isJsonObject } from '../json';
import { limits } from '../limits';
import { publicKeyOf } from '../signature';
import { neverExpires, requestDigestOf, verifySignedCommand, type SignedCommand } from '../signed-command';
import type { Slot } from '../time';
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

/** From when a suspension or its end counts at the gates of sessions. */
export interface StandingSlot {
  readonly slot: Slot;
  /** True where the slot lies ahead of the ledger clock. */
  readonly isAhead: boolean;
}

/** A change of a participant's standing as an authority asks for it. */
export interface StandingChange {
  readonly participantId: ParticipantId;
  readonly reason: string;
  /** Absent for a suspension that keeps from new business only and leaves open orders alone. */
  readonly from: StandingSlot | undefined;
}

/**
 * The participant kept out of new business at once; with a slot, its open orders are void too at every gate from that slot on. Refuses
 * one that is unknown or suspended already, and a slot that has begun: what a gate has seen never changes.
 */
export function suspend(change: StandingChange, participant: Participant | undefined): Participant {
  const { from, participantId, reason } = change;
  const found = known(participantId, participant);
  demand(found.state === 'ACTIVE', 'PARTICIPANT_SUSPENDED', { participantId });
  if (from === undefined) {
    return { ...found, state: 'SUSPENDED' };
  }
  const suspensions = found.suspensions ?? [];
  demandAhead(from);
  demand(suspensions.length < limits.suspensionsMax, 'PARTICIPANT_SUSPENSIONS_TOO_MANY', { participantId });
  return { ...found, state: 'SUSPENDED', suspensions: [...suspensions, { fromSlot: from.slot, reason }] };
}

/**
 * The participant let in again. Refuses one that is unknown or not suspended, an end without a slot of a suspension that began with
 * one, or the reverse (PARTICIPANT_SUSPENSION_SLOT), and a slot that has begun.
 */
export function readmit(change: StandingChange, participant: Participant | undefined): Participant {
  const { from, participantId, reason } = change;
  const found = known(participantId, participant);
  demand(found.state === 'SUSPENDED', 'PARTICIPANT_NOT_SUSPENDED', { participantId });
  const last = found.suspensions?.at(-1);
  const open = last?.toSlot === undefined ? last : undefined;
  demand((open === undefined) === (from === undefined), 'PARTICIPANT_SUSPENSION_SLOT', { participantId });
  if (open === undefined || from === undefined) {
    return { ...found, state: 'ACTIVE' };
  }
  demandAhead(from);
  const ended = { ...open, toSlot: from.slot, readmissionReason: reason };
  return { ...found, state: 'ACTIVE', suspensions: [...(found.suspensions ?? []).slice(0, -1), ended] };
}

/**
 * True where a participant is suspended in a slot. Once the slot has begun the answer never changes: every later suspension and every
 * later end names a slot after it.
 */
export function wasSuspendedIn({ suspensions = [] }: Participant, slot: Slot): boolean {
  return suspensions.some(({ fromSlot, toSlot }) => fromSlot <= slot && (toSlot === undefined || slot < toSlot));
}

function demandAhead({ isAhead, slot }: StandingSlot): void {
  demand(isAhead, 'PARTICIPANT_SLOT_BEGUN', { slot });
}

function known(participantId: ParticipantId, participant: Participant | undefined): Participant {
  if (participant === undefined) {
    throw new RuleError('PARTICIPANT_UNKNOWN', { participantId });
  }
  return participant;
}
