import { createHash } from 'node:crypto';
import { UftpRefusal } from './refusal';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** The UUID of an id of 128 bits: ids of requests, offers and orders are UUIDs in the ledger's spelling. */
export function uuidOf(id: string): string {
  const bits = [...id].reduce((value, character) => value * 32n + BigInt(ALPHABET.indexOf(character)), 0n);
  return dashed(bits.toString(16).padStart(32, '0'));
}

/** The id, in the ledger's spelling, of a UUID. The id of a command that is made from it gives the same. */
export function idOfUuid(uuid: string): string {
  let bits = BigInt(`0x${uuid.replaceAll('-', '')}`);
  let id = '';
  for (let index = 0; index < 26; index += 1) {
    id = ALPHABET.charAt(Number(bits % 32n)) + id;
    bits /= 32n;
  }
  if (bits !== 0n) throw new UftpRefusal('Invalid Message', 'a message id is a UUID');
  return id;
}

/** A UUID that follows from a text, for what has no id of its own on the ledger (RFC 9562, version 8). */
export function derivedUuid(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return dashed(bytes.toString('hex'));
}

function dashed(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
