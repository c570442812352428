import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Bytes of a secret, a token and a salt that are made here. */
const RANDOM_BYTES = 32;
const HASH_BYTES = 32;

/** A new secret or token from the system's randomness, base64url. */
export function newSecret(): string {
  return randomBytes(RANDOM_BYTES).toString('base64url');
}

/** A secret as it is kept: no file holds the secret itself. */
export interface HashedSecret {
  readonly salt: string;
  readonly hash: string;
}

/** A secret hashed by scrypt (RFC 7914, N = 16384, r = 8, p = 1) with a salt of its own. */
export async function hashSecret(secret: string): Promise<HashedSecret> {
  const salt = randomBytes(RANDOM_BYTES);
  return { salt: salt.toString('base64url'), hash: (await scryptOf(secret, salt)).toString('base64url') };
}

/** Whether a secret is the one that was hashed; takes the same time in either case. */
export async function isSecret(secret: string, { hash, salt }: HashedSecret): Promise<boolean> {
  const [expected, actual] = [Buffer.from(hash, 'base64url'), await scryptOf(secret, Buffer.from(salt, 'base64url'))];
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** By which a token is found without being kept. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function scryptOf(secret: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, HASH_BYTES, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
