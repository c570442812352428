/** Writes the few protobuf messages for which the bindings hold no class (proto3: default values are left out). */
export class WireWriter {
  private readonly parts: Uint8Array[] = [];

  bytesField(field: number, value: Uint8Array): this {
    if (value.length > 0) {
      this.parts.push(varint(field * 8 + 2), varint(value.length), value);
    }
    return this;
  }

  textField(field: number, value: string): this {
    return this.bytesField(field, Buffer.from(value, 'utf8'));
  }

  numberField(field: number, value: number): this {
    if (value !== 0) {
      this.parts.push(varint(field * 8), varint(value));
    }
    return this;
  }

  flagField(field: number, value: boolean): this {
    if (value) {
      this.parts.push(varint(field * 8), Uint8Array.of(1));
    }
    return this;
  }

  /** A nested message, written even when it is empty. */
  messageField(field: number, value: Uint8Array): this {
    this.parts.push(varint(field * 8 + 2), varint(value.length), value);
    return this;
  }

  finish(): Uint8Array {
    return Buffer.concat(this.parts);
  }
}

/** Base-128 bytes of a non-negative integer below 2^53. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
