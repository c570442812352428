import { FabricModelError } from './errors';

/** One DER element: its tag byte, its content, and all of it. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly raw: Uint8Array;
}

/** Universal tags used here. */
export const DER = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  explicit0: 0xa0,
  explicit3: 0xa3,
  implicit0: 0x80,
} as const;

function refuse(sentence: string): never {
  throw new FabricModelError('DER_INVALID', sentence);
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? refuse('The encoding ends too early.');
}

function lengthAt(bytes: Uint8Array, offset: number): { readonly length: number; readonly start: number } {
  const first = byteAt(bytes, offset);
  if (first < 0x80) {
    return { length: first, start: offset + 1 };
  }
  const count = first - 0x80;
  if (count === 0 || count > 4) {
    return refuse('A length is not in distinguished form.');
  }
  let length = 0;
  for (let index = 0; index < count; index += 1) {
    length = length * 256 + byteAt(bytes, offset + 1 + index);
  }
  if (length < 0x80) {
    return refuse('A length is not in its shortest form.');
  }
  return { length, start: offset + 1 + count };
}

/** Reads the elements that stand one after the other; throws DER_INVALID. */
export function readElements(bytes: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const tag = byteAt(bytes, offset);
    const { length, start } = lengthAt(bytes, offset + 1);
    const end = start + length;
    if (end > bytes.length) {
      refuse('An element is longer than what contains it.');
    }
    elements.push({ tag, content: bytes.subarray(start, end), raw: bytes.subarray(offset, end) });
    offset = end;
  }
  return elements;
}

/** Reads exactly one element with this tag; throws DER_INVALID. */
export function readOne(bytes: Uint8Array, tag: number): DerElement {
  const [element, ...rest] = readElements(bytes);
  if (element === undefined || rest.length > 0 || element.tag !== tag) {
    return refuse(`Expected exactly one element with tag ${tag}.`);
  }
  return element;
}

/** Dotted text of an object identifier. */
export function objectIdentifierText(content: Uint8Array): string {
  const parts: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      parts.push(value);
      value = 0;
    }
  }
  const [first = 0, ...rest] = parts;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - top * 40, ...rest].join('.');
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) {
    return [length];
  }
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) {
    bytes.unshift(rest % 256);
  }
  return [0x80 + bytes.length, ...bytes];
}

/** One element from its tag and contents. */
export function writeElement(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  return Buffer.concat([Uint8Array.from([tag, ...lengthBytes(content.length)]), content]);
}

/** A non-negative INTEGER from its big-endian bytes. */
export function writeUnsigned(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) {
    start += 1;
  }
  const trimmed = bytes.length === 0 ? Uint8Array.of(0) : bytes.subarray(start);
  const padding = (trimmed[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0);
  return writeElement(DER.integer, padding, trimmed);
}
