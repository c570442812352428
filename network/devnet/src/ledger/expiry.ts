import type {
  ChaincodeDefinition,
  HashedUpdate,
  MemoryState,
  PrivateUpdate,
  UpdateBatch,
} from '@flexledger/fabric-model';

/** What expires at one block. */
interface Due {
  readonly hashed: HashedUpdate[];
  readonly values: PrivateUpdate[];
}

/** Deletions that a block brings with it because private data have lived long enough. */
export interface ExpiredUpdates {
  readonly hashed: readonly HashedUpdate[];
  readonly values: readonly PrivateUpdate[];
}

type DefinitionOf = (chaincodeName: string) => ChaincodeDefinition | undefined;

/**
 * Private data of collections with a block-to-live: written in block n they vanish, value and hash, with block
 * n + block-to-live + 1, unless they were written again.
 */
export class PrivateDataExpiry {
  private readonly due = new Map<number, Due>();

  constructor(private readonly definitionOf: DefinitionOf) {}

  /** Takes up what a restored state holds. */
  restore(state: MemoryState): void {
    for (const update of state.hashedEntries()) this.scheduleHashed(update, state.height);
    for (const update of state.privateEntries()) this.scheduleValue(update, state.height);
  }

  /** Takes up what a block writes. */
  schedule(updates: UpdateBatch, values: readonly PrivateUpdate[]): void {
    for (const update of updates.hashedUpdates) this.scheduleHashed(update, 0);
    for (const update of values) this.scheduleValue(update, 0);
  }

  /** What the block with this number deletes besides its own writes. */
  expiring(number: number, state: MemoryState, updates: UpdateBatch, values: readonly PrivateUpdate[]): ExpiredUpdates {
    const due = this.due.get(number);
    if (due === undefined) return { hashed: [], values: [] };
    const version = { block: number, transaction: 0 };
    const rewritten = new Set([
      ...updates.hashedUpdates.map(({ namespace, collection, keyHashHex }) => name(namespace, collection, keyHashHex)),
      ...values.map(({ namespace, collection, key }) => name(namespace, collection, key)),
    ]);
    const hashed = due.hashed.filter(({ namespace, collection, keyHashHex, version: { block } }) => {
      const current = state.getHash(namespace, collection, keyHashHex);
      return current?.version.block === block && !rewritten.has(name(namespace, collection, keyHashHex));
    });
    const expired = due.values.filter(({ namespace, collection, key, version: { block } }) => {
      const current = state.getPrivate(namespace, collection, key);
      return current?.version.block === block && !rewritten.has(name(namespace, collection, key));
    });
    return {
      hashed: hashed.map((update) => ({ ...update, valueHash: undefined, version })),
      values: expired.map((update) => ({ ...update, value: undefined, version })),
    };
  }

  /** Forgets what was due at a block that is committed. */
  forget(number: number): void {
    this.due.delete(number);
  }

  private scheduleHashed(update: HashedUpdate, earliest: number): void {
    if (update.valueHash === undefined) return;
    this.at(update.namespace, update.collection, update.version.block, earliest)?.hashed.push(update);
  }

  private scheduleValue(update: PrivateUpdate, earliest: number): void {
    if (update.value === undefined) return;
    this.at(update.namespace, update.collection, update.version.block, earliest)?.values.push(update);
  }

  private at(namespace: string, collectionName: string, writtenIn: number, earliest: number): Due | undefined {
    const collection = this.definitionOf(namespace)?.collections.find(({ name: one }) => one === collectionName);
    if (collection === undefined || collection.blockToLive === 0) return undefined;
    const number = Math.max(writtenIn + collection.blockToLive + 1, earliest);
    const due = this.due.get(number) ?? { hashed: [], values: [] };
    this.due.set(number, due);
    return due;
  }
}

function name(namespace: string, collection: string, key: string): string {
  return `${namespace}\u0000${collection}\u0000${key}`;
}
