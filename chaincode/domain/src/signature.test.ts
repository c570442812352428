import { generateKeyPairSync, sign } from 'node:crypto';
import { digestOf } from './digest';
import type { CommandId } from './ids';
import { isLowS, publicKeyOf, verifySignature } from './signature';
import { requestDigestOf, signedCommandBytes, verifySignedCommand, type SignedCommand } from './signed-command';
import { slot } from './time';

const curveOrder = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const message = Buffer.from('a message');

function keyPair(curve = 'P-256') {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return { privateKey, publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url') };
}

const { privateKey, publicKey } = keyPair();

function forms(content: Buffer): { readonly low: string; readonly high: string; readonly der: string } {
  const raw = sign('sha256', content, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const s = BigInt(`0x${raw.subarray(32).toString('hex')}`);
  const other = Buffer.from((curveOrder - s).toString(16).padStart(64, '0'), 'hex');
  const mirrored = Buffer.concat([raw.subarray(0, 32), other]);
  const [low, high] = isLowS(raw) ? [raw, mirrored] : [mirrored, raw];
  const der = sign('sha256', content, privateKey);
  return { low: low.toString('base64url'), high: high.toString('base64url'), der: der.toString('base64url') };
}

describe('a signature', () => {
  it('is accepted in its low form only, of this message and by this key', () => {
    const { low, high, der } = forms(message);
    expect(verifySignature(publicKey, message, low)).toBe(true);
    expect(verifySignature(publicKey, message, high)).toBe(false);
    expect(verifySignature(publicKey, message, der)).toBe(false);
    expect(verifySignature(publicKey, Buffer.from('another'), low)).toBe(false);
    expect(verifySignature(keyPair().publicKey, message, low)).toBe(false);
  });

  it('is judged alike by a key that was read before, and other keys stay refused', () => {
    const { low, high } = forms(message);
    const stranger = keyPair().publicKey;
    for (let round = 0; round < 3; round += 1) {
      expect(verifySignature(publicKey, message, low)).toBe(true);
      expect(verifySignature(publicKey, message, high)).toBe(false);
      expect(verifySignature(stranger, message, low)).toBe(false);
      expect(verifySignature(`${publicKey}A`, message, low)).toBe(false);
    }
  });

  it('is refused empty, of zeros, cut, longer or with foreign characters', () => {
    const { low } = forms(message);
    for (const wrong of ['', 'A'.repeat(86), low.slice(0, -1), `${low}A`, `${low}=`, ` ${low}`]) {
      expect(verifySignature(publicKey, message, wrong)).toBe(false);
    }
  });
});

describe('a public key', () => {
  it('is a P-256 key in the one form that its address is made from', () => {
    expect(publicKeyOf(publicKey)).toBeDefined();
    expect(publicKeyOf(keyPair('P-384').publicKey)).toBeUndefined();
    expect(publicKeyOf(keyPair('secp256k1').publicKey)).toBeUndefined();
    expect(publicKeyOf('')).toBeUndefined();
    expect(publicKeyOf(Buffer.alloc(91).toString('base64url'))).toBeUndefined();
    const der = Buffer.from(publicKey, 'base64url');
    expect(publicKeyOf(Buffer.concat([der, Buffer.of(0)]).toString('base64url'))).toBeUndefined();
  });

  it('in its compressed form would have another address, and is refused', () => {
    const der = Buffer.from(publicKey, 'base64url');
    const point = Buffer.concat([Buffer.of(2 + (der[90]! % 2)), der.subarray(27, 59)]);
    const algorithm = der.subarray(2, 23);
    const bits = Buffer.concat([Buffer.of(0x03, point.length + 1, 0), point]);
    const body = Buffer.concat([algorithm, bits]);
    const compressed = Buffer.concat([Buffer.of(0x30, body.length), body]);
    expect(publicKeyOf(compressed.toString('base64url'))).toBeUndefined();
  });
});

describe('a signed command', () => {
  const command: SignedCommand = {
    channel: 'community',
    commandId: '0'.repeat(26) as CommandId,
    contract: 'market',
    expirySlot: slot(5),
    requestDigest: digestOf({ a: 1 }),
    transaction: 'placeOrders',
  };

  it('is signed as canonical JSON', () => {
    expect(signedCommandBytes(command).toString()).toBe(
      `{"channel":"community","commandId":"${'0'.repeat(26)}","contract":"market","expirySlot":5,` +
        `"requestDigest":"${digestOf({ a: 1 })}","transaction":"placeOrders"}`,
    );
  });

  it('is void in every other channel, contract, transaction, command, expiry and content', () => {
    const { low } = forms(signedCommandBytes(command));
    expect(() => verifySignedCommand(command, publicKey, low)).not.toThrow();
    const changes: Partial<SignedCommand>[] = [
      { channel: 'another' },
      { contract: 'accounts' },
      { transaction: 'withdrawOrders' },
      { commandId: '1'.repeat(26) as CommandId },
      { expirySlot: slot(6) },
      { requestDigest: digestOf({ a: 2 }) },
    ];
    for (const change of changes) {
      expect(() => verifySignedCommand({ ...command, ...change }, publicKey, low)).toThrow(
        expect.objectContaining({ code: 'SIGNATURE_INVALID' }),
      );
    }
  });

  it('covers everything of a request but the signature itself', () => {
    const digest = requestDigestOf({ a: 1, signature: 'x' });
    expect(digest).toBe(digestOf({ a: 1 }));
    expect(requestDigestOf({ signature: 'y', a: 1 })).toBe(digest);
    expect(requestDigestOf({ a: 2, signature: 'x' })).not.toBe(digest);
  });
});
