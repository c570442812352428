import { compareText } from '@flexledger/domain';

/** A committed state: rows by key, per place (`''` is the channel, else a private collection). */
export type MemoryState = Map<string, Map<string, Uint8Array>>;

/** What one simulated call would write, in the order of collection and key. */
export interface MemoryWrite {
  readonly place: string;
  readonly key: string;
  readonly value: Uint8Array;
}

/** A row that a call has read by its key, with what stood there; no bytes where nothing did. */
export type MemoryRead = MemoryWrite;

interface KeyValue {
  readonly namespace: string;
  readonly key: string;
  readonly value: Uint8Array;
}

interface Page {
  readonly iterator: { next(): Promise<IteratorResult<KeyValue>>; close(): Promise<void> };
}

function pageOf(all: readonly KeyValue[], pageSize: number): Page {
  const rows = all.slice(0, pageSize)[Symbol.iterator]();
  return { iterator: { next: () => Promise.resolve(rows.next()), close: () => Promise.resolve() } };
}

/** How a call reaches the ledger. */
export interface MemoryCall {
  readonly channel: string;
  readonly transactionId: string;
  readonly functionName: string;
  readonly request: string;
  readonly transient: ReadonlyMap<string, Uint8Array>;
  readonly transactionSeconds: number;
  /** The collections that the endorsing peer is a member of. */
  readonly collections: readonly string[];
}

/**
 * The shim's stub over a state in memory, with Fabric's manners: reads see the committed state only, never the call's own
 * writes; absent keys answer no bytes; ranges are in key order; private data need membership; the last event wins.
 */
export class MemoryStub {
  public event: { readonly name: string; readonly payload: Uint8Array } | undefined;
  /** What is to be taken out of collections. */
  public readonly purged: { readonly place: string; readonly key: string }[] = [];
  /** The rows that were read by their keys. */
  public readonly reads: MemoryRead[] = [];
  private readonly pending = new Map<string, MemoryWrite>();

  public constructor(
    private readonly state: MemoryState,
    private readonly call: MemoryCall,
  ) {}

  /** The write set, sorted. */
  public get writes(): readonly MemoryWrite[] {
    return [...this.pending.entries()].sort(([left], [right]) => compareText(left, right)).map(([, write]) => write);
  }

  public getTxID(): string {
    return this.call.transactionId;
  }

  public getChannelID(): string {
    return this.call.channel;
  }

  public getFunctionAndParameters(): { readonly fcn: string; readonly params: readonly string[] } {
    return { fcn: this.call.functionName, params: [this.call.request] };
  }

  public getTransient(): ReadonlyMap<string, Uint8Array> {
    return this.call.transient;
  }

  public getTxTimestamp(): { readonly seconds: { toNumber(): number }; readonly nanos: number } {
    return { seconds: { toNumber: () => this.call.transactionSeconds }, nanos: 0 };
  }

  public getState(key: string): Promise<Uint8Array> {
    return this.read('', key);
  }

  public putState(key: string, value: Uint8Array): Promise<void> {
    return this.write('', key, value);
  }

  public getPrivateData(collection: string, key: string): Promise<Uint8Array> {
    if (!this.call.collections.includes(collection)) {
      return Promise.reject(new Error(`GET_STATE failed: this peer is no member of the collection ${collection}`));
    }
    return this.read(collection, key);
  }

  public putPrivateData(collection: string, key: string, value: Uint8Array): Promise<void> {
    return this.write(collection, key, value);
  }

  public purgePrivateData(collection: string, key: string): Promise<void> {
    this.purged.push({ place: collection, key });
    return Promise.resolve();
  }

  public setEvent(name: string, payload: Uint8Array): void {
    this.event = { name, payload };
  }

  public getStateByPartialCompositeKey(objectType: string, attributes: readonly string[]): AsyncIterable<KeyValue> {
    const rows = this.range(objectType, attributes, '');
    return {
      async *[Symbol.asyncIterator]() {
        yield* await Promise.resolve(rows);
      },
    };
  }

  public getStateByRange(startKey: string, endKey: string): AsyncIterable<KeyValue> {
    const rows = this.between(startKey, endKey);
    return {
      async *[Symbol.asyncIterator]() {
        yield* await Promise.resolve(rows);
      },
    };
  }

  public getStateByRangeWithPagination(
    startKey: string,
    endKey: string,
    pageSize: number,
    bookmark: string,
  ): Promise<Page> {
    return Promise.resolve(pageOf(this.between(bookmark === '' ? startKey : bookmark, endKey), pageSize));
  }

  public getStateByPartialCompositeKeyWithPagination(
    objectType: string,
    attributes: readonly string[],
    pageSize: number,
    bookmark: string,
  ): Promise<Page> {
    return Promise.resolve(pageOf(this.range(objectType, attributes, bookmark), pageSize));
  }

  /** The shim refuses composite keys here. */
  private between(startKey: string, endKey: string): readonly KeyValue[] {
    if (startKey.startsWith('\u0000') || endKey.startsWith('\u0000')) {
      throw new Error('a range is read between simple keys');
    }
    return [...(this.state.get('')?.entries() ?? [])]
      .filter(([key]) => key >= startKey && key < endKey)
      .sort(([left], [right]) => compareText(left, right))
      .map(([key, value]) => ({ namespace: 'flexledger', key, value }));
  }

  private range(objectType: string, attributes: readonly string[], startKey: string): readonly KeyValue[] {
    const prefix = `\u0000${[objectType, ...attributes].join('\u0000')}\u0000`;
    return [...(this.state.get('')?.entries() ?? [])]
      .filter(([key]) => key.startsWith(prefix) && key >= startKey)
      .sort(([left], [right]) => compareText(left, right))
      .map(([key, value]) => ({ namespace: 'flexledger', key, value }));
  }

  private read(place: string, key: string): Promise<Uint8Array> {
    const value = this.state.get(place)?.get(key) ?? new Uint8Array();
    this.reads.push({ place, key, value });
    return Promise.resolve(value);
  }

  private write(place: string, key: string, value: Uint8Array): Promise<void> {
    this.pending.set(`${place}|${key}`, { place, key, value });
    return Promise.resolve();
  }
}
