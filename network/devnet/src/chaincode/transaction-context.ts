import type { TransactionSimulator } from '@flexledger/fabric-model';
import type { peer } from '@hyperledger/fabric-protos';
import type { QueryCursor } from './query-cursor';

/** Whether the creator of the proposal may read and write a private data collection. */
export interface CollectionPermission {
  readonly read: boolean;
  readonly write: boolean;
}

/** What a chaincode connection needs to serve the requests of one running transaction. */
export interface TransactionContext {
  readonly channel: string;
  readonly transactionId: string;
  readonly chaincodeName: string;
  readonly signedProposal: peer.SignedProposal;
  readonly simulator: TransactionSimulator;
  /** Committed writes of a key of this chaincode as encoded KeyModification messages, newest first. */
  history(key: string): Promise<readonly Uint8Array[]>;
  /** Throws Fabric's error for a collection that is not defined. */
  collectionPermission(collection: string): CollectionPermission;
}

/** A running transaction with its open queries. */
export class RunningTransaction {
  readonly cursors = new Map<string, QueryCursor>();
  /** One request at a time per transaction, as on a peer: a second one while the first runs is dropped. */
  isBusy = false;
  private nextCursor = 1;

  constructor(
    readonly context: TransactionContext,
    readonly settle: (message: peer.ChaincodeMessage) => void,
    readonly fail: (error: Error) => void,
  ) {}

  /** An identifier for a new query, unique in this transaction. */
  newCursorId(): string {
    const id = `${this.context.transactionId.slice(0, 8)}-${String(this.nextCursor)}`;
    this.nextCursor += 1;
    return id;
  }
}
