import { equalBytes, sha256 } from '../common/bytes';
import { decodePrivateWriteSet } from '../rwset/decode';
import type { PrivateCollectionWriteSet } from '../rwset/types';
import type { PrivateUpdate } from '../state/types';
import type { ParsedTransaction } from '../transaction/types';
import { ValidationCodes } from './codes';
import type { BlockValidation } from './validate-block';

/** Private writes of one transaction that a peer should have and does not. */
export interface MissingPrivateData {
  readonly transactionId: string;
  readonly namespace: string;
  readonly collection: string;
}

/** Private writes of a block as far as one peer holds them. */
export interface PrivateUpdates {
  /** In the order of the transactions; the last write of a key wins. */
  readonly updates: readonly PrivateUpdate[];
  readonly missing: readonly MissingPrivateData[];
}

function collectionsWritten(transaction: ParsedTransaction): (MissingPrivateData & { readonly hash: Uint8Array })[] {
  const { transactionId } = transaction;
  return transaction.readWriteSet.namespaces.flatMap(({ namespace, collections }) =>
    collections.flatMap(({ collection, privateSetHash: hash }) =>
      hash === undefined ? [] : [{ transactionId, namespace, collection, hash }],
    ),
  );
}

function decodeHeld(bytes: Uint8Array | undefined): readonly PrivateCollectionWriteSet[] {
  try {
    return bytes === undefined ? [] : decodePrivateWriteSet(bytes);
  } catch {
    return [];
  }
}

/**
 * The private writes of the valid transactions of a block, from what this peer holds (TxPvtReadWriteSet bytes by
 * transaction id). A set counts only if its hash is the endorsed one; what is absent or different is listed as
 * missing, for every collection: the caller knows of which ones it is a member.
 */
export function privateUpdatesOf(
  validation: BlockValidation,
  blockNumber: number,
  held: (transactionId: string) => Uint8Array | undefined,
): PrivateUpdates {
  const updates: PrivateUpdate[] = [];
  const missing: MissingPrivateData[] = [];
  for (const { index, code, transaction } of validation.transactions) {
    const written = transaction === undefined || code !== ValidationCodes.VALID ? [] : collectionsWritten(transaction);
    const sets = written.length === 0 ? [] : decodeHeld(held(transaction?.transactionId ?? ''));
    for (const { hash, ...name } of written) {
      const set = sets.find((s) => s.namespace === name.namespace && s.collection === name.collection);
      if (set === undefined || !equalBytes(sha256(set.bytes), hash)) {
        missing.push(name);
        continue;
      }
      const version = { block: blockNumber, transaction: index };
      const { namespace, collection } = name;
      updates.push(...set.writes.map(({ key, value }) => ({ namespace, collection, key, value, version })));
    }
  }
  return { updates, missing };
}
