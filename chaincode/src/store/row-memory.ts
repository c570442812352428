/**
 * Decoded rows that many transactions read, by the bytes that they were decoded from: equal bytes are equal rows, whatever the key and
 * whenever they were read, so that nothing can be out of date. What is remembered is frozen, because the next transaction gets it too.
 */
export class RowMemory<T> {
  private readonly known = new Map<string, T>();

  public constructor(private readonly rowsMax: number) {}

  /** The decoded row of these bytes. */
  public of(bytes: Uint8Array, decode: (bytes: Uint8Array) => T): T {
    const name = Buffer.from(bytes).toString('latin1');
    const known = this.known.get(name);
    if (known !== undefined) {
      return known;
    }
    const row = frozen(decode(bytes));
    if (this.known.size >= this.rowsMax) {
      this.known.clear();
    }
    this.known.set(name, row);
    return row;
  }
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}
