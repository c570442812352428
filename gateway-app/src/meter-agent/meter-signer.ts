import type { SigningKey } from '../client/keys';

/**
 * What signs the blocks of a meter: a key file, or a hardware module that never gives its key away. It signs ECDSA over SHA-256 of
 * the message with P-256 and answers raw r || s with a low s in base64url, as `SigningKey.sign` does.
 */
export interface MeterSigner {
  /** SPKI DER, base64url without padding, as the ledger stores it. */
  readonly publicKey: string;
  sign(message: Uint8Array): string | Promise<string>;
}

/** A key from a file signs by itself. */
export function fileSigner(key: SigningKey): MeterSigner {
  return key;
}
