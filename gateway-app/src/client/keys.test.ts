import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { participantIdOf } from '@flexledger/domain';
import { isLowS } from '@flexledger/fabric-model';
import { FileKeyStore, SigningKey } from './keys';
import { signDer, toLowS } from './p256';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

describe('a signature', () => {
  test('verifies and has a low s, every time', () => {
    const key = SigningKey.generate();
    const publicKey = createPublicKey({ key: Buffer.from(key.publicKey, 'base64url'), format: 'der', type: 'spki' });
    for (let index = 0; index < 50; index += 1) {
      const message = Buffer.from(`message ${index}`);
      const signature = Buffer.from(key.sign(message), 'base64url');
      expect(signature.length).toBe(64);
      expect(BigInt(`0x${signature.subarray(32).toString('hex')}`) <= ORDER / 2n).toBe(true);
      expect(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
    }
  });

  test('in DER is what Fabric accepts', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    for (let index = 0; index < 50; index += 1) {
      const message = Buffer.from(`message ${index}`);
      const signature = signDer(message, privateKey);
      expect(isLowS(signature)).toBe(true);
      expect(verify('sha256', message, publicKey, signature)).toBe(true);
    }
  });

  test('of a high s is mirrored, of a low s left alone', () => {
    const r = Buffer.alloc(32, 1);
    const high = Buffer.from((ORDER - 5n).toString(16), 'hex');
    const low = Buffer.from('5'.padStart(64, '0'), 'hex');
    expect(Buffer.from(toLowS(Buffer.concat([r, high]))).toString('hex')).toBe(Buffer.concat([r, low]).toString('hex'));
    expect(Buffer.from(toLowS(Buffer.concat([r, low]))).toString('hex')).toBe(Buffer.concat([r, low]).toString('hex'));
  });
});

test('the address of a key is the id that the ledger derives from its public key', () => {
  const key = SigningKey.generate();
  expect(key.address).toBe(participantIdOf(Buffer.from(key.publicKey, 'base64url')));
});

describe('a key store', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'flexledger-keys-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  test('gives back the key it was given, in a file that only its owner may read', () => {
    const store = new FileKeyStore(join(directory, 'keys'));
    const key = SigningKey.generate();
    store.save('meter-1', key);
    store.save('meter-1', key);
    expect(store.load('meter-1').address).toBe(key.address);
    expect(readdirSync(join(directory, 'keys'))).toEqual(['meter-1.pem']);
    expect(statSync(join(directory, 'keys', 'meter-1.pem')).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'keys')).mode & 0o777).toBe(0o700);
  });

  test('refuses a key that others may read, and names that are paths', () => {
    const store = new FileKeyStore(directory);
    store.save('meter-1', SigningKey.generate());
    chmodSync(join(directory, 'meter-1.pem'), 0o644);
    expect(() => store.load('meter-1')).toThrow('can be read by others');
    expect(() => store.save('../meter', SigningKey.generate())).toThrow(RangeError);
  });

  test('refuses keys of other kinds', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
    expect(() => new SigningKey(privateKey)).toThrow(TypeError);
  });
});
