import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalBytes, canonicalJson, parseJson, parseJsonBytes } from './canonical';
import { InvariantError } from './assert';
import { RuleError } from './errors';
import type { JsonValue } from './json';

const runs = Number(process.env.PROPERTY_RUNS ?? '300');
const fixed = { numRuns: runs, seed: 20_160_520 };

const key = fc
  .oneof(fc.string({ unit: 'binary' }), fc.constantFrom('1', '10', '2', 'constructor', 'toString', ''))
  .filter((text) => text !== '__proto__');
const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    fc.string({ unit: 'binary' }),
    fc.array(tie('tree'), { maxLength: 6 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 6, noNullPrototype: true }),
  ),
}));
const document = tree.map((value) => (Object.is(value, -0) ? 0 : value));

function withoutMinusZero(value: JsonValue): JsonValue {
  return parseJson(JSON.stringify(value));
}

function codeOf(text: string): string {
  try {
    parseJson(text);
  } catch (error) {
    return error instanceof RuleError ? error.code : 'OTHER';
  }
  return 'ACCEPTED';
}

describe('canonical JSON', () => {
  it('equals an independent writer of RFC 8785 on every document', () => {
    fc.assert(
      fc.property(document.map(withoutMinusZero), (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
      fixed,
    );
  });

  it('is read back to the same document, and written again to the same bytes', () => {
    fc.assert(
      fc.property(document.map(withoutMinusZero), (value) => {
        const bytes = canonicalBytes(value);
        expect(parseJsonBytes(bytes)).toEqual(value);
        expect(canonicalBytes(parseJsonBytes(bytes))).toEqual(bytes);
      }),
      fixed,
    );
  });

  it('does not depend on the order of keys, not even of keys that look like numbers', () => {
    expect(canonicalJson({ b: 1, 10: 2, 9: 3, a: 4, '\u00e9': 5, '\ufb33': 6, '\ud83d\ude00': 7 })).toBe(
      '{"10":2,"9":3,"a":4,"b":1,"\u00e9":5,"\ud83d\ude00":7,"\ufb33":6}',
    );
  });

  it('has no form for what a ledger can not hold', () => {
    const strange = [1.5, 2 ** 53, NaN, Infinity, -0, '\ud800', undefined, 1n] as unknown as JsonValue[];
    for (const value of strange) {
      expect(() => canonicalJson(value)).toThrow(InvariantError);
      expect(() => canonicalJson({ a: [value] })).toThrow(InvariantError);
    }
    const proto = JSON.parse('{"__proto__":1}') as JsonValue;
    expect(() => canonicalJson(proto)).toThrow(InvariantError);
  });
});

describe('the strict reader', () => {
  it('agrees with the language on every document that it accepts', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          document.map((value) => JSON.stringify(value, null, 1)),
        ),
        (text) => {
          if (codeOf(text) === 'ACCEPTED') {
            expect(parseJson(text)).toEqual(JSON.parse(text));
          }
        },
      ),
      fixed,
    );
  });

  it('never fails in another way than with its own code', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(['ACCEPTED', 'INPUT_NOT_JSON']).toContain(codeOf(text));
      }),
      fixed,
    );
  });

  it('accepts white space, escapes and the ends of the number range', () => {
    expect(parseJson(' { "a" : [ 1 , -1 , 9007199254740991 ] ,\r\n\t"b":"\\u00e9\\n\\/\\ud83d\\ude00"} ')).toEqual({
      a: [1, -1, 9_007_199_254_740_991],
      b: '\u00e9\n/\ud83d\ude00',
    });
  });

  it.each([
    ['a fraction', '1.0'],
    ['an exponent', '1e2'],
    ['minus zero', '-0'],
    ['a leading zero', '01'],
    ['a plus sign', '+1'],
    ['a hexadecimal number', '0x1F'],
    ['2 to the 53', '9007199254740992'],
    ['a number of 40 digits', '1'.repeat(40)],
    ['Infinity', 'Infinity'],
    ['a key twice', '{"a":1,"a":1}'],
    ['a key twice by escapes', '{"a":1,"\\u0061":1}'],
    ['the key __proto__', '{"__proto__":1}'],
    ['the key __proto__ by escapes', '{"__prot\\u006f__":1}'],
    ['a comma too many in a list', '[1,]'],
    ['a comma too many in an object', '{"a":1,}'],
    ['a missing comma', '[1 2]'],
    ['a missing colon', '{"a" 1}'],
    ['a key without quotes', '{a:1}'],
    ['single quotes', "'a'"],
    ['a comment', '/**/1'],
    ['text after the document', '1 1'],
    ['a byte order mark', '\ufeff1'],
    ['a lone surrogate', '"\ud800"'],
    ['a lone surrogate by an escape', '"\\ud800"'],
    ['a control character in a text', '"\n"'],
    ['an unknown escape', '"\\x41"'],
    ['a short escape', '"\\u12"'],
    ['an open text', '"a'],
    ['an open list', '['],
    ['an open object', '{'],
    ['half a word', 'tru'],
    ['nothing', ''],
    ['space only', ' '],
    ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`],
    ['200,000 levels', '['.repeat(200_000)],
  ])('refuses %s', (_label, text) => {
    expect(codeOf(text)).toBe('INPUT_NOT_JSON');
  });

  it('reads 32 levels and a mebibyte, and not a byte more', () => {
    expect(codeOf(`${'['.repeat(32)}${']'.repeat(32)}`)).toBe('ACCEPTED');
    expect(codeOf(`"${'x'.repeat(1_048_574)}"`)).toBe('ACCEPTED');
    expect(codeOf(`"${'x'.repeat(1_048_575)}"`)).toBe('INPUT_TOO_LARGE');
    expect(codeOf(`"${'\u00e9'.repeat(524_288)}"`)).toBe('INPUT_TOO_LARGE');
  });

  it('refuses bytes that are not UTF-8 instead of replacing them', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc0, 0x80, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xe2, 0x82],
    ]) {
      expect(() => parseJsonBytes(Buffer.from(bytes))).toThrow(expect.objectContaining({ code: 'INPUT_NOT_UTF8' }));
    }
    expect(parseJsonBytes(Buffer.from('"\u20ac\ufffd"'))).toBe('\u20ac\ufffd');
  });
});
