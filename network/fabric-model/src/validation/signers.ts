import type { Identity } from '../msp/identity';
import type { MspSet } from '../msp/msp-set';

/** A message with the identity that says it signed it. */
export interface SignedData {
  readonly message: Uint8Array;
  /** SerializedIdentity bytes. */
  readonly identity: Uint8Array;
  readonly signature: Uint8Array;
}

/** The distinct identities whose signatures hold, in order; unknown identities and bad signatures are dropped. */
export function validSigners(signed: readonly SignedData[], msps: MspSet): readonly Identity[] {
  const found = new Map<string, Identity>();
  for (const entry of signed) {
    const identity = readIdentity(entry.identity, msps);
    if (identity !== undefined && !found.has(identity.identifier) && identity.verify(entry.message, entry.signature)) {
      found.set(identity.identifier, identity);
    }
  }
  return [...found.values()];
}

function readIdentity(serialized: Uint8Array, msps: MspSet): Identity | undefined {
  try {
    return msps.deserialize(serialized);
  } catch {
    return undefined;
  }
}
