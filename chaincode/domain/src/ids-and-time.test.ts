import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { InvariantError } from './assert';
import { crockford26, participantIdCodec, participantIdOf } from './ids';
import { addSlots, dayStart, slot, slotCodec, slotOfSeconds, slotRange, slotStartSeconds, slotText } from './time';

const fixed = { numRuns: 300, seed: 20_160_520 };
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** The bits of an id, spelled out: a second way to the same characters. */
function bitsOf(id: string): string {
  return [...id].map((character) => alphabet.indexOf(character).toString(2).padStart(5, '0')).join('');
}

describe('an id', () => {
  it('is the first 130 bits of its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 17, maxLength: 32 }), (bytes) => {
        const id = crockford26(bytes);
        const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
        expect(bitsOf(id)).toBe(bits.slice(0, 130));
        expect(participantIdCodec.decode(id, '')).toBe(id);
      }),
      fixed,
    );
    expect(() => crockford26(new Uint8Array(16))).toThrow(InvariantError);
  });

  it('of a participant comes from the hash of its key', () => {
    const key = Buffer.from('a key');
    expect(participantIdOf(key)).toBe(crockford26(createHash('sha256').update(key).digest()));
  });
});

describe('a slot', () => {
  it('begins on the quarter hour and has eight digits in a key', () => {
    const noon = Date.UTC(2016, 4, 20, 12, 0, 0) / 1_000;
    expect(slotStartSeconds(slotOfSeconds(noon))).toBe(noon);
    expect(slotOfSeconds(noon + 899)).toBe(slotOfSeconds(noon));
    expect(slotOfSeconds(noon + 900)).toBe(slotOfSeconds(noon) + 1);
    expect(slotText(slotOfSeconds(noon))).toBe('01626384');
    expect(slotStartSeconds(dayStart(slotOfSeconds(noon)))).toBe(Date.UTC(2016, 4, 20) / 1_000);
  });

  it('has byte order that is time order', () => {
    fc.assert(
      fc.property(fc.nat(99_999_999), fc.nat(99_999_999), (left, right) => {
        expect(slotText(slot(left)) < slotText(slot(right))).toBe(left < right);
      }),
      fixed,
    );
  });

  it('is never negative, broken or beyond its digits', () => {
    for (const value of [-1, 0.5, 100_000_000, Number.NaN]) {
      expect(() => slot(value)).toThrow(InvariantError);
    }
    expect(() => addSlots(slot(0), -1)).toThrow(InvariantError);
    expect(() => slotOfSeconds(-1)).toThrow(InvariantError);
    expect(() => slotCodec.decode(99_990_001, '')).toThrow(expect.objectContaining({ code: 'INPUT_FIELD_INVALID' }));
    expect(slotRange(slot(3), 3)).toEqual([3, 4, 5]);
  });
});
