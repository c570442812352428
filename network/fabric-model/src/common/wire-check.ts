/** What stands in the length-delimited fields of a message: text, bytes, or another message. */
export interface WireSchema {
  readonly [field: number]: 'text' | 'bytes' | WireSchema;
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
    value += (byte % 128) * 2 ** (7 * index);
    if (byte < 128) {
      return { value, next: offset + index + 1 };
    }
  }
  return refuse('A number is longer than ten bytes.');
}

function checkText(bytes: Uint8Array): void {
  try {
    strictUtf8.decode(bytes);
  } catch {
    refuse('A text is not UTF-8.');
  }
}

function checkContent(bytes: Uint8Array, kind: WireSchema[number]): void {
  if (kind === 'text') {
    checkText(bytes);
  } else if (kind !== 'bytes') {
    checkWire(bytes, kind);
  }
}

interface Tag {
  readonly field: number;
  readonly wireType: number;
  readonly next: number;
}

function readTag(bytes: Uint8Array, offset: number): Tag {
  const { value, next } = readVarint(bytes, offset);
  const field = Math.floor(value / 8);
  if (field < 1 || field > FIELD_MAX) {
    refuse(`Field number ${field} does not exist.`);
  }
  return { field, wireType: value % 8, next };
}

/** Skips the fields of a group that has begun, groups within it too, up to behind its end. */
function skipGroup(bytes: Uint8Array, group: number, start: number): number {
  const open = [group];
  let offset = start;
  while (open.length > 0) {
    const { field, wireType, next } = readTag(bytes, offset);
    offset = next;
    if (wireType === WIRE.startGroup) {
      open.push(field);
    } else if (wireType !== WIRE.endGroup) {
      offset = checkField(bytes, { field, wireType, next }, undefined);
    } else if (open.pop() !== field) {
      refuse(`Group ${field} ends and never began.`);
    }
  }
  return offset;
}

/** Skips one field's value; a known field must be length-delimited. */
function checkField(bytes: Uint8Array, { field, wireType, next }: Tag, kind: WireSchema[number] | undefined): number {
  if (wireType === WIRE.lengthDelimited) {
    const { value: length, next: start } = readVarint(bytes, next);
    if (start + length > bytes.length) {
      refuse('A field is longer than its message.');
    }
    checkContent(bytes.subarray(start, start + length), kind ?? 'bytes');
    return start + length;
  }
  if (kind !== undefined) {
    refuse('A field has the wrong wire type.');
  }
  switch (wireType) {
    case WIRE.varint:
      return readVarint(bytes, next).next;
    case WIRE.fixed64:
      return next + 8;
    case WIRE.fixed32:
      return next + 4;
    case WIRE.startGroup:
      return skipGroup(bytes, field, next);
    default:
      return refuse(`Wire type ${wireType} has no place in a message.`);
  }
}

/**
 * Checks bytes against protobuf's wire rules as Go's decoder does. The JavaScript decoder takes much that Go refuses
 * (stray group ends, text that is not UTF-8), and a model that accepts more than a peer would disagree with it.
 * Throws a plain Error.
 */
export function checkWire(bytes: Uint8Array, schema: WireSchema): void {
  let offset = 0;
  while (offset < bytes.length) {
    const tag = readTag(bytes, offset);
    offset = checkField(bytes, tag, schema[tag.field]);
    if (offset > bytes.length) {
      refuse('A field is longer than its message.');
    }
  }
}
