/** Bytes that do not follow their format. Who reads a caller's bytes answers with a code; in a row of ours it is a bug. */
export class PackFault extends Error {
  public constructor(what: string) {
    super(what);
    this.name = 'PackFault';
  }
}

const lowBits = 0x7f;
const moreFollows = 0x80;
const bitsPerByte = 7;
/** Seven groups of seven bits hold every exact integer that a block may carry (below 2^49). */
const groupsMax = 7;

/** Writes packed values one after the other; docs/metering.md says what each kind looks like. */
export class PackWriter {
  private buffer = Buffer.alloc(512);
  private length = 0;

  /** One byte. */
  public byte(value: number): this {
    this.reserve(1);
    this.buffer[this.length] = value;
    this.length += 1;
    return this;
  }

  /** An integer from 0 to below 2^49: seven bits per byte, lowest first, the top bit set on all but the last (LEB128). */
  public uint(value: number): this {
    let rest = value;
    while (rest > lowBits) {
      this.byte((rest % moreFollows) | moreFollows);
      rest = Math.floor(rest / moreFollows);
    }
    return this.byte(rest);
  }

  /** Bytes as they are. */
  public raw(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /**
   * Values as differences, the first one from 0. A difference d is written as the integer 2d (or -2d - 1 below 0); behind a
   * difference of 0 stands how many more equal values follow.
   */
  public series(values: readonly number[]): this {
    let previous = 0;
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index] ?? 0;
      const difference = value - previous;
      this.uint(difference < 0 ? -2 * difference - 1 : 2 * difference);
      if (difference === 0) {
        const first = index;
        while (index + 1 < values.length && values[index + 1] === value) {
          index += 1;
        }
        this.uint(index - first);
      }
      previous = value;
    }
    return this;
  }

  /** Codes of two bits, four to a byte, the first in the lowest bits. */
  public pairs(codes: readonly number[]): this {
    for (let index = 0; index < codes.length; index += 4) {
      const [first = 0, second = 0, third = 0, fourth = 0] = codes.slice(index, index + 4);
      this.byte(first | (second << 2) | (third << 4) | (fourth << 6));
    }
    return this;
  }

  /** Everything that was written. */
  public finish(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.length));
  }

  private reserve(bytes: number): void {
    if (this.length + bytes > this.buffer.length) {
      const larger = Buffer.alloc(Math.max(2 * this.buffer.length, this.length + bytes));
      larger.set(this.buffer);
      this.buffer = larger;
    }
  }
}

/** Reads what PackWriter wrote, and nothing else: every value has one form only. Throws PackFault. */
export class PackReader {
  private place = 0;

  public constructor(private readonly bytes: Uint8Array) {}

  public byte(): number {
    const value = this.bytes[this.place];
    if (value === undefined) {
      throw new PackFault('The bytes end too early.');
    }
    this.place += 1;
    return value;
  }

  public uint(maximum: number): number {
    let value = 0;
    let scale = 1;
    for (let group = 0; group < groupsMax; group += 1) {
      const byte = this.byte();
      value += (byte & lowBits) * scale;
      if (byte < moreFollows) {
        if ((byte === 0 && group > 0) || value > maximum) {
          throw new PackFault('An integer is longer than it need be or too large.');
        }
        return value;
      }
      scale *= 2 ** bitsPerByte;
    }
    throw new PackFault('An integer is too long.');
  }

  public raw(length: number): Buffer {
    if (this.place + length > this.bytes.length) {
      throw new PackFault('The bytes end too early.');
    }
    const found = Buffer.from(this.bytes.subarray(this.place, this.place + length));
    this.place += length;
    return found;
  }

  /** As many values as asked, none below 0 or above the maximum. */
  public series(count: number, maximum: number): readonly number[] {
    const values: number[] = [];
    let previous = 0;
    let mayRepeat = true;
    while (values.length < count) {
      const zigzag = this.uint(2 * maximum + 1);
      const difference = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      const value = previous + difference;
      if (value < 0 || value > maximum || (difference === 0 && !mayRepeat)) {
        throw new PackFault('A value is negative, too large or not packed as short as it can be.');
      }
      const repeats = difference === 0 ? this.uint(count - values.length - 1) : 0;
      for (let repeat = 0; repeat <= repeats; repeat += 1) {
        values.push(value);
      }
      previous = value;
      mayRepeat = difference !== 0;
    }
    return values;
  }

  public pairs(count: number): readonly number[] {
    const codes: number[] = [];
    for (let index = 0; index < count; index += 4) {
      const byte = this.byte();
      const here = Math.min(4, count - index);
      if (byte >> (2 * here) !== 0) {
        throw new PackFault('Bits that stand for nothing are 0.');
      }
      for (let pair = 0; pair < here; pair += 1) {
        codes.push((byte >> (2 * pair)) & 3);
      }
    }
    return codes;
  }

  /** Refuses bytes that are left over. */
  public end(): void {
    if (this.place !== this.bytes.length) {
      throw new PackFault('Bytes are left over.');
    }
  }
}
