import { assert, InvariantError } from './assert';
import type { JsonValue } from './json';

const loneSurrogate = /[\ud800-\udfff]/u;
/** Text that stands in JSON as it is. */
const plainText = /^[ !#-[\]-~]*$/;

/** Compares by UTF-16 code units, the order that RFC 8785 prescribes for keys; never by locale. */
export function compareText(left: string, right: string): number {
  if (left === right) {
    return 0;
  }
  return left < right ? -1 : 1;
}

/**
 * Writes JSON in the canonical form of RFC 8785 (sorted keys, no spaces, shortest escapes). Throws InvariantError on what
 * has no place in a ledger: numbers that are not integers below 2^53, lone surrogates, undefined, the key `__proto__`.
 */
export function canonicalJson(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      assert(
        Number.isSafeInteger(value) && !Object.is(value, -0),
        'A number in canonical JSON is an integer below 2^53.',
      );
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return composite(value);
    default:
      throw new InvariantError(`Canonical JSON has no form for ${typeof value}.`);
  }
}

/** The canonical form as UTF-8 bytes, which is what is stored, hashed and signed. */
export function canonicalBytes(value: JsonValue): Buffer {
  return Buffer.from(canonicalJson(value), 'utf8');
}

function composite(value: Exclude<JsonValue, string | number | boolean>): string {
  if (value === null) {
    return 'null';
  }
  if (isArray(value)) {
    return `[${value.map((element) => canonicalJson(element)).join(',')}]`;
  }
  let members = '';
  for (const [key, member] of Object.entries(value).sort(([left], [right]) => compareText(left, right))) {
    members += `${members === '' ? '' : ','}${quoteKey(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** Array.isArray does not narrow a readonly array away, hence a guard of our own. */
function isArray(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function quoteKey(key: string): string {
  assert(key !== '__proto__', 'Canonical JSON has no key __proto__.');
  return quote(key);
}

function quote(text: string): string {
  if (plainText.test(text)) {
    return `"${text}"`;
  }
  assert(!loneSurrogate.test(text), 'Text in canonical JSON has no lone surrogates.');
  return JSON.stringify(text);
}
