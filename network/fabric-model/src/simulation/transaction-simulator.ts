import { hashKeyHex } from '../common/bytes';
import { FabricModelError } from '../common/errors';
import { sameVersion } from '../common/version';
import { IMPLICIT_COLLECTION_PREFIX } from '../lifecycle/types';
import { definitionFrom, LIFECYCLE_NAMESPACE, sequenceKey } from '../lifecycle/read';
import { ReadWriteSetBuilder } from '../rwset/builder';
import type { StateEntry, StateReader } from '../state/types';
import { RangeRecorder, ScanCursor, type RangeCursor } from './range-cursor';

/** What a simulation runs on. */
export interface SimulatorOptions {
  readonly transactionId: string;
  /** Committed state, seen at one height for the whole simulation: hand in a view, not the moving state. */
  readonly state: StateReader;
  /**
   * Is the collection defined for the chaincode? By default the committed definition under _lifecycle is read, and
   * that read is recorded as on a real peer.
   */
  readonly hasCollection?: (namespace: string, collection: string) => boolean;
}

/** A private collection that was touched. */
export interface CollectionName {
  readonly namespace: string;
  readonly collection: string;
}

/** The outcome of a simulation. */
export interface SimulationResult {
  readonly readWriteSetBytes: Uint8Array;
  /** undefined when no private data were written. */
  readonly privateWriteSetBytes: Uint8Array | undefined;
  /** Private collections whose values were read: only their members can endorse this. */
  readonly privateReads: readonly CollectionName[];
}

/**
 * Runs one transaction against committed state and records what it reads and writes. Reads never see the
 * transaction's own writes. Every refusal is a FabricModelError with a code SIMULATION_….
 */
export class TransactionSimulator {
  private readonly transactionId: string;
  private readonly state: StateReader;
  private readonly hasCollection: (namespace: string, collection: string) => boolean;
  private readonly builder = new ReadWriteSetBuilder();
  private readonly recorders: RangeRecorder[] = [];
  private readonly privateReads = new Map<string, CollectionName>();
  private readonly knownCollections = new Set<string>();
  private wrote = false;
  private queriedPrivateData = false;
  private paginated = false;
  private finished = false;

  constructor(options: SimulatorOptions) {
    this.transactionId = options.transactionId;
    this.state = options.state;
    this.hasCollection = options.hasCollection ?? ((namespace, collection) => this.defined(namespace, collection));
  }

  /**
   * Reads the sequence of the chaincode's committed definition into the read set, as every endorser does before it
   * runs the chaincode: a transaction endorsed under an older definition then ends in MVCC_READ_CONFLICT.
   */
  recordDefinitionRead(chaincodeName: string): void {
    this.getState(LIFECYCLE_NAMESPACE, sequenceKey(chaincodeName));
  }

  getState(namespace: string, key: string): Uint8Array | undefined {
    this.checkOpen();
    const found = this.state.get(namespace, key);
    this.builder.addRead(namespace, key, found?.version);
    return found?.value;
  }

  getStates(namespace: string, keys: readonly string[]): readonly (Uint8Array | undefined)[] {
    return keys.map((key) => this.getState(namespace, key));
  }

  putState(namespace: string, key: string, value: Uint8Array): void {
    this.checkWrite();
    this.builder.addWrite(namespace, key, value);
  }

  deleteState(namespace: string, key: string): void {
    this.checkWrite();
    this.builder.addWrite(namespace, key, undefined);
  }

  /** startKey is part of the range, endKey is not; '' = unbounded. */
  openRange(namespace: string, startKey: string, endKey: string): RangeCursor {
    this.checkOpen();
    return this.openRecorded(namespace, startKey, endKey, 0);
  }

  /** At most pageSize rows; only for transactions that write nothing. A bookmark is the startKey of the next page. */
  openPage(namespace: string, startKey: string, endKey: string, pageSize: number): RangeCursor {
    this.checkOpen();
    if (this.wrote) {
      this.refuse('PAGINATION_AFTER_WRITE', 'paginated queries are supported only in a read-only transaction');
    }
    this.paginated = true;
    return this.openRecorded(namespace, startKey, endKey, pageSize);
  }

  getPrivateData(namespace: string, collection: string, key: string): Uint8Array | undefined {
    this.checkCollection(namespace, collection);
    this.checkOpen();
    const found = this.state.getPrivate(namespace, collection, key);
    const hashed = this.state.getHash(namespace, collection, hashKeyHex(key));
    if (!sameVersion(found?.version, hashed?.version)) {
      this.refuse(
        'PRIVATE_DATA_UNAVAILABLE',
        `private data matching public hash version is not available for a key of collection ${collection}`,
      );
    }
    this.builder.addHashedRead(namespace, collection, key, found?.version);
    this.privateReads.set(`${namespace}\u0000${collection}`, { namespace, collection });
    return found?.value;
  }

