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

/** A row of a list and its key's parts after the object type. */
export interface ListedRow {
  readonly parts: readonly string[];
  readonly row: JsonObject;
}

/** Above this a range answer could have been cut off silently by the peer (its limit is 100,000 rows). */
const rangeRowsMax = 50_000;

type Place = CollectionName | '';
type Loaded = Promise<JsonObject | undefined>;

/**
 * The unit of work of one transaction. Fabric does not show a transaction its own writes and keeps no order among them; the
 * session does: every key is read at most once, a row that was saved is what is loaded next, every key is written at most once,
 * and nothing is written before the rules have accepted everything.
 */
export class StoreSession {
  private readonly reads = new Map<string, Loaded>();
  private readonly writes = new Map<string, { place: Place; key: StateKey; row: JsonObject }>();
  private readonly queue: ReadQueue;

  public constructor(private readonly ledger: Ledger) {
    this.queue = new ReadQueue(ledger);
  }

  /** The row of a key on the channel, or undefined. Keys that are asked for together are read together. */
  public load(key: StateKey): Loaded {
    return this.read('', key, () => this.queue.get(key));
  }

  /** The row of a key in a private collection, or undefined. Only members' peers can answer. */
  public loadPrivate(collection: CollectionName, key: StateKey): Loaded {
    return this.read(collection, key, () => this.ledger.getPrivateData(collection, key));
  }

  /** Puts a row on the channel when the transaction is accepted. */
  public save(key: StateKey, row: JsonObject): void {
    this.write('', key, row);
  }

  /** Puts a row into a private collection when the transaction is accepted. */
  public savePrivate(collection: CollectionName, key: StateKey, row: JsonObject): void {
    this.write(collection, key, row);
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
    return this.writes.size;
  }

  /** Writes everything that was saved, sorted by collection and key: in one message where the peer takes that. */
  public async flush(): Promise<void> {
    const writes = [...this.writes.entries()]
      .sort(([left], [right]) => compareText(left, right))
      .map(([, { place, key, row }]) => ({ place, key, value: canonicalBytes(row) }));
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

  private read(place: Place, key: StateKey, fetch: () => Promise<Uint8Array>): Loaded {
    const name = place + key;
    const written = this.writes.get(name);
    if (written !== undefined) {
      return Promise.resolve(written.row);
    }
    const known = this.reads.get(name);
    if (known !== undefined) {
      return known;
    }
    const loaded = guarded(fetch).then((bytes) => (isAbsent(bytes) ? undefined : rowOf(bytes)));
    this.reads.set(name, loaded);
    return loaded;
  }

  private write(place: Place, key: StateKey, row: JsonObject): void {
    this.writes.set(place + key, { place, key, row });
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
