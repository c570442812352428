import type { Context } from 'fabric-contract-api';

/** One row to be written: `place` is a private collection, or `''` for the channel. */
export interface RowWrite {
  readonly place: string;
  readonly key: string;
  readonly value: Uint8Array;
}

/**
 * What a peer from Fabric 3.1 on can do in one message instead of one for each key. Each part is there only where the peer of
 * this call has offered it: an older peer ends its connection to the chaincode when it gets such a message.
 */
export interface LedgerBatches {
  /** Writes rows in one message, or a few. */
  readonly putRows?: (writes: readonly RowWrite[]) => Promise<void>;
  /**
   * The values of keys on the channel, in their order; no bytes for an absent one. There is none for private collections: the
   * peer's answer to a single key tells "I do not have the value" from "there is none", and its answer to many does not.
   */
  readonly getRows?: (keys: readonly string[]) => Promise<readonly Uint8Array[]>;
}

/** The part of the shim that the contracts use to reach the ledger. */
export type Ledger = Context['stub'] & { readonly batches?: LedgerBatches };