  /** Like Fabric, reads several values without comparing them with their hashes. */
  getPrivateDataMultiple(
    namespace: string,
    collection: string,
    keys: readonly string[],
  ): readonly (Uint8Array | undefined)[] {
    this.checkCollection(namespace, collection);
    this.checkOpen();
    return keys.map((key) => {
      const found = this.state.getPrivate(namespace, collection, key);
      this.builder.addHashedRead(namespace, collection, key, found?.version);
      this.privateReads.set(`${namespace}\u0000${collection}`, { namespace, collection });
      return found?.value;
    });
  }

  getPrivateDataHash(namespace: string, collection: string, key: string): Uint8Array | undefined {
    this.checkCollection(namespace, collection);
    this.checkOpen();
    const hashed = this.state.getHash(namespace, collection, hashKeyHex(key));
    this.builder.addHashedRead(namespace, collection, key, hashed?.version);
    return hashed?.value;
  }

  putPrivateData(namespace: string, collection: string, key: string, value: Uint8Array): void {
    this.writePrivate(namespace, collection, key, value, false);
  }

  deletePrivateData(namespace: string, collection: string, key: string): void {
    this.writePrivate(namespace, collection, key, undefined, false);
  }

  /** Deletes the value and asks every holder to forget its history too. */
  purgePrivateData(namespace: string, collection: string, key: string): void {
    this.writePrivate(namespace, collection, key, undefined, true);
  }

  /** Rows of a private collection; not recorded, hence only for transactions that write nothing. */
  openPrivateRange(namespace: string, collection: string, startKey: string, endKey: string): RangeCursor {
    if (this.wrote) {
      this.refuse('PRIVATE_QUERY_AFTER_WRITE', 'queries on private data are supported only in a read-only transaction');
    }
    this.queriedPrivateData = true;
    this.checkCollection(namespace, collection);
    this.checkOpen();
    const rows: Iterator<StateEntry> = this.state.rangePrivate(namespace, collection, startKey, endKey);
    return new ScanCursor(rows, 0, () => undefined);
  }

  /** Key-level endorsement policies are not part of this model. */
  putStateMetadata(namespace: string, key: string): never {
    return this.refuse(
      'KEY_LEVEL_ENDORSEMENT_UNSUPPORTED',
      `an endorsement policy for the key ${JSON.stringify(key)} of ${namespace} was asked; this network has none`,
    );
  }

  /** Ends the simulation; the simulator refuses every further call. */
  result(): SimulationResult {
    this.checkOpen();
    for (const recorder of this.recorders) {
      this.builder.addRange(recorder.namespace, recorder.finish());
    }
    const built = this.builder.build();
    this.finished = true;
    return { ...built, privateReads: [...this.privateReads.values()] };
  }

  private openRecorded(namespace: string, startKey: string, endKey: string, pageSize: number): RangeCursor {
    const recorder = new RangeRecorder(namespace, startKey, endKey);
    this.recorders.push(recorder);
    const rows: Iterator<StateEntry> = this.state.range(namespace, startKey, endKey);
    return new ScanCursor(rows, pageSize, (row) => {
      recorder.observe(row);
    });
  }

  private writePrivate(
    namespace: string,
    collection: string,
    key: string,
    value: Uint8Array | undefined,
    purge: boolean,
  ): void {
    this.checkCollection(namespace, collection);
    this.checkWrite();
    this.builder.addPrivateWrite(namespace, collection, key, value, purge);
  }

  private checkOpen(): void {
    if (this.finished) {
      this.refuse('FINISHED', 'this simulation has already given its result');
    }
  }

  private checkWrite(): void {
    this.checkOpen();
    if (this.queriedPrivateData) {
      this.refuse('WRITE_AFTER_PRIVATE_QUERY', 'writes are not allowed after a query on private data');
    }
    if (this.paginated) {
      this.refuse('WRITE_AFTER_PAGINATION', 'writes are not allowed after a paginated query');
    }
    this.wrote = true;
  }

  private checkCollection(namespace: string, collection: string): void {
    const name = `${namespace}\u0000${collection}`;
    if (this.knownCollections.has(name)) {
      return;
    }
    if (!this.hasCollection(namespace, collection)) {
      this.refuse('COLLECTION_UNKNOWN', `collection ${collection} is not defined for chaincode ${namespace}`);
    }
    this.knownCollections.add(name);
  }

  /** The committed definition decides, and reading it is part of the read set. */
  private defined(namespace: string, collection: string): boolean {
    const definition = definitionFrom((key) => this.getState(LIFECYCLE_NAMESPACE, key), namespace);
    return (
      definition !== undefined &&
      (collection.startsWith(IMPLICIT_COLLECTION_PREFIX) ||
        definition.collections.some((defined) => defined.name === collection))
    );
  }

  private refuse(code: string, sentence: string): never {
    throw new FabricModelError(`SIMULATION_${code}`, `Transaction ${this.transactionId}: ${sentence}.`);
  }
}
