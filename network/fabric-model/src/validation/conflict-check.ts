import { sameVersion } from '../common/version';
import type { NamespaceReadWriteSet, ReadWriteSet } from '../rwset/types';
import type { StateReader } from '../state/types';
import { ValidationCodes } from './codes';
import type { PendingUpdates } from './pending-updates';
import { rangeUnchanged } from './range-check';
import { InvalidTransaction } from './verdict';

function checkReads(set: NamespaceReadWriteSet, state: StateReader, pending: PendingUpdates): void {
  for (const read of set.reads) {
    const overwritten = pending.find(set.namespace, read.key) !== undefined;
    if (overwritten || !sameVersion(state.get(set.namespace, read.key)?.version, read.version)) {
      throw new InvalidTransaction(
        ValidationCodes.MVCC_READ_CONFLICT,
        `Key ${JSON.stringify(read.key)} of ${set.namespace} has changed since it was read.`,
      );
    }
  }
}

function checkRanges(set: NamespaceReadWriteSet, state: StateReader, pending: PendingUpdates): void {
  for (const range of set.rangeQueries) {
    if (!rangeUnchanged(state, pending, set.namespace, range)) {
      throw new InvalidTransaction(
        ValidationCodes.PHANTOM_READ_CONFLICT,
        `The range from ${JSON.stringify(range.startKey)} to ${JSON.stringify(range.endKey)} of ${set.namespace} has ` +
          'changed since it was read.',
      );
    }
  }
}

function checkHashedReads(set: NamespaceReadWriteSet, state: StateReader, pending: PendingUpdates): void {
  for (const { collection, reads } of set.collections) {
    for (const { keyHashHex, version } of reads) {
      const overwritten = pending.hasHashed(set.namespace, collection, keyHashHex);
      if (overwritten || !sameVersion(state.getHash(set.namespace, collection, keyHashHex)?.version, version)) {
        throw new InvalidTransaction(
          ValidationCodes.MVCC_READ_CONFLICT,
          `A key of collection ${collection} of ${set.namespace} has changed since it was read.`,
        );
      }
    }
  }
}

/**
 * Are all reads of the transaction still what they were, after the block's earlier valid transactions? Namespace by
 * namespace: keys, then ranges, then private keys. Throws InvalidTransaction.
 */
export function checkConflicts(readWriteSet: ReadWriteSet, state: StateReader, pending: PendingUpdates): void {
  for (const set of readWriteSet.namespaces) {
    checkReads(set, state, pending);
    checkRanges(set, state, pending);
    checkHashedReads(set, state, pending);
  }
}
