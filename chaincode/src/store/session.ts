import {
  assert,
  canonicalBytes,
  compareText,
  InvariantError,
  isJsonObject,
  parseJsonBytes,
  RuleError,
  type CollectionName,
  type JsonObject,
} from '@flexledger/domain';
import { bookmarkAfter, isUnder, keyParts, type KeyPrefix, type StateKey } from './keys';
import type { Ledger } from './ledger-access';
import { ReadQueue } from './read-queue';
import type { RowMemory } from './row-memory';

/** A row of a list and its key's parts after the object type. */
export interface ListedRow {
  readonly parts: readonly string[];
  readonly row: JsonObject;
}

/** A packed row of a range and its key's parts after the object type. */
export interface ListedBytes {
  readonly parts: readonly string[];
  readonly bytes: Uint8Array;
}

/** Above this a range answer could have been cut off silently by the peer (its limit is 100,000 rows). */
const rangeRowsMax = 50_000;

type Place = CollectionName | '';
type Loaded = Promise<JsonObject | undefined>;
type LoadedBytes = Promise<Uint8Array | undefined>;

/** What will be written under a key: a JSON row, or the bytes of a packed one. */
interface Write {
  readonly place: Place;
  readonly key: StateKey;
  readonly value: JsonObject | Uint8Array;
}

/**
 * The unit of work of one transaction. Fabric does not show a transaction its own writes and keeps no order among them; the
 * session does: every key is read at most once, a row that was saved is what is loaded next, every key is written at most once,
 * and nothing is written before the rules have accepted everything.
 */
export class StoreSession {
  private readonly reads = new Map<string, LoadedBytes>();
  private readonly rows = new Map<string, Loaded>();
  private readonly purges = new Map<string, { readonly collection: CollectionName; readonly key: StateKey }>();
  private readonly writes = new Map<string, Write>();
  private readonly queue: ReadQueue;

  public constructor(private readonly ledger: Ledger) {
    this.queue = new ReadQueue(ledger);
  }

  /** The row of a key on the channel, or undefined. Keys that are asked for together are read together. */
  public load(key: StateKey): Loaded {
    return this.row('', key);
  }

  /** The decoded row of a key on the channel, or undefined; decoded only where the memory does not know these bytes. */
  public async loadDecoded<T>(
    key: StateKey,
    decode: (row: JsonObject) => T,
    memory: RowMemory<T>,
  ): Promise<T | undefined> {
    if (this.writes.has(key)) {
      const row = await this.load(key);
      return row === undefined ? undefined : decode(row);
    }
    const bytes = await this.read('', key);
    return bytes === undefined ? undefined : memory.of(bytes, () => decode(rowOf(bytes)));
  }

  /** The row of a key in a private collection, or undefined. Only members' peers can answer. */
  public loadPrivate(collection: CollectionName, key: StateKey): Loaded {
    return this.row(collection, key);
  }

  /** The bytes of a packed row on the channel, or undefined. */
  public loadBytes(key: StateKey): LoadedBytes {
    return this.read('', key);
  }

  /** The bytes of a packed row in a private collection, or undefined. Only members' peers can answer. */
  public loadPrivateBytes(collection: CollectionName, key: StateKey): LoadedBytes {
    return this.read(collection, key);
  }

  /** Puts a row on the channel when the transaction is accepted. */
  public save(key: StateKey, row: JsonObject | Uint8Array): void {
    this.write('', key, row);
  }

  /** Puts a row into a private collection when the transaction is accepted. */
  public savePrivate(collection: CollectionName, key: StateKey, row: JsonObject | Uint8Array): void {
    this.write(collection, key, row);
  }

  /** Takes a row, and every earlier value of it, out of a private collection when the transaction is accepted. */
  public purgePrivate(collection: CollectionName, key: StateKey): void {
    assert(!this.writes.has(collection + key), 'A row is not written and purged at once.');
    this.purges.set(collection + key, { collection, key });
  }

  /**
   * All rows under a prefix in key order. For submits only over rows that can no longer grow, because the peer repeats the
   * query when it commits.
   */
  public async list(prefix: KeyPrefix): Promise<readonly ListedRow[]> {
    assert(
      ![...this.writes.values()].some((write) => isUnder(write.key, prefix)),
      'A list is read before it is written.',
    );
    const rows: ListedRow[] = [];
    await guarded(async () => {
      for await (const { key, value } of this.ledger.getStateByPartialCompositeKey(prefix.objectType, [
        ...prefix.parts,
      ])) {
        assert(rows.length < rangeRowsMax, 'A list is far below the limit at which the peer cuts it off.');
        rows.push({ parts: keyParts(key), row: rowOf(value) });
      }
    });
    return rows;
  }

  /** The JSON rows from one key up to (and without) another one; as `range`. */
  public async rangeOfRows(fromKey: StateKey, toKey: StateKey): Promise<readonly ListedRow[]> {
    const rows = await this.range(fromKey, toKey);
    return rows.map(({ parts, bytes }) => ({ parts, row: rowOf(bytes) }));
  }

  /** The first packed rows from one key up to (and without) another one, in key order. For evaluates only. */
  public async firstOfRange(fromKey: StateKey, toKey: StateKey, rowsMax: number): Promise<readonly ListedBytes[]> {
    assert(this.writes.size === 0, 'Pages are for transactions that only read.');
    const rows: ListedBytes[] = [];
    await guarded(async () => {
      const page = await this.ledger.getStateByRangeWithPagination(fromKey, toKey, rowsMax, '');
      for (let next = await page.iterator.next(); ; next = await page.iterator.next()) {
        if (next.value?.value !== undefined) {
          rows.push({ parts: keyParts(next.value.key), bytes: next.value.value });
        }
        if (next.done) {
          break;
        }
      }
      await page.iterator.close();
    });
    return rows;
  }

