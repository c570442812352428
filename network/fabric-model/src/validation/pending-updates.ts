import { sortedEntries } from '../common/keys';
import type { Version } from '../common/version';
import type { ReadWriteSet } from '../rwset/types';
import type { HashedUpdate, PublicUpdate, UpdateBatch } from '../state/types';

/** The writes of the valid transactions of a block so far: later ones replace earlier ones. */
export class PendingUpdates {
  private readonly publicByNamespace = new Map<string, Map<string, PublicUpdate>>();
  private readonly hashedByCollection = new Map<string, Map<string, HashedUpdate>>();

  /** Adds the writes of a valid transaction. */
  apply(set: ReadWriteSet, version: Version): void {
    for (const { namespace, writes, collections } of set.namespaces) {
      const pending = mapAt(this.publicByNamespace, namespace);
      // Two writes of one key cannot come from a simulator; a delete then wins on a real peer.
      const deleted = new Set(writes.filter((write) => write.value === undefined).map((write) => write.key));
      for (const write of writes) {
        const value = deleted.has(write.key) ? undefined : write.value;
        pending.set(write.key, { namespace, key: write.key, value, version });
      }
      for (const { collection, writes: hashedWrites } of collections) {
        const hashed = mapAt(this.hashedByCollection, collectionName(namespace, collection));
        for (const { keyHashHex, valueHash, purge } of hashedWrites) {
          const purgedAt = purge ? version : hashed.get(keyHashHex)?.purgedAt;
          const update = { namespace, collection, keyHashHex, valueHash, version, purge: purgedAt !== undefined };
          hashed.set(keyHashHex, purgedAt === undefined ? update : { ...update, purgedAt });
        }
      }
    }
  }

  find(namespace: string, key: string): PublicUpdate | undefined {
    return this.publicByNamespace.get(namespace)?.get(key);
  }

  hasHashed(namespace: string, collection: string, keyHashHex: string): boolean {
    return this.hashedByCollection.get(collectionName(namespace, collection))?.has(keyHashHex) ?? false;
  }

  /** The pending writes of a namespace, sorted by key. */
  sorted(namespace: string): readonly PublicUpdate[] {
    return sortedEntries(this.publicByNamespace.get(namespace) ?? new Map<string, PublicUpdate>()).map(([, u]) => u);
  }

  /** All writes, sorted by namespace, collection and key. */
  batch(): UpdateBatch {
    return {
      publicUpdates: sortedEntries(this.publicByNamespace).flatMap(([namespace]) => this.sorted(namespace)),
      hashedUpdates: sortedEntries(this.hashedByCollection).flatMap(([, updates]) =>
        sortedEntries(updates).map(([, update]) => update),
      ),
    };
  }
}

function collectionName(namespace: string, collection: string): string {
  return `${namespace}\u0000${collection}`;
}

function mapAt<V>(maps: Map<string, Map<string, V>>, name: string): Map<string, V> {
  let map = maps.get(name);
  if (map === undefined) {
    map = new Map();
    maps.set(name, map);
  }
  return map;
}
