import { sign, type KeyObject } from 'node:crypto';

/** Order of the group of NIST P-256 (FIPS 186-4, D.1.2.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = ORDER >> 1n;
const SCALAR_BYTES = 32;

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function toBytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(SCALAR_BYTES * 2, '0'), 'hex');
}

/** The one of a signature's two valid forms whose s is at most half the order; raw r || s, 64 bytes. */
export function toLowS(raw: Uint8Array): Uint8Array {
  const s = toBigInt(raw.subarray(SCALAR_BYTES));
  if (s <= HALF_ORDER) {
    return raw;
  }
  return Buffer.concat([raw.subarray(0, SCALAR_BYTES), toBytes(ORDER - s)]);
}

/** ECDSA over SHA-256 of the message: raw r || s with a low s, as the contracts require of participants and meters. */
export function signRaw(message: Uint8Array, key: KeyObject): Uint8Array {
  return toLowS(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }));
}

/** The same in DER, as Fabric requires of its own identities. */
export function signDer(message: Uint8Array, key: KeyObject): Uint8Array {
  const raw = signRaw(message, key);
  const content = Buffer.concat([derInteger(raw.subarray(0, SCALAR_BYTES)), derInteger(raw.subarray(SCALAR_BYTES))]);
  return Buffer.concat([Buffer.from([0x30, content.length]), content]);
}

/** DER INTEGER of an unsigned number: no leading zeros, but one in front of a set top bit (X.690, 8.3). */
function derInteger(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) {
    start += 1;
  }
  const digits = Buffer.from(bytes.subarray(start));
  const padded = (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits;
  return Buffer.concat([Buffer.from([0x02, padded.length]), padded]);
}