  /** The first JSON rows from one key up to (and without) another one; as `firstOfRange`. */
  public async firstRowsOfRange(fromKey: StateKey, toKey: StateKey, rowsMax: number): Promise<readonly ListedRow[]> {
    const rows = await this.firstOfRange(fromKey, toKey, rowsMax);
    return rows.map(({ parts, bytes }) => ({ parts, row: rowOf(bytes) }));
  }

  /**
   * The packed rows from one key up to (and without) another one, in key order. In a submit the peer repeats the query when it
   * commits, so that the range has to be one in which nothing else than what the rule must see can change.
   */
  public async range(fromKey: StateKey, toKey: StateKey): Promise<readonly ListedBytes[]> {
    assert(
      ![...this.writes.values()].some((write) => write.place === '' && write.key >= fromKey && write.key < toKey),
      'A range is read before it is written.',
    );
    const rows: ListedBytes[] = [];
    await guarded(async () => {
      for await (const { key, value } of this.ledger.getStateByRange(fromKey, toKey)) {
        assert(rows.length < rangeRowsMax, 'A range is far below the limit at which the peer cuts it off.');
        rows.push({ parts: keyParts(key), bytes: value });
      }
    });
    return rows;
  }

  /** One page of the rows under a prefix, after the row whose last key part is `bookmark`. For evaluates only. */
  public async page(prefix: KeyPrefix, rowsMax: number, bookmark: string | undefined): Promise<readonly ListedRow[]> {
    assert(this.writes.size === 0, 'Pages are for transactions that only read.');
    const after = bookmark === undefined ? '' : bookmarkAfter(prefix, bookmark);
    const rows: ListedRow[] = [];
    await guarded(async () => {
      const { objectType, parts } = prefix;
      const { iterator } = await this.ledger.getStateByPartialCompositeKeyWithPagination(
        objectType,
        [...parts],
        rowsMax,
        after,
      );
      for (let next = await iterator.next(); ; next = await iterator.next()) {
        if (next.value?.value !== undefined) {
          rows.push({ parts: keyParts(next.value.key), row: rowOf(next.value.value) });
        }
        if (next.done) {
          break;
        }
      }
      await iterator.close();
    });
    return rows;
  }

  /** How many keys will be written. */
  public get writeCount(): number {
    return this.writes.size + this.purges.size;
  }

  /** Writes everything that was saved, and then purges what is to go, each sorted by collection and key. */
  public async flush(): Promise<void> {
    await this.flushWrites();
    const purges = [...this.purges.entries()].sort(([left], [right]) => compareText(left, right));
    await guarded(async () => {
      for (const [, { collection, key }] of purges) {
        await this.ledger.purgePrivateData(collection, key);
      }
    });
  }

  /** In one message where the peer takes that. */
  private async flushWrites(): Promise<void> {
    const writes = [...this.writes.entries()]
      .sort(([left], [right]) => compareText(left, right))
      .map(([, { place, key, value }]) => ({
        place,
        key,
        value: value instanceof Uint8Array ? value : canonicalBytes(value),
      }));
    const putRows = this.ledger.batches?.putRows;
    await guarded(async () => {
      if (putRows !== undefined) {
        await putRows(writes);
        return;
      }
      for (const { place, key, value } of writes) {
        await (place === '' ? this.ledger.putState(key, value) : this.ledger.putPrivateData(place, key, value));
      }
    });
  }

  private row(place: Place, key: StateKey): Loaded {
    const name = place + key;
    const written = this.writes.get(name)?.value;
    if (written !== undefined) {
      assert(!(written instanceof Uint8Array), 'A packed row is not read as JSON.');
      return Promise.resolve(written);
    }
    const known = this.rows.get(name);
    if (known !== undefined) {
      return known;
    }
    const loaded = this.read(place, key).then((bytes) => (bytes === undefined ? undefined : rowOf(bytes)));
    this.rows.set(name, loaded);
    return loaded;
  }

  private read(place: Place, key: StateKey): LoadedBytes {
    const name = place + key;
    const written = this.writes.get(name)?.value;
    if (written instanceof Uint8Array) {
      return Promise.resolve(written);
    }
    const known = this.reads.get(name);
    if (known !== undefined) {
      return known;
    }
    const fetched = guarded(() => (place === '' ? this.queue.get(key) : this.ledger.getPrivateData(place, key))).then(
      (bytes) => (isAbsent(bytes) ? undefined : bytes),
    );
    this.reads.set(name, fetched);
    return fetched;
  }

  private write(place: Place, key: StateKey, value: JsonObject | Uint8Array): void {
    this.writes.set(place + key, { place, key, value });
  }
}

/** The shim answers an absent key with no bytes, and with undefined through some of its paths. */
function isAbsent(bytes: Uint8Array | undefined): bytes is undefined {
  return bytes === undefined || bytes.length === 0;
}

function rowOf(bytes: Uint8Array): JsonObject {
  const row = parseJsonBytes(bytes);
  assert(isJsonObject(row), 'A row is a JSON object.');
  return row;
}

/** A failure of the peer is neither the caller's fault nor our bug, and has a code of its own. */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RuleError || error instanceof InvariantError) {
      throw error;
    }
    throw new RuleError('LEDGER_REFUSED', {}, { cause: error });
  }
}
