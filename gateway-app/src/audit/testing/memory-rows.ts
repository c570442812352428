import {
  fromBase64Url,
  isJsonObject,
  toBase64Url,
  type JsonObject,
  type JsonValue,
  type RowCodec,
} from '@flexledger/domain';
import type { AuditRow, AuditRows } from '../fold';

/** Rows in memory, in the order in which they were put, with everything that a forger may do to them. */
export class MemoryRows implements AuditRows {
  readonly #rows = new Map<string, AuditRow>();
  #committed = 0;
  #isTogether = false;

  /** Commits a row in a block of its own. */
  put<T>(codec: RowCodec<T>, value: T, type: string, ...parts: readonly string[]): void {
    this.#write(codec.encode(value), type, parts);
  }

  /** Commits a packed row in a block of its own. */
  putPacked(bytes: Uint8Array, type: string, ...parts: readonly string[]): void {
    this.#write(toBase64Url(bytes), type, parts);
  }

  /** Commits everything that is put meanwhile in one transaction. */
  together(put: () => void): void {
    this.#isTogether = true;
    put();
    this.#isTogether = false;
    this.#committed += 1;
  }

  rows(type: string): readonly AuditRow[] {
    const found = [...this.#rows.values()].filter((row) => row.type === type);
    return found.sort((left, right) => (left.parts.join('/') < right.parts.join('/') ? -1 : 1));
  }

  row(type: string, ...parts: readonly string[]): AuditRow | undefined {
    return this.#rows.get([type, ...parts].join('/'));
  }

  /** Changes the value of the row with this number among its type, and leaves no trace of the change. */
  tamper(type: string, index: number, change: (value: JsonObject) => JsonValue): void {
    const row = this.#at(type, index);
    const value = change(asObject(row.value));
    this.#set({ ...row, value, history: [...row.history.slice(0, -1), value] });
  }

  /** Changes every value that a row has ever had, and leaves no trace of the change. */
  tamperAll(type: string, index: number, change: (value: JsonObject) => JsonValue): void {
    const row = this.#at(type, index);
    this.#set({
      ...row,
      value: change(asObject(row.value)),
      history: row.history.map((value) => change(asObject(value))),
    });
  }

  /** Changes the bytes of a packed row, and leaves no trace of the change. */
  tamperPacked(type: string, index: number, change: (bytes: Buffer) => Uint8Array): void {
    const row = this.#at(type, index);
    const value = toBase64Url(change(packedBytes(row.value)));
    this.#set({ ...row, value, history: [...row.history.slice(0, -1), value] });
  }

  /** Commits a changed copy of a packed row under another key. */
  copyPacked(type: string, index: number, change: (bytes: Buffer) => Uint8Array, ...parts: readonly string[]): void {
    this.#write(toBase64Url(change(packedBytes(this.#at(type, index).value))), type, parts);
  }

  /** Lets a row have been committed before all others. */
  moveToFront(type: string, index: number): void {
    const row = this.#at(type, index);
    this.#set({ ...row, blockNumber: -1, places: row.places.map((place) => ({ ...place, blockNumber: -1 })) });
  }

  /** Writes the same value once more, as a second transaction would. */
  rewrite(type: string, index: number): void {
    const row = this.#at(type, index);
    const [place] = row.places;
    this.#set({
      ...row,
      history: [...row.history, row.value],
      places: place === undefined ? [] : [...row.places, place],
    });
  }

  /** Makes a row disappear. */
  remove(type: string, index: number): void {
    const { parts } = this.#at(type, index);
    this.#rows.delete([type, ...parts].join('/'));
  }

  /** Commits a copy of a row under another key. */
  copy(type: string, index: number, change: (value: JsonObject) => JsonValue, ...parts: readonly string[]): void {
    this.#write(change(asObject(this.#at(type, index).value)), type, parts);
  }

  #at(type: string, index: number): AuditRow {
    const row = this.rows(type)[index];
    if (row === undefined) {
      throw new RangeError(`there is no row ${index} of type ${type}`);
    }
    return row;
  }

  #write(value: JsonValue, type: string, parts: readonly string[]): void {
    const transactionId = `transaction ${this.#committed}`;
    const place = { blockNumber: this.#committed, transactionIndex: 0 };
    const { history = [], places = [] } = this.row(type, ...parts) ?? {};
    const written = { history: [...history, value], places: [...places, place] };
    this.#set({ type, parts, value, transactionId, ...place, ...written });
    this.#committed += this.#isTogether ? 0 : 1;
  }

  #set(row: AuditRow): void {
    this.#rows.set([row.type, ...row.parts].join('/'), row);
  }
}

function asObject(value: JsonValue): JsonObject {
  if (!isJsonObject(value)) {
    throw new TypeError('a row is an object');
  }
  return value;
}

function packedBytes(value: JsonValue): Buffer {
  const bytes = typeof value === 'string' ? fromBase64Url(value) : undefined;
  if (bytes === undefined) {
    throw new TypeError('a packed row is base64url');
  }
  return Buffer.from(bytes);
}
