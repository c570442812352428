/** A transaction's place in the ledger. */
export interface Place {
  readonly blockNumber: number;
  /** Number of the transaction in its block. */
  readonly transactionIndex: number;
}

/** True where a transaction stands before another one. */
export function isBefore(left: Place, right: Place): boolean {
  return (
    left.blockNumber < right.blockNumber ||
    (left.blockNumber === right.blockNumber && left.transactionIndex < right.transactionIndex)
  );
}
