import { createHash } from 'node:crypto';

import fc from 'fast-check';

import { concatBytes, equalBytes, hashKeyHex, toHex, utf8 } from './bytes';
import { objectIdentifierText, readElements, readOne, writeElement, writeUnsigned } from './der';
import { compareKeys } from './keys';
import { sameVersion, versionBytes } from './version';
import { canonicalWire, type WireSchema } from './canonical-wire';
import { varint, WireWriter } from './wire';

const text = fc.string({ unit: 'binary', maxLength: 6 }).filter((value) => Buffer.from(value).toString() === value);

describe('keys', () => {
  it('compare as their UTF-8 bytes compare', () => {
    fc.assert(
      fc.property(text, text, (left, right) => {
        expect(Math.sign(compareKeys(left, right))).toBe(
          Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right))),
        );
      }),
      { numRuns: 1000 },
    );
    expect(['\u{10ffff}', '\ufffd', '\ud7ff', 'z', ''].sort(compareKeys)).toEqual([
      '',
      'z',
      '\ud7ff',
      '\ufffd',
      '\u{10ffff}',
    ]);
  });

  it('are hashed as UTF-8', () => {
    expect(hashKeyHex('\u{1f50c}')).toBe(createHash('sha256').update(Buffer.from('\u{1f50c}')).digest('hex'));
  });
});

describe('versions', () => {
  it('have bytes that sort as the versions sort', () => {
    const number = fc.integer({ min: 0, max: 2 ** 40 });
    const version = fc.record({ block: number, transaction: number });
    fc.assert(
      fc.property(version, version, (left, right) => {
        const order = left.block - right.block || left.transaction - right.transaction;
        expect(Math.sign(Buffer.compare(versionBytes(left), versionBytes(right)))).toBe(Math.sign(order));
        expect(sameVersion(left, right)).toBe(order === 0);
      }),
    );
    expect(toHex(versionBytes({ block: 0, transaction: 256 }))).toBe('00020100');
    expect(sameVersion(undefined, undefined)).toBe(true);
    expect(sameVersion(undefined, { block: 0, transaction: 0 })).toBe(false);
  });
});

describe('bytes', () => {
  it('are equal when they have the same length and content', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (left, right) => {
        expect(equalBytes(left, Uint8Array.from(left))).toBe(true);
        expect(equalBytes(left, right)).toBe(toHex(left) === toHex(right));
        expect(toHex(concatBytes(left, right))).toBe(toHex(left) + toHex(right));
      }),
    );
  });
});

describe('DER', () => {
  it('comes back from what was written, at every length of a length', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_536]) {
      const content = new Uint8Array(length).fill(7);
      const [element, next] = readElements(concatBytes(writeElement(4, content), writeElement(2, Uint8Array.of(1))));
      expect([element?.content.length, next?.tag]).toEqual([length, 2]);
    }
  });

  it('writes non-negative integers in their shortest form', () => {
    expect(toHex(writeUnsigned(Uint8Array.of(0, 0, 0x80)))).toBe('02020080');
    expect(toHex(writeUnsigned(Uint8Array.of(0)))).toBe('020100');
    expect(toHex(writeUnsigned(new Uint8Array(0)))).toBe('020100');
  });

  it('reads object identifiers', () => {
    expect(objectIdentifierText(Uint8Array.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]))).toBe('1.2.840.10045.4.3.2');
    expect(objectIdentifierText(Uint8Array.from([0x88, 0x37, 1]))).toBe('2.999.1');
  });

  it.each(['30', '3001', '308001', '30810100', '3085010000000000', '02010002'])('%s is refused', (hex) => {
    expect(() => readOne(Buffer.from(hex, 'hex'), 0x30)).toThrow('DER_INVALID');
  });
});

describe('the wire rules of protobuf', () => {
  const schema: WireSchema = {
    1: 'text',
    2: { single: { 1: 'bytes', 2: { repeated: { 1: 'number' } } } },
    3: 'number',
  };
  const canonical = (hex: string) => toHex(canonicalWire(Buffer.from(hex, 'hex'), schema));

  it('let through what the writer writes, and leave out what the schema does not have', () => {
    const inner = new WireWriter().bytesField(1, Uint8Array.of(0xff)).finish();
    const known = () =>
      new WireWriter()
        .textField(1, 'é')
        .messageField(2, inner)
        .numberField(3, 2 ** 40);
    const message = known().flagField(4, true).finish();
    expect(toHex(canonicalWire(message, schema))).toBe(toHex(known().finish()));
    expect(canonical('')).toBe('');
    expect(canonical('2d0000000031000000000000000032027878')).toBe('');
    expect(toHex(varint(300))).toBe('ac02');
  });

  it.each([
    ['groups, one within another, are unknown fields', '2b0801230a021b1c242c0a0178', '0a0178'],
    ['a known field with another wire type is an unknown one', '08011a01780a0178', '0a0178'],
    [
      'the parts of a single message are merged where the first one stands',
      '12030a01781801120412020801',
      '12070a0178120208011801',
    ],
    ['the last of two values stays the last', '0a01780a0179', '0a01780a0179'],
    ['a length with needless bytes is as good as one without', '0a818000780a0178', '0a01780a0178'],
    ['a number may have 64 bits', `18${'ff'.repeat(9)}01`, `18${'ff'.repeat(9)}01`],
  ])('%s', (_, hex, expected) => {
    expect(canonical(hex)).toBe(expected);
  });

  it.each([
    ['a field that is longer than its message', '0a05'],
    ['a number that ends too early', '1880'],
    ['a number of more than ten bytes', `18${'80'.repeat(10)}01`],
    ['a number of more than 64 bits', `18${'ff'.repeat(9)}02`],
    ['a group that never ends', '1b0801'],
    ['a group that another one ends', '1b24'],
    ['a fault inside of a group', '1b18801c'],
    ['the end of a group that never began', '74'],
    ['field number 0', '0200'],
    ['text that is not UTF-8', '0a01ff'],
    ['a fault inside of a message', '12021880'],
    ['a fault that only the parts of a message have together', '12010a120105'],
    ['a fixed field that ends too early', '2d0000'],
  ])('refuse %s', (_, hex) => {
    expect(() => canonical(hex)).toThrow();
  });

  it('refuse what is no message at all', () => {
    expect(() => canonicalWire(utf8('this is no message'), schema)).toThrow();
  });
});
