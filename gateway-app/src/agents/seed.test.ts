import { createSign, createVerify, createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { deriveBytes, deriveId, deriveInteger, derivePrivateKey, publicKeyText } from './seed';

describe('values derived from a seed', () => {
  test('are equal for equal seed and label, and differ otherwise', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (seed, label, other) => {
        expect(deriveId(seed, label)).toBe(deriveId(seed, label));
        expect(deriveId(seed, label)).toMatch(/^[0-9abcdefghjkmnpqrstvwxyz]{26}$/);
        if (other !== label) expect(deriveId(seed, other)).not.toBe(deriveId(seed, label));
        if (other !== seed) expect(deriveId(other, label)).not.toBe(deriveId(seed, label));
      }),
      { seed: 20160520, numRuns: 100 },
    );
  });

  test('come in the length that is asked for', () => {
    expect([0, 1, 32, 33, 100].map((length) => deriveBytes('seed', 'label', length).length)).toEqual([
      0, 1, 32, 33, 100,
    ]);
  });

  test('stay below the bound', () => {
    const values = Array.from({ length: 500 }, (_, index) => deriveInteger('seed', String(index), 7));
    expect(new Set(values)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
  });

  test('make keys that sign and verify', () => {
    const key = derivePrivateKey('seed', 'meter/1');
    const signature = createSign('sha256').update('block').sign(key);
    const publicKey = createPublicKey({
      key: Buffer.from(publicKeyText(key), 'base64url'),
      type: 'spki',
      format: 'der',
    });
    expect(createVerify('sha256').update('block').verify(publicKey, signature)).toBe(true);
    expect(publicKeyText(derivePrivateKey('seed', 'meter/1'))).toBe(publicKeyText(key));
    expect(publicKeyText(derivePrivateKey('seed', 'meter/2'))).not.toBe(publicKeyText(key));
  });
});
