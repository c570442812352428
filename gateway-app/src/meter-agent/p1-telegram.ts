import type { Energy, Fault, Measurement } from './measurement';
import { parseEnergy } from './quantity';
import { secondsAsUtc } from './time-zone';

/** A whole telegram of a P1 port with its place in the stream, or what is wrong there. */
export type P1Frame =
  | { readonly text: string; readonly at: number; readonly end: number }
  | { readonly fault: Fault; readonly end: number };

const TELEGRAM_BYTES_MAX = 16_384;
/** After the exclamation mark: four hexadecimal digits and a line feed, with or without a carriage return before it. */
const TAIL_BYTES = 6;
const SLASH = 0x2f;
const INSIDE = 'another telegram begins inside this one';
const EXCLAMATION_MARK = '!';

/**
 * Finds the telegrams in a stream of bytes (DSMR P1 companion standard 5.0.2, section 5.2): from a slash to an exclamation mark with
 * a checksum. Half telegrams, noise and wrong checksums are faults; the next telegram is found again after each.
 */
export class P1Framer {
  #buffer = Buffer.alloc(0);
  /** Place of the buffer's first byte in the stream. */
  #offset: number;

  constructor(offset = 0) {
    this.#offset = offset;
  }

  *push(bytes: Uint8Array): Generator<P1Frame> {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
      if (frame !== 'noise') yield frame;
    }
  }

  /** The stream has broken off: a telegram that has begun is lost. */
  *end(): Generator<P1Frame> {
    const hasBegun = this.#buffer[0] === SLASH;
    const frame = this.#cut(this.#buffer.length, 'P1_TELEGRAM_CUT', 'the stream ends inside a telegram');
    if (hasBegun) yield frame;
  }

  /** The next frame; 'noise' for what lies between two telegrams and is only blank; undefined when more bytes are needed. */
  #next(): P1Frame | 'noise' | undefined {
    const start = this.#buffer.indexOf(SLASH);
    if (start !== 0) return this.#skipTo(start < 0 ? this.#buffer.length : start);
    const mark = this.#buffer.indexOf(EXCLAMATION_MARK);
    const restart = this.#buffer.indexOf('\n/');
    if (restart > 0 && (mark < 0 || restart < mark)) {
      return this.#cut(restart + 1, 'P1_TELEGRAM_CUT', INSIDE);
    }
    if (mark < 0 && this.#buffer.length <= TELEGRAM_BYTES_MAX) return undefined;
    if (mark < 0 || mark > TELEGRAM_BYTES_MAX) {
      return this.#cut(1, 'P1_TELEGRAM_TOO_LONG', `a telegram has at most ${TELEGRAM_BYTES_MAX} bytes`);
    }
    return this.#telegram(mark);
  }

  #telegram(mark: number): P1Frame | undefined {
    const tail = this.#buffer.subarray(mark + 1, mark + 1 + TAIL_BYTES).toString('latin1');
    const lineEnd = tail.indexOf('\n');
    if (lineEnd < 0 && tail.length < TAIL_BYTES) return undefined;
    const end = mark + 1 + (lineEnd < 0 ? 0 : lineEnd + 1);
    const checksum = /^([0-9A-Fa-f]{4})\r?\n/.exec(tail)?.[1];
    if (checksum === undefined) return this.#cut(end, 'P1_CHECKSUM', 'the telegram has no checksum');
    const body = this.#buffer.subarray(0, mark + 1);
    if (crc16(body) !== Number.parseInt(checksum, 16)) {
      // Where a half telegram runs into a whole one, the whole one begins at a slash inside.
      const inside = body.indexOf(SLASH, 1);
      if (inside > 0) return this.#cut(inside, 'P1_TELEGRAM_CUT', INSIDE);
      return this.#cut(end, 'P1_CHECKSUM', 'the checksum is not that of the telegram');
    }
    const frame = { text: body.toString('latin1'), at: this.#offset, end: this.#offset + end };
    this.#drop(end);
    return frame;
  }

  #skipTo(place: number): P1Frame | 'noise' | undefined {
    if (place === 0) return undefined;
    const isBlank = /^[\s\0]*$/.test(this.#buffer.subarray(0, place).toString('latin1'));
    const frame = this.#cut(place, 'P1_NOISE', `${place} bytes are part of no telegram`);
    return isBlank ? 'noise' : frame;
  }

  #cut(length: number, code: Fault['code'], sentence: string): P1Frame {
    const frame = { fault: { code, where: `byte ${this.#offset}`, sentence }, end: this.#offset + length };
    this.#drop(length);
    return frame;
  }

  #drop(length: number): void {
    this.#buffer = this.#buffer.subarray(length);
    this.#offset += length;
  }
}

/** CRC-16 with the polynomial x16+x15+x2+1, least significant bit first, no initial value and no inversion. */
export function crc16(bytes: Uint8Array): number {
  let remainder = 0;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder & 1) === 1 ? (remainder >> 1) ^ 0xa001 : remainder >> 1;
    }
  }
  return remainder;
}

/** The counters of a telegram at its own time, or the fault that it has. */
export function readTelegram(text: string, at: number, winterOffsetMinutes: number): Measurement | Fault {
  const fields = new Map(
    [...text.matchAll(/^(\d+-\d+:\d+\.\d+\.\d+)\(([^()]*)\)/gm)].map((match) => [match[1], match[2]]),
  );
  const atSeconds = timeOf(fields.get('0-0:1.0.0') ?? '', winterOffsetMinutes);
  const where = `byte ${at}`;
  if (atSeconds === undefined) return { code: 'P1_TIME', where, sentence: 'the telegram has no time that can be read' };
  const [importMicroWh, exportMicroWh] = [counterOf(fields, '1'), counterOf(fields, '2')];
  if (importMicroWh === undefined || exportMicroWh === 'unreadable' || importMicroWh === 'unreadable') {
    return { code: 'P1_COUNTER', where, sentence: 'the telegram has no counter of import, or one that cannot be read' };
  }
  const counters: Energy = { importMicroWh, exportMicroWh: exportMicroWh ?? 0n };
  return { kind: 'register', atSeconds, ...counters };
}

/** The sum of the counters of all tariffs of a direction (1 import, 2 export), or the one without a tariff. */
function counterOf(
  fields: ReadonlyMap<string | undefined, string | undefined>,
  direction: '1' | '2',
): bigint | 'unreadable' | undefined {
  const tariffs = ['1', '2', '3', '4'].map((tariff) => fields.get(`1-0:${direction}.8.${tariff}`));
  const given = tariffs.filter((value) => value !== undefined);
  const total = fields.get(`1-0:${direction}.8.0`);
  const texts = given.length > 0 || total === undefined ? given : [total];
  if (texts.length === 0) return undefined;
  const values = texts.map((text) => {
    const [, amount = '', unit] = /^([\d.]+)\*(kWh|Wh)$/.exec(text) ?? [];
    return unit === 'kWh' || unit === 'Wh' ? parseEnergy(amount, unit) : undefined;
  });
  return values.reduce<bigint | 'unreadable'>(
    (sum, value) => (sum === 'unreadable' || value === undefined ? 'unreadable' : sum + value),
    0n,
  );
}

/** YYMMDDhhmmss with S in summer time and W in winter time. */
function timeOf(text: string, winterOffsetMinutes: number): number | undefined {
  const match = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})([SW])$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const shown = secondsAsUtc({ year: 2000 + year, month, day, hour, minute, second });
  const offsetMinutes = winterOffsetMinutes + (match[7] === 'S' ? 60 : 0);
  return shown === undefined ? undefined : shown - offsetMinutes * 60;
}
