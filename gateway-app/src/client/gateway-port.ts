import type { common } from '@hyperledger/fabric-protos';

/** One contract call as it goes to Fabric: everything is text, values that must stay private are in `transient`. */
export interface ContractCall {
  /** Qualified function name, for example `registry:tick`. */
  readonly transaction: string;
  /** The request as canonical JSON; the only argument. */
  readonly argument: string;
  /** Transient map: key to JSON text. Never part of the transaction. */
  readonly transient?: Readonly<Record<string, string>>;
}

/** A transaction that was endorsed and signed; its bytes can be kept, and sent again after a restart. */
export interface EndorsedTransaction {
  readonly transactionId: string;
  /** The signed prepared transaction (what the gateway service takes). */
  readonly bytes: Uint8Array;
  /** What the contract answered. */
  readonly result: Uint8Array;
}

/** The fate of a transaction on one peer. */
export interface CommitStatus {
  /** A Fabric TxValidationCode; 0 is VALID. */
  readonly code: number;
  readonly blockNumber: bigint;
}

/** One event of the chaincode, as the gateway streams it. */
export interface ContractEvent {
  readonly blockNumber: bigint;
  readonly transactionId: string;
  readonly eventName: string;
  readonly payload: Uint8Array;
}

/** A stream that holds a connection until it is closed. */
export interface ClosableStream<T> extends AsyncIterable<T> {
  close(): void;
}

/** The part of a gateway that can tell what became of a transaction: a second peer needs to offer no more than this. */
export interface CommitObserver {
  /**
   * Waits until the transaction is committed or the deadline passes.
   * @throws GatewayFailure with stage `commitStatus`
   */
  commitStatus(transactionId: string, deadlineMs?: number): Promise<CommitStatus>;
}

/**
 * What the ledger client needs of a Fabric gateway. `connectGateway` makes one over gRPC; tests use one in memory.
 * Every method rejects with a GatewayFailure and nothing else.
 */
export interface GatewayPort extends CommitObserver {
  /** The organisation in whose name this port signs. */
  readonly mspId: string;
  readonly channel: string;
  readonly chaincode: string;
  evaluate(call: ContractCall): Promise<Uint8Array>;
  /** With `endorsingOrganizations` all of them must endorse; without, the gateway plans and fails over. */
  endorse(call: ContractCall, endorsingOrganizations?: readonly string[]): Promise<EndorsedTransaction>;
  /** Sends the signed bytes to the orderers. Success means accepted, not committed. */
  submit(transaction: Uint8Array): Promise<void>;
  /** Events of the chaincode from this block on. */
  contractEvents(startBlock: bigint): Promise<ClosableStream<ContractEvent>>;
  /** Whole blocks of the channel from this number on. */
  blocks(startBlock: bigint): Promise<ClosableStream<common.Block>>;
  close(): void;
}

/** A port that can tell how many blocks its peer has. */
export interface HeightReader {
  /** @throws GatewayFailure with stage `evaluate` */
  height(): Promise<bigint>;
}
