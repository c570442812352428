import { createECDH, createHmac, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/**
 * Keys, salts and ids of a day that can be repeated. Everything is HMAC-SHA256 of a label under the seed, so equal
 * seeds give equal values on every machine. A production agent takes no seed: it makes its key once, at random.
 */

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** `length` bytes that depend on seed and label only. */
export function deriveBytes(seed: string, label: string, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let counter = 0; parts.length * 32 < length; counter += 1) {
    parts.push(createHmac('sha256', seed).update(`${counter}/${label}`, 'utf8').digest());
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** An id of 26 lower-case Crockford base32 characters (130 bits). */
export function deriveId(seed: string, label: string): string {
  return encodeCrockford(deriveBytes(seed, label, 17));
}

/** A whole number in [0, bound); the bias of the remainder is below 2^-40 for bounds up to 2^24. */
export function deriveInteger(seed: string, label: string, bound: number): number {
  return Number(deriveBytes(seed, label, 8).readBigUInt64BE() % BigInt(bound));
}

/** A P-256 private key; the scalar is reduced into [1, order - 1]. */
export function derivePrivateKey(seed: string, label: string): KeyObject {
  const scalar = (BigInt(`0x${deriveBytes(seed, label, 40).toString('hex')}`) % (P256_ORDER - 1n)) + 1n;
  const scalarBytes = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(scalarBytes);
  const point = curve.getPublicKey();
  return createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      d: scalarBytes.toString('base64url'),
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33, 65).toString('base64url'),
    },
  });
}

/** The public half of a private key as SPKI DER in base64url, the form in which the ledger holds keys. */
export function publicKeyText(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64url');
}

/** The first 130 bits of `bytes` (at least 17 of them) as 26 Crockford characters. */
function encodeCrockford(bytes: Buffer): string {
  let value = BigInt(`0x${bytes.subarray(0, 17).toString('hex')}`) >> 6n;
  let text = '';
  for (let index = 0; index < 26; index += 1) {
    text = (CROCKFORD[Number(value & 31n)] ?? '') + text;
    value >>= 5n;
  }
  return text;
}
