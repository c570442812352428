import type { Version } from '../common/version';

/** A key with the version that was read; version undefined = the key was absent. */
export interface KeyRead {
  readonly key: string;
  readonly version: Version | undefined;
}

/** A key with its new value; value undefined = delete (an empty value deletes too, as on Fabric). */
export interface KeyWrite {
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

/** Hash summary of the reads of a range of more than 50 rows. */
export interface MerkleSummary {
  readonly maxDegree: number;
  readonly maxLevel: number;
  readonly maxLevelHashes: readonly Uint8Array[];
}

/** One range scan: what was taken of it, and up to where. */
export interface RangeQuery {
  readonly startKey: string;
  /** The asked end when exhausted, else the last key that was taken (which is part of the range). */
  readonly endKey: string;
  readonly exhausted: boolean;
  readonly rawReads: readonly KeyRead[] | undefined;
  readonly merkle: MerkleSummary | undefined;
}

/** A private key, by its hash, with the version that was read. */
export interface HashedRead {
  readonly keyHashHex: string;
  readonly version: Version | undefined;
}

/** A private key, by its hash, with the hash of its new value; undefined = delete. */
export interface HashedWrite {
  readonly keyHashHex: string;
  readonly valueHash: Uint8Array | undefined;
  readonly purge: boolean;
}

/** The public part of what a transaction does to one private collection. */
export interface CollectionReadWriteSet {
  readonly collection: string;
  readonly reads: readonly HashedRead[];
  readonly writes: readonly HashedWrite[];
  /** Key-level endorsement policies written here; this model refuses them. */
  readonly metadataWriteCount: number;
  /** SHA-256 of the private write set of this collection; undefined when nothing was written. */
  readonly privateSetHash: Uint8Array | undefined;
}

/** What a transaction does to one namespace (chaincode). */
export interface NamespaceReadWriteSet {
  readonly namespace: string;
  readonly reads: readonly KeyRead[];
  readonly rangeQueries: readonly RangeQuery[];
  readonly writes: readonly KeyWrite[];
  readonly metadataWriteCount: number;
  readonly collections: readonly CollectionReadWriteSet[];
}

/** Everything a transaction read and wrote, namespaces and keys in byte order. */
export interface ReadWriteSet {
  readonly namespaces: readonly NamespaceReadWriteSet[];
}

/** The private writes of a transaction to one collection. */
export interface PrivateCollectionWriteSet {
  readonly namespace: string;
  readonly collection: string;
  readonly writes: readonly KeyWrite[];
  /** The bytes whose SHA-256 stands in the public set as privateSetHash. */
  readonly bytes: Uint8Array;
}
