import {
  requestDigestOf,
  signedCommandBytes,
  slot,
  type CommandId,
  type ContractName,
  type JsonObject,
} from '@flexledger/domain';
import type { SigningKey } from '../client/keys';

/** Who signs, and for which channel: a signature for one is none for another. */
export interface CommandSigner {
  readonly channel: string;
  readonly key: SigningKey;
}

/** A request in its JSON form as its participant signs it. */
export type UnsignedRequest = JsonObject & { readonly commandId: string; readonly expirySlot: number };

/** Signs a participant's request over everything in it; what comes after is no longer what was signed. */
export function signCommand(
  { channel, key }: CommandSigner,
  contract: ContractName,
  transaction: string,
  request: UnsignedRequest,
): JsonObject {
  const bytes = signedCommandBytes({
    channel,
    commandId: request.commandId as CommandId,
    contract,
    transaction,
    expirySlot: slot(request.expirySlot),
    requestDigest: requestDigestOf(request),
  });
  return { ...request, signature: key.sign(bytes) };
}
