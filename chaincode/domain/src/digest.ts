import { createHash, createHmac } from 'node:crypto';
import { toBase64Url } from './base64url';
import { canonicalBytes } from './canonical-writer';
import type { JsonValue } from './json';

/** SHA-256 of the joined parts, 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest();
}

/** HMAC-SHA256, 32 bytes (RFC 2104). */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Buffer {
  return createHmac('sha256', key).update(message).digest();
}

/** The digest of a JSON document: base64url of SHA-256 over its canonical bytes, 43 characters. */
export function digestOf(value: JsonValue): string {
  return toBase64Url(sha256(canonicalBytes(value)));
}
