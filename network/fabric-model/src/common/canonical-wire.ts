import { concatBytes } from './bytes';
import { varint } from './wire';

/** What a field of a message holds; a message may stand once or any number of times. */
export type WireKind =
  'text' | 'bytes' | 'number' | { readonly single: WireSchema } | { readonly repeated: WireSchema };

/** The fields of a message by their numbers. */
export interface WireSchema {
  readonly [field: number]: WireKind;
}

const WIRE = { varint: 0, fixed64: 1, lengthDelimited: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;
const VARINT_BYTES_MAX = 10;
const FIELD_MAX = 2 ** 29 - 1;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

function refuse(sentence: string): never {
  // A plain error: whoever decodes gives it the code of what is being decoded.
  throw new Error(sentence);
}

interface Step {
  readonly value: number;
  readonly next: number;
}

function readVarint(bytes: Uint8Array, offset: number): Step {
  let value = 0;
  for (let index = 0; index < VARINT_BYTES_MAX; index += 1) {
    const byte = bytes[offset + index] ?? refuse('A number ends too early.');
    if (index === VARINT_BYTES_MAX - 1 && byte > 1) {
      break;
    }
    value += (byte % 128) * 2 ** (7 * index);
    if (byte < 128) {
      return { value, next: offset + index + 1 };
    }
  }
  return refuse('A number has more than 64 bits.');
}

/** One field as it stands in the bytes: its number, its wire type, and where its content begins and ends. */
interface Field {
  readonly number: number;
  readonly wireType: number;
  readonly start: number;
  readonly end: number;
}

function readTag(bytes: Uint8Array, offset: number): Omit<Field, 'end'> {
  const { value, next } = readVarint(bytes, offset);
  const number = Math.floor(value / 8);
  if (number < 1 || number > FIELD_MAX) {
    refuse(`Field number ${number} does not exist.`);
  }
  return { number, wireType: value % 8, start: next };
}

/** Skips the fields of a group that has begun, groups within it too, up to behind its end. */
function skipGroup(bytes: Uint8Array, group: number, start: number): number {
  const open = [group];
  let offset = start;
  while (open.length > 0) {
    const tag = readTag(bytes, offset);
    offset = tag.start;
    if (tag.wireType === WIRE.startGroup) {
      open.push(tag.number);
    } else if (tag.wireType !== WIRE.endGroup) {
      offset = withEnd(bytes, tag).end;
    } else if (open.pop() !== tag.number) {
      refuse(`Group ${tag.number} ends and never began.`);
    }
  }
  return offset;
}

function withEnd(bytes: Uint8Array, tag: Omit<Field, 'end'>): Field {
  const { start } = tag;
  switch (tag.wireType) {
    case WIRE.varint:
      return { ...tag, end: readVarint(bytes, start).next };
    case WIRE.fixed64:
      return { ...tag, end: start + 8 };
    case WIRE.fixed32:
      return { ...tag, end: start + 4 };
    case WIRE.lengthDelimited: {
      const { value, next } = readVarint(bytes, start);
      return { ...tag, start: next, end: next + value };
    }
    case WIRE.startGroup:
      return { ...tag, end: skipGroup(bytes, tag.number, start) };
    default:
      return refuse(`Wire type ${tag.wireType} has no place in a message.`);
  }
}

function readField(bytes: Uint8Array, offset: number): Field {
  const field = withEnd(bytes, readTag(bytes, offset));
  return field.end > bytes.length ? refuse('A field is longer than its message.') : field;
}

function checkText(bytes: Uint8Array): void {
  try {
    strictUtf8.decode(bytes);
  } catch {
    refuse('A text is not UTF-8.');
  }
}

function delimited(number: number, content: Uint8Array): Uint8Array {
  return concatBytes(varint(number * 8 + WIRE.lengthDelimited), varint(content.length), content);
}

/** The message that is left of these bytes when each field is read as Go reads it. */
class CanonicalMessage {
  private readonly parts: Uint8Array[] = [];
  /** Contents of single messages by their field, with the place of the first. */
  private readonly singles = new Map<number, { readonly place: number; readonly contents: Uint8Array[] }>();

  constructor(private readonly schema: WireSchema) {}

  add({ number, wireType }: Field, content: Uint8Array): void {
    const kind = this.schema[number];
    const wanted = kind === 'number' ? WIRE.varint : WIRE.lengthDelimited;
    if (kind === undefined || wireType !== wanted) {
      return;
    }
    if (kind === 'number') {
      this.parts.push(varint(number * 8), content);
    } else if (kind === 'text' || kind === 'bytes') {
      if (kind === 'text') {
        checkText(content);
      }
      this.parts.push(delimited(number, content));
    } else if ('repeated' in kind) {
      this.parts.push(delimited(number, canonicalWire(content, kind.repeated)));
    } else {
      this.addSingle(number, content);
    }
  }

  finish(): Uint8Array {
    for (const [number, { place, contents }] of this.singles) {
      const kind = this.schema[number];
      if (typeof kind === 'object' && 'single' in kind) {
        this.parts[place] = delimited(number, canonicalWire(concatBytes(...contents), kind.single));
      }
    }
    return concatBytes(...this.parts);
  }

  private addSingle(number: number, content: Uint8Array): void {
    const known = this.singles.get(number);
    if (known === undefined) {
      this.singles.set(number, { place: this.parts.length, contents: [content] });
      this.parts.push(new Uint8Array(0));
    } else {
      known.contents.push(content);
    }
  }
}

/**
 * The fields of the schema in these bytes, as Go's decoder takes them, so that the JavaScript decoder reads the same: a
 * field with another wire type than its own counts as unknown, the parts of a single message that stands several times
 * are merged, and unknown fields, groups too, are left out. What Go refuses (texts that are not UTF-8, ends of groups
 * that never began, fields that end too late) throws a plain Error; a model that read less or more than a peer would
 * disagree with it.
 */
export function canonicalWire(bytes: Uint8Array, schema: WireSchema): Uint8Array {
  const message = new CanonicalMessage(schema);
  let offset = 0;
  while (offset < bytes.length) {
    const field = readField(bytes, offset);
    message.add(field, bytes.subarray(field.start, field.end));
    offset = field.end;
  }
  return message.finish();
}
