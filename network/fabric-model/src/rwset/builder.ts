import { hashKeyHex, sha256 } from '../common/bytes';
import { sortedEntries } from '../common/keys';
import type { Version } from '../common/version';
import { encodePrivateCollection, encodePrivateWriteSet, encodeReadWriteSet } from './encode';
import type { CollectionReadWriteSet, HashedRead, HashedWrite, KeyRead, KeyWrite, RangeQuery } from './types';

interface CollectionParts {
  readonly reads: Map<string, HashedRead>;
  readonly writes: Map<string, HashedWrite>;
  readonly privateWrites: Map<string, KeyWrite>;
}

interface NamespaceParts {
  readonly reads: Map<string, KeyRead>;
  readonly writes: Map<string, KeyWrite>;
  readonly ranges: Map<string, RangeQuery>;
  readonly collections: Map<string, CollectionParts>;
}

/** What a simulation ends with. */
export interface BuiltSets {
  readonly readWriteSetBytes: Uint8Array;
  readonly privateWriteSetBytes: Uint8Array | undefined;
}

function sortedValues<V>(map: ReadonlyMap<string, V>): V[] {
  return sortedEntries(map).map(([, value]) => value);
}

/**
 * Collects the reads and writes of one transaction and orders them as Fabric does: namespaces, collections and keys
 * by bytes (hashed entries by the raw key, not by the hash), range scans in the order they were opened.
 */
export class ReadWriteSetBuilder {
  private readonly namespaces = new Map<string, NamespaceParts>();

  addRead(namespace: string, key: string, version: Version | undefined): void {
    this.namespace(namespace).reads.set(key, { key, version });
  }

  addWrite(namespace: string, key: string, value: Uint8Array | undefined): void {
    this.namespace(namespace).writes.set(key, { key, value });
  }

  /** A scan with the same bounds as an earlier one is recorded once. */
  addRange(namespace: string, range: RangeQuery): void {
    const name = JSON.stringify([range.startKey, range.endKey, range.exhausted]);
    const { ranges } = this.namespace(namespace);
    if (!ranges.has(name)) {
      ranges.set(name, range);
    }
  }

  addHashedRead(namespace: string, collection: string, key: string, version: Version | undefined): void {
    this.collection(namespace, collection).reads.set(key, { keyHashHex: hashKeyHex(key), version });
  }

  addPrivateWrite(
    namespace: string,
    collection: string,
    key: string,
    value: Uint8Array | undefined,
    purge: boolean,
  ): void {
    const parts = this.collection(namespace, collection);
    const present = value !== undefined && value.length > 0;
    parts.privateWrites.set(key, { key, value });
    parts.writes.set(key, { keyHashHex: hashKeyHex(key), valueHash: present ? sha256(value) : undefined, purge });
  }

  build(): BuiltSets {
    const namespaces = sortedEntries(this.namespaces).map(([namespace, parts]) => ({
      namespace,
      reads: sortedValues(parts.reads),
      rangeQueries: [...parts.ranges.values()],
      writes: sortedValues(parts.writes),
      metadataWriteCount: 0,
      collections: sortedEntries(parts.collections).map(([collection, set]) => collectionSet(collection, set)),
    }));
    return {
      readWriteSetBytes: encodeReadWriteSet({ namespaces }),
      privateWriteSetBytes: this.privateBytes(),
    };
  }

  private privateBytes(): Uint8Array | undefined {
    const namespaces = sortedEntries(this.namespaces)
      .map(([namespace, parts]) => ({
        namespace,
        collections: sortedEntries(parts.collections)
          .filter(([, set]) => set.privateWrites.size > 0)
          .map(([collection, set]) => ({ collection, writes: sortedValues(set.privateWrites) })),
      }))
      .filter(({ collections }) => collections.length > 0);
    return namespaces.length === 0 ? undefined : encodePrivateWriteSet(namespaces);
  }

  private namespace(name: string): NamespaceParts {
    let parts = this.namespaces.get(name);
    if (parts === undefined) {
      parts = { reads: new Map(), writes: new Map(), ranges: new Map(), collections: new Map() };
      this.namespaces.set(name, parts);
    }
    return parts;
  }

  private collection(namespace: string, name: string): CollectionParts {
    const { collections } = this.namespace(namespace);
    let parts = collections.get(name);
    if (parts === undefined) {
      parts = { reads: new Map(), writes: new Map(), privateWrites: new Map() };
      collections.set(name, parts);
    }
    return parts;
  }
}

function collectionSet(collection: string, parts: CollectionParts): CollectionReadWriteSet {
  const privateWrites = sortedValues(parts.privateWrites);
  return {
    collection,
    reads: sortedValues(parts.reads),
    writes: sortedValues(parts.writes),
    metadataWriteCount: 0,
    privateSetHash: privateWrites.length === 0 ? undefined : sha256(encodePrivateCollection(privateWrites)),
  };
}
