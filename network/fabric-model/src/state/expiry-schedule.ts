import { LIFECYCLE_NAMESPACE, definitionFrom } from '../lifecycle/read';
import type { HashedUpdate, StateReader, UpdateBatch } from './types';

interface Entry {
  readonly namespace: string;
  readonly collection: string;
  readonly keyHashHex: string;
  /** Block that wrote the value; a later write gives the key a new term. */
  readonly writtenIn: number;
}

/**
 * Private values of collections with a block-to-live: a value written in block n leaves the state together with
 * block n + blockToLive + 1, unless it was written again. The writes of expiry are no part of the commit hash.
 */
export class ExpirySchedule {
  private readonly due = new Map<number, Entry[]>();
  private readonly terms = new Map<string, number>();

  /** Notes a value that stands in the state. */
  note(update: HashedUpdate, state: StateReader): void {
    const blockToLive = this.blockToLive(update.namespace, update.collection, state);
    if (blockToLive === 0 || update.valueHash === undefined) {
      return;
    }
    const { namespace, collection, keyHashHex } = update;
    const expiresWith = update.version.block + blockToLive + 1;
    const entries = this.due.get(expiresWith) ?? [];
    this.due.set(expiresWith, entries);
    entries.push({ namespace, collection, keyHashHex, writtenIn: update.version.block });
  }

  /** Takes in the writes of a block and gives the deletions that come with it; state is that before the block. */
  advance(blockNumber: number, updates: UpdateBatch, state: StateReader): readonly HashedUpdate[] {
    for (const update of updates.hashedUpdates) {
      this.note(update, state);
    }
    const written = new Set(updates.hashedUpdates.map((update) => nameOf(update)));
    const entries = this.due.get(blockNumber) ?? [];
    this.due.delete(blockNumber);
    if (updates.publicUpdates.some((update) => update.namespace === LIFECYCLE_NAMESPACE)) {
      this.terms.clear();
    }
    return entries
      .filter((entry) => !written.has(nameOf(entry)) && stands(entry, state))
      .map((entry) => ({
        namespace: entry.namespace,
        collection: entry.collection,
        keyHashHex: entry.keyHashHex,
        valueHash: undefined,
        version: { block: blockNumber, transaction: Number.MAX_SAFE_INTEGER },
        purge: true,
      }));
  }

  private blockToLive(namespace: string, collection: string, state: StateReader): number {
    const name = `${namespace}\u0000${collection}`;
    let term = this.terms.get(name);
    if (term === undefined) {
      const definition = definitionFrom((key) => state.get(LIFECYCLE_NAMESPACE, key)?.value, namespace);
      term = definition?.collections.find((entry) => entry.name === collection)?.blockToLive ?? 0;
      this.terms.set(name, term);
    }
    return term;
  }
}

function nameOf(entry: {
  readonly namespace: string;
  readonly collection: string;
  readonly keyHashHex: string;
}): string {
  return `${entry.namespace}\u0000${entry.collection}\u0000${entry.keyHashHex}`;
}

function stands(entry: Entry, state: StateReader): boolean {
  return state.getHash(entry.namespace, entry.collection, entry.keyHashHex)?.version.block === entry.writtenIn;
}
