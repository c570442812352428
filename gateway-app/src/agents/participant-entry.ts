import { neverExpires, requestDigestOf, signedCommandBytes, type CommandId, type JsonObject } from '@flexledger/domain';
import type { CommandSigner } from './sign-command';

/** What a participant says of itself when it asks to be registered. */
export interface EntryFields {
  readonly kind: 'prosumer' | 'supplier' | 'producer' | 'aggregator';
  /** True where a gateway keeps the key for the participant. */
  readonly custodial: boolean;
  readonly connectionLimitW: bigint;
}

/** An entry of registry:registerParticipants in its JSON form; its signature shows that who is registered holds the key. */
export function participantEntry(
  { channel, key }: CommandSigner,
  commandId: CommandId,
  { connectionLimitW, ...fields }: EntryFields,
): JsonObject {
  const entry = { publicKey: key.publicKey, ...fields, connectionLimitW: connectionLimitW.toString() };
  const bytes = signedCommandBytes({
    channel,
    commandId,
    contract: 'registry',
    transaction: 'registerParticipants',
    expirySlot: neverExpires,
    requestDigest: requestDigestOf(entry),
  });
  return { ...entry, signature: key.sign(bytes) };
}
