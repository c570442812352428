import { equalBytes } from '../common/bytes';
import { compareKeys } from '../common/keys';
import { sameVersion } from '../common/version';
import { RangeReads } from '../rwset/merkle';
import type { KeyRead, MerkleSummary, RangeQuery } from '../rwset/types';
import type { StateReader } from '../state/types';
import type { PendingUpdates } from './pending-updates';

function inRange(key: string, range: RangeQuery): boolean {
  return compareKeys(key, range.startKey) >= 0 && (range.endKey === '' || compareKeys(key, range.endKey) < 0);
}

/**
 * The rows that the range has now: committed rows with the block's earlier writes over them. A scan that was not
 * exhausted ends with the last key it took, so that key is part of the range.
 */
function* rowsNow(
  state: StateReader,
  pending: PendingUpdates,
  namespace: string,
  range: RangeQuery,
): IterableIterator<KeyRead> {
  const updates = pending.sorted(namespace).filter((update) => inRange(update.key, range));
  let next = 0;
  for (const row of state.range(namespace, range.startKey, range.endKey)) {
    for (
      let update = updates[next];
      update !== undefined && compareKeys(update.key, row.key) < 0;
      update = updates[next]
    ) {
      next += 1;
      if (update.value !== undefined) {
        yield { key: update.key, version: update.version };
      }
    }
    if (pending.find(namespace, row.key) === undefined) {
      yield { key: row.key, version: row.version };
    }
  }
  // A row that the block replaced is among the updates and comes when the next committed row, or the end, is reached.
  for (const update of updates.slice(next)) {
    if (update.value !== undefined) {
      yield { key: update.key, version: update.version };
    }
  }
  if (!range.exhausted) {
    yield* endRow(state, pending, namespace, range.endKey);
  }
}

function* endRow(
  state: StateReader,
  pending: PendingUpdates,
  namespace: string,
  endKey: string,
): IterableIterator<KeyRead> {
  const update = pending.find(namespace, endKey);
  if (update !== undefined) {
    if (update.value !== undefined) {
      yield { key: endKey, version: update.version };
    }
    return;
  }
  const row = state.get(namespace, endKey);
  if (row !== undefined) {
    yield { key: endKey, version: row.version };
  }
}

function sameReads(rows: Iterator<KeyRead>, recorded: readonly KeyRead[]): boolean {
  for (const read of recorded) {
    const row = rows.next();
    if (row.done === true || row.value.key !== read.key || !sameVersion(row.value.version, read.version)) {
      return false;
    }
  }
  return rows.next().done === true;
}

function sameSummary(left: MerkleSummary, right: MerkleSummary): boolean {
  return (
    left.maxDegree === right.maxDegree &&
    left.maxLevel === right.maxLevel &&
    left.maxLevelHashes.length === right.maxLevelHashes.length &&
    left.maxLevelHashes.every((hash, index) => equalBytes(hash, right.maxLevelHashes[index] ?? new Uint8Array(0)))
  );
}

function sameMerkle(rows: Iterable<KeyRead>, recorded: MerkleSummary): boolean {
  if (recorded.maxDegree < 2) {
    return false;
  }
  const reads = new RangeReads(recorded.maxDegree);
  for (const row of rows) {
    reads.add(row);
  }
  const { merkle } = reads.done();
  return merkle !== undefined && sameSummary(recorded, merkle);
}

/** True when the range would still give what the transaction was endorsed with: no phantom rows. */
export function rangeUnchanged(
  state: StateReader,
  pending: PendingUpdates,
  namespace: string,
  range: RangeQuery,
): boolean {
  const rows = rowsNow(state, pending, namespace, range);
  return range.merkle === undefined ? sameReads(rows, range.rawReads ?? []) : sameMerkle(rows, range.merkle);
}
