import { isUtf8 } from 'node:buffer';
import { RuleError } from './errors';
import type { JsonObject, JsonValue } from './json';
import { limits } from './limits';

export { canonicalBytes, canonicalJson, compareText } from './canonical-writer';

const loneSurrogate = /[\ud800-\udfff]/u;
const integer = /-?(?:0|[1-9][0-9]*)/y;
const whiteSpace = /[ \t\n\r]*/y;
/** The highest of the characters that are white space. */
const space = 0x20;
/** A run of characters that need no escape; the newline and other controls must be escaped in JSON. */
const plainText = /[ !#-[\]-\uffff]*/y;

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/**
 * Reads JSON strictly: integers below 2^53 only (no fraction, exponent or minus zero), no key twice, no key `__proto__`,
 * no lone surrogates, at most 32 levels and 1 MiB. Throws RuleError INPUT_TOO_LARGE or INPUT_NOT_JSON with the position.
 */
export function parseJson(text: string): JsonValue {
  if (text.length > limits.jsonBytesMax || Buffer.byteLength(text, 'utf8') > limits.jsonBytesMax) {
    throw new RuleError('INPUT_TOO_LARGE', { bytesMax: limits.jsonBytesMax });
  }
  const reader = new Reader(text);
  return reader.document();
}

/** Reads JSON from UTF-8 bytes; bytes that are not UTF-8 are refused with INPUT_NOT_UTF8 instead of being replaced. */
export function parseJsonBytes(bytes: Uint8Array): JsonValue {
  if (bytes.length > limits.jsonBytesMax) {
    throw new RuleError('INPUT_TOO_LARGE', { bytesMax: limits.jsonBytesMax });
  }
  if (!isUtf8(bytes)) {
    throw new RuleError('INPUT_NOT_UTF8');
  }
  return parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
}

class Reader {
  private position = 0;

  public constructor(private readonly text: string) {}

  public document(): JsonValue {
    const value = this.value(0);
    this.skipWhiteSpace();
    if (this.position !== this.text.length) {
      throw this.refusal('there is text after the document');
    }
    return value;
  }

  private value(depth: number): JsonValue {
    this.skipWhiteSpace();
    const first = this.text.charAt(this.position);
    switch (first) {
      case '{':
        return this.object(this.deeper(depth));
      case '[':
        return this.array(this.deeper(depth));
      case '"':
        return this.string();
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  private object(depth: number): JsonObject {
    const members: Record<string, JsonValue> = {};
    this.position += 1;
    this.skipWhiteSpace();
    if (this.take('}')) {
      return members;
    }
    do {
      this.skipWhiteSpace();
      const key = this.string();
      if (key === '__proto__' || Object.hasOwn(members, key)) {
        throw this.refusal('a key stands twice or is not allowed');
      }
      this.skipWhiteSpace();
      this.expect(':');
      members[key] = this.value(depth);
      this.skipWhiteSpace();
    } while (this.take(','));
    this.expect('}');
    return members;
  }

  private array(depth: number): JsonValue[] {
    const elements: JsonValue[] = [];
    this.position += 1;
    this.skipWhiteSpace();
    if (this.take(']')) {
      return elements;
    }
    do {
      elements.push(this.value(depth));
      this.skipWhiteSpace();
    } while (this.take(','));
    this.expect(']');
    return elements;
  }

  private string(): string {
    this.expect('"');
    let text = this.match(plainText);
    while (this.take('\\')) {
      text += this.escape() + this.match(plainText);
    }
    this.expect('"');
    if (loneSurrogate.test(text)) {
      throw this.refusal('text has a lone surrogate');
    }
    return text;
  }

  private escape(): string {
    const letter = this.text.charAt(this.position);
    this.position += 1;
    if (letter !== 'u') {
      const escaped = escapes.get(letter);
      if (escaped === undefined) {
        throw this.refusal('an escape is unknown');
      }
      return escaped;
    }
    const digits = this.text.slice(this.position, this.position + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      throw this.refusal('an escape is unknown');
    }
    this.position += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  private number(): number {
    const digits = this.match(integer);
    const next = this.text.charAt(this.position);
    if (digits === '' || digits === '-0' || digits.length > 17 || /[0-9.eE+]/.test(next)) {
      throw this.refusal('a value is expected, and a number is an integer below 2^53');
    }
    const value = Number.parseInt(digits, 10);
    if (!Number.isSafeInteger(value)) {
      throw this.refusal('a number is an integer below 2^53');
    }
    return value;
  }

  private word<T extends JsonValue>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.position)) {
      throw this.refusal('a value is expected');
    }
    this.position += word.length;
    return value;
  }

  private deeper(depth: number): number {
    if (depth >= limits.jsonDepthMax) {
      throw this.refusal('there are more than 32 levels');
    }
    return depth + 1;
  }

  private skipWhiteSpace(): void {
    // Canonical JSON has none; a comparison says so faster than an expression.
    if (this.text.charCodeAt(this.position) <= space) {
      this.match(whiteSpace);
    }
  }

  /** Consumes what a sticky expression matches here; the empty text where it does not match. */
  private match(expression: RegExp): string {
    expression.lastIndex = this.position;
    const found = expression.exec(this.text)?.[0] ?? '';
    this.position += found.length;
    return found;
  }

  private take(character: string): boolean {
    if (this.text.charAt(this.position) !== character) {
      return false;
    }
    this.position += 1;
    return true;
  }

  private expect(character: string): void {
    if (!this.take(character)) {
      throw this.refusal(`"${character}" is expected`);
    }
  }

  private refusal(problem: string): RuleError {
    return new RuleError('INPUT_NOT_JSON', { position: this.position, problem });
  }
}
