import type { Version } from '../common/version';

/** A committed value with the height that wrote it. */
export interface VersionedValue {
  readonly value: Uint8Array;
  readonly version: Version;
}

/** One row of a range. */
export interface StateEntry extends VersionedValue {
  readonly key: string;
}

/** Committed state as one peer sees it; every read of simulation and validation goes through this. */
export interface StateReader {
  /** Number of blocks this state contains (0 = nothing committed). */
  readonly height: number;
  get(namespace: string, key: string): VersionedValue | undefined;
  /** Keys from startKey (inclusive) to endKey (exclusive) in UTF-8 byte order; '' = unbounded. */
  range(namespace: string, startKey: string, endKey: string): IterableIterator<StateEntry>;
  /** The SHA-256 of a private value; keyHashHex = hashKeyHex(key). */
  getHash(namespace: string, collection: string, keyHashHex: string): VersionedValue | undefined;
  getPrivate(namespace: string, collection: string, key: string): VersionedValue | undefined;
  rangePrivate(namespace: string, collection: string, startKey: string, endKey: string): IterableIterator<StateEntry>;
}

/** A write to public state; value undefined = delete. */
export interface PublicUpdate {
  readonly namespace: string;
  readonly key: string;
  readonly value: Uint8Array | undefined;
  readonly version: Version;
}

/** A write to the hashes of a collection; valueHash undefined = delete. */
export interface HashedUpdate {
  readonly namespace: string;
  readonly collection: string;
  readonly keyHashHex: string;
  readonly valueHash: Uint8Array | undefined;
  readonly version: Version;
  /** True when a transaction of the block purged the key. */
  readonly purge: boolean;
  /** Height of the (last) purge in the block, when there was one. */
  readonly purgedAt?: Version;
}

/** A write to the values of a collection; value undefined = delete. */
export interface PrivateUpdate {
  readonly namespace: string;
  readonly collection: string;
  readonly key: string;
  readonly value: Uint8Array | undefined;
  readonly version: Version;
}

/** What one block writes, one entry per key: public and hashed, as every peer of the channel computes it. */
export interface UpdateBatch {
  readonly publicUpdates: readonly PublicUpdate[];
  readonly hashedUpdates: readonly HashedUpdate[];
}

/** All rows of a state, in any order. */
export interface StateContents {
  readonly publicEntries: Iterable<PublicUpdate>;
  readonly hashedEntries: Iterable<HashedUpdate>;
  readonly privateEntries: Iterable<PrivateUpdate>;
}
