import { sortedEntries } from '../common/keys';
import type { Version } from '../common/version';
import type { HashedWrite, KeyWrite, ReadWriteSet } from '../rwset/types';
import type { HashedUpdate, PublicUpdate, StateReader, UpdateBatch } from '../state/types';
import { effectOf, writesByKey, type KeyWrites } from './repeated-writes';

/** The writes of the valid transactions of a block so far: later ones replace earlier ones. */
export class PendingUpdates {
  private readonly publicByNamespace = new Map<string, Map<string, PublicUpdate>>();
  private readonly hashedByCollection = new Map<string, Map<string, HashedUpdate>>();

  /** Adds the writes of a valid transaction; state is that before the block. */
  apply(set: ReadWriteSet, version: Version, state: StateReader): void {
    for (const { namespace, writes, collections } of set.namespaces) {
      const pending = mapAt(this.publicByNamespace, namespace);
      for (const [key, repeated] of writesByKey(writes, byKey, ({ value }) => value)) {
        const latest = pending.get(key) ?? state.get(namespace, key);
        const outcome = outcomeOf(repeated, latest?.value);
        if (outcome !== undefined) {
          pending.set(key, { namespace, key, value: outcome.value, version });
        }
      }
      for (const { collection, writes: hashedWrites } of collections) {
        this.applyHashed(namespace, collection, hashedWrites, version, state);
      }
    }
  }

  private applyHashed(
    namespace: string,
    collection: string,
    writes: readonly HashedWrite[],
    version: Version,
    state: StateReader,
  ): void {
    const hashed = mapAt(this.hashedByCollection, collectionName(namespace, collection));
    const purged = new Set(writes.filter(({ purge }) => purge).map(({ keyHashHex }) => keyHashHex));
    for (const [keyHashHex, repeated] of writesByKey(writes, byKeyHash, ({ valueHash }) => valueHash)) {
      const before = hashed.get(keyHashHex);
      const latest = before === undefined ? state.getHash(namespace, collection, keyHashHex)?.value : before.valueHash;
      const outcome = outcomeOf(repeated, latest);
      if (outcome !== undefined) {
        const purgedAt = purged.has(keyHashHex) ? version : before?.purgedAt;
        const write = { namespace, collection, keyHashHex, valueHash: outcome.value, version };
        const update = { ...write, purge: purgedAt !== undefined };
        hashed.set(keyHashHex, purgedAt === undefined ? update : { ...update, purgedAt });
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

function byKey({ key }: KeyWrite): string {
  return key;
}

function byKeyHash({ keyHashHex }: HashedWrite): string {
  return keyHashHex;
}

/** The value that a key gets (undefined in it: none); undefined when nothing is there to be renewed. */
function outcomeOf(
  writes: KeyWrites,
  latest: Uint8Array | undefined,
): { readonly value: Uint8Array | undefined } | undefined {
  switch (effectOf(writes)) {
    case 'delete':
      return { value: undefined };
    case 'put':
      return { value: writes.value };
    case 'renew':
      return latest === undefined ? undefined : { value: latest };
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
