import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { present } from './assert';
import { fromBase64Url } from './base64url';

/** Half of the order of the base point of P-256 (FIPS 186-5, SEC 2 section 2.4.2), rounded down. */
const halfCurveOrder = present(
  fromBase64Url('f____4AAAAB__________95zfVbTi89CedzlYX4xkqg'),
  'A constant is base64url.',
);

/** Keys that are kept parsed: to parse one takes longer than to verify a signature with it. */
const parsedKeysMax = 10_000;
const parsedKeys = new Map<string, KeyObject>();

/** The length of a P-256 key as SPKI DER, the place of its point's marker, and the marker of an uncompressed point (RFC 5480). */
const spkiBytes = 91;
const pointOffset = 26;
const uncompressed = 4;

/** Keys that are remembered: those of some thousand meters, at about a kilobyte each. */
const keysMax = 8_192;
const knownKeys = new Map<string, KeyObject>();

/**
 * The key of SPKI DER text, read once: reading takes longer than checking a signature with it. What the text says never changes,
 * so that a remembered key and one that is read again are the same; text that is not a key is not remembered.
 */
function knownKeyOf(publicKey: string): KeyObject | undefined {
  const known = knownKeys.get(publicKey);
  if (known !== undefined) {
    return known;
  }
  const key = publicKeyOf(publicKey);
  if (key === undefined) {
    return undefined;
  }
  if (knownKeys.size >= keysMax) {
    knownKeys.clear();
  }
  knownKeys.set(publicKey, key);
  return key;
}

/**
 * The key of SPKI DER text, or undefined where it is not a P-256 key in its one canonical (uncompressed) form: other forms of the
 * same key would have another address.
 */
export function publicKeyOf(publicKey: string): KeyObject | undefined {
  const known = parsedKeys.get(publicKey);
  if (known !== undefined) {
    return known;
  }
  const key = parsePublicKey(publicKey);
  if (key !== undefined) {
    if (parsedKeys.size >= parsedKeysMax) {
      parsedKeys.clear();
    }
    parsedKeys.set(publicKey, key);
  }
  return key;
}

function parsePublicKey(publicKey: string): KeyObject | undefined {
  const der = fromBase64Url(publicKey);
  // OpenSSL keeps a compressed point compressed when it exports the key again: the marker itself must be looked at.
  if (der?.length !== spkiBytes || der[pointOffset] !== uncompressed) {
    return undefined;
  }
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    const canonical = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
    return canonical && key.export({ format: 'der', type: 'spki' }).equals(der) ? key : undefined;
  } catch {
    // OpenSSL throws for every malformed key; each of them is simply "not a key" to the caller, who refuses with its code.
    return undefined;
  }
}

/**
 * True for a signature of the message by the key: ECDSA over P-256 with SHA-256, as 64 bytes r and s, with s in the lower half.
 * The mirrored s of every ECDSA signature verifies too, which would give one message two accepted signatures.
 */
export function verifySignature(publicKey: string, message: Uint8Array, signature: string): boolean {
  const bytes = fromBase64Url(signature);
  const key = knownKeyOf(publicKey);
  if (key === undefined || bytes?.length !== 64 || !isLowS(bytes)) {
    return false;
  }
  return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, bytes);
}

/** True where s, the second half of a 64-byte signature, is at most half of the curve's order. */
export function isLowS(signature: Uint8Array): boolean {
  return Buffer.compare(signature.subarray(32), halfCurveOrder) <= 0;
}
