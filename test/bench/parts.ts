import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { signers } from '@hyperledger/fabric-gateway';
import { signDer } from '@flexledger/gateway-app';
import { verifySignature } from '@flexledger/domain';

/** Microseconds of one operation, for levers that cannot be switched off from outside. */
export type Parts = Readonly<Record<string, number>>;

const ROUNDS = 400;

/** Measures the client's two signers, and a signature check with a key that is read again each time and one that is remembered. */
export async function measureParts(): Promise<Parts> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const message = Buffer.alloc(2_000, 7);
  const digest = createHash('sha256').update(message).digest();
  const library = signers.newPrivateKeySigner(key);
  const der = publicKey.export({ format: 'der', type: 'spki' });
  const raw = rawOf(signDer(message, key));
  const text = der.toString('base64url');
  const encoded = raw.toString('base64url');
  if (!verifySignature(text, message, encoded)) throw new Error('the signature of the measurement does not verify');
  return {
    'sign, library of the gateway': await microseconds(async () => library(digest)),
    'sign, node:crypto': await microseconds(() => signDer(message, key)),
    'verify, key read each time': await microseconds(() => {
      const read = createPublicKey({ key: der, format: 'der', type: 'spki' });
      verify('sha256', message, { key: read, dsaEncoding: 'ieee-p1363' }, raw);
    }),
    'verify, key remembered': await microseconds(() => verifySignature(text, message, encoded)),
  };
}

async function microseconds(work: () => unknown): Promise<number> {
  for (let round = 0; round < ROUNDS / 4; round += 1) await work();
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / ROUNDS;
}

/** r and s, 32 bytes each, of a DER signature. */
function rawOf(signature: Uint8Array): Buffer {
  const bytes = Buffer.from(signature);
  const rLength = bytes[3] ?? 0;
  const r = bytes.subarray(4, 4 + rLength);
  const s = bytes.subarray(6 + rLength);
  return Buffer.concat([r, s].map((part) => Buffer.concat([Buffer.alloc(32), part]).subarray(-32)));
}
