import { canonicalBytes } from './canonical-writer';
import { digestOf } from './digest';
import { RuleError } from './errors';
import type { CommandId } from './ids';
import type { JsonObject } from './json';
import { verifySignature } from './signature';
import { slot, slotMax, type Slot } from './time';

/** The expiry of a signature that has none, such as the proof that a participant holds its key. */
export const neverExpires: Slot = slot(slotMax);

/** What a participant signs: a command for one channel and transaction, with its content by digest. */
export interface SignedCommand {
  readonly channel: string;
  readonly contract: string;
  readonly transaction: string;
  readonly commandId: CommandId;
  /** The command is void once this slot has begun on the ledger clock. */
  readonly expirySlot: Slot;
  /** Digest of the request without its signature; see requestDigestOf. */
  readonly requestDigest: string;
}

/** The bytes that are signed: the canonical JSON of the command. */
export function signedCommandBytes(command: SignedCommand): Buffer {
  const { channel, commandId, contract, expirySlot, requestDigest, transaction } = command;
  return canonicalBytes({ channel, commandId, contract, expirySlot, requestDigest, transaction });
}

/** The digest of an encoded request (or of one entry of it) without its key `signature`. */
export function requestDigestOf(encodedRequest: JsonObject): string {
  const unsigned = Object.entries(encodedRequest).filter(([key]) => key !== 'signature');
  return digestOf(Object.fromEntries(unsigned));
}

/** Refuses with SIGNATURE_INVALID where the signature is not the key's low-S signature of the command. */
export function verifySignedCommand(command: SignedCommand, publicKey: string, signature: string): void {
  if (!verifySignature(publicKey, signedCommandBytes(command), signature)) {
    throw new RuleError('SIGNATURE_INVALID', { commandId: command.commandId });
  }
}
