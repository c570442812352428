import fc from 'fast-check';
import { array, boolean, integer, mapped, nullable, object, oneOf, optional, text, union, type Codec } from './decode';
import { RuleError } from './errors';
import { bytesCodec, digestCodec, freeTextCodec, mspIdCodec, obisCodec } from './field-codecs';
import { participantIdCodec } from './ids';
import type { JsonValue } from './json';
import { slotCodec } from './time';
import { microCodec, ppmCodec, varCodec, wCodec, whCodec } from './units';

const fixed = { numRuns: Number(process.env.PROPERTY_RUNS ?? '300'), seed: 20_160_520 };

const sample = object({
  name: freeTextCodec,
  energyWh: whCodec,
  note: optional(freeTextCodec),
  list: array(integer(0, 9), 3, 1),
  choice: union({ none: object({}), some: object({ slot: slotCodec }) }),
  maybe: nullable(boolean),
});
const good = {
  name: 'House',
  energyWh: '12',
  list: [1],
  choice: { kind: 'some', slot: 5 },
  maybe: null,
} as const satisfies JsonValue;

function refusal(codec: Codec<unknown>, value: JsonValue): string {
  try {
    codec.decode(value, '');
  } catch (error) {
    if (error instanceof RuleError) {
      return `${error.code} ${String(error.details.path)}`;
    }
    throw error;
  }
  return 'accepted';
}

describe('an object', () => {
  it('is encoded to what it was decoded from', () => {
    expect(sample.encode(sample.decode(good, ''))).toEqual(good);
    const whole = { ...good, note: 'x', choice: { kind: 'none' }, maybe: true };
    expect(sample.encode(sample.decode(whole, ''))).toEqual(whole);
  });

  it.each<[string, JsonValue, string]>([
    ['an unknown key', { ...good, more: 1 }, 'INPUT_FIELD_UNKNOWN /'],
    ['an unknown key in a variant', { ...good, choice: { kind: 'none', slot: 5 } }, 'INPUT_FIELD_UNKNOWN /choice'],
    ['a missing key', { name: 'House' }, 'INPUT_FIELD_MISSING /energyWh'],
    ['an optional key that is null', { ...good, note: null }, 'INPUT_FIELD_INVALID /note'],
    ['a number for an amount', { ...good, energyWh: 12 }, 'INPUT_FIELD_INVALID /energyWh'],
    ['a list that is too long', { ...good, list: [1, 2, 3, 4] }, 'INPUT_FIELD_INVALID /list'],
    ['a list that is too short', { ...good, list: [] }, 'INPUT_FIELD_INVALID /list'],
    ['a wrong element', { ...good, list: [1, 10] }, 'INPUT_FIELD_INVALID /list/1'],
    ['an unknown variant', { ...good, choice: { kind: 'toString' } }, 'INPUT_FIELD_INVALID /choice/kind'],
    ['a list for an object', [], 'INPUT_FIELD_INVALID /'],
    ['null for an object', null, 'INPUT_FIELD_INVALID /'],
  ])('with %s is refused with the place', (_label, value, expected) => {
    expect(refusal(sample, value)).toBe(expected);
  });

  it('with two mistakes reports an unknown key before a missing one, and fields in their order', () => {
    expect(refusal(sample, { more: 1 })).toBe('INPUT_FIELD_UNKNOWN /');
    expect(refusal(sample, { ...good, maybe: 7, name: '' })).toBe('INPUT_FIELD_INVALID /name');
  });

  it('never repeats a value in its refusal, because values may be confidential', () => {
    const secret = 'the-secret-value';
    for (const value of [
      { ...good, energyWh: secret },
      { ...good, choice: { kind: secret } },
      { ...good, [secret]: 1 },
    ]) {
      expect(() => sample.decode(value, '')).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining(secret) as string }),
      );
    }
  });
});

describe('an amount', () => {
  it.each(['', ' ', '0x1F', ' 7 ', '1e3', '-0', '-1', '+1', '01', '1.0', '1'.repeat(19), 'Infinity', '\u0661'])(
    'is never %j',
    (form) => {
      for (const codec of [whCodec, wCodec, varCodec, microCodec, ppmCodec]) {
        expect(refusal(codec, form)).toBe('INPUT_FIELD_INVALID /');
      }
    },
  );

  it('of at most 18 digits is exact', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), (value) => {
        expect(whCodec.decode(value.toString(), '')).toBe(value);
        expect(whCodec.encode(whCodec.decode(value.toString(), ''))).toBe(value.toString());
      }),
      fixed,
    );
  });

  it('of a share is at most a million', () => {
    expect(ppmCodec.decode('1000000', '')).toBe(1_000_000n);
    expect(refusal(ppmCodec, '1000001')).toBe('INPUT_FIELD_INVALID /');
  });
});

describe('text', () => {
  it.each(['House 7', 'Stra\u00dfe', 'r\u00e9paration', 'a', '1-LV-rural1--2-sw'])('for people may be %j', (value) => {
    expect(refusal(freeTextCodec, value)).toBe('accepted');
  });

  it.each([
    '',
    ' a',
    'a ',
    'a\nb',
    're\u0301paration',
    '\u202eabc',
    'a\u200bb',
    'a\u00adb',
    '\u0430bc',
    'a\u0000',
    '\u{10ffff}',
    'x'.repeat(201),
  ])('for people is never %j', (value) => {
    expect(refusal(freeTextCodec, value)).toBe('INPUT_FIELD_INVALID /');
  });

  it('of other fields has their form only', () => {
    expect(refusal(mspIdCodec, 'TsoMSP')).toBe('accepted');
    expect(refusal(mspIdCodec, 'Tso/MSP')).toBe('INPUT_FIELD_INVALID /');
    expect(refusal(obisCodec, '1-0:1.8.0')).toBe('accepted');
    expect(refusal(obisCodec, '1.8.0')).toBe('INPUT_FIELD_INVALID /');
    expect(refusal(participantIdCodec, 'i'.repeat(26))).toBe('INPUT_FIELD_INVALID /');
    expect(refusal(oneOf('a', 'b'), 'c')).toBe('INPUT_FIELD_INVALID /');
    expect(refusal(boolean, 'true')).toBe('INPUT_FIELD_INVALID /');
    expect(refusal(text(/^a$/, 'an a', 1), 'b')).toBe('INPUT_FIELD_INVALID /');
    const even = mapped(integer(0, 9), 'an even digit', (value) => (value % 2 === 0 ? value : undefined), Number);
    expect(refusal(even, 3)).toBe('INPUT_FIELD_INVALID /');
  });
});

describe('bytes', () => {
  it('have one text only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const encoded = Buffer.from(bytes).toString('base64url');
        expect(refusal(bytesCodec(1, 40), encoded)).toBe('accepted');
        expect(refusal(bytesCodec(1, 40), `${encoded}=`)).toBe('INPUT_FIELD_INVALID /');
      }),
      fixed,
    );
  });

  it.each(['A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}B`, `${'A'.repeat(42)}+`, ` ${'A'.repeat(42)}`])(
    'of a digest are not %j',
    (value) => {
      expect(refusal(digestCodec, 'A'.repeat(43))).toBe('accepted');
      expect(refusal(digestCodec, value)).toBe('INPUT_FIELD_INVALID /');
    },
  );
});
