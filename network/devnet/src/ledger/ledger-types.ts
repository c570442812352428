import type { BlockValidation, ChannelConfig, MemoryState, ValidationCode } from '@flexledger/fabric-model';
import type { common } from '@hyperledger/fabric-protos';
import type { Log } from '../logger';
import type { RecordStore } from './record-store';

/** Blocks of before-images that are kept for simulations in flight and for endorsers held behind. */
export const keptBlocks = 256;

/** Where a transaction stands on the ledger and what became of it. */
export interface TransactionLocation {
  readonly blockNumber: number;
  readonly index: number;
  readonly code: ValidationCode;
}

/** A block that is on disk, with its verdicts. */
export interface CommittedBlock {
  readonly number: number;
  readonly block: common.Block;
  readonly transactions: BlockValidation['transactions'];
}

/** Signs what an orderer would sign. */
export interface BlockSigner {
  readonly signatureHeader: () => Uint8Array;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/** Everything that is read from disk when a channel is opened. */
export interface LoadedChannel {
  readonly state: MemoryState;
  readonly config: ChannelConfig;
  readonly lastBlock: common.Block;
  readonly lastConfigBlock: number;
  readonly transactions: Map<string, TransactionLocation>;
}

/** Where a channel's ledger lives and who signs its blocks. */
export interface LedgerOptions {
  readonly store: RecordStore;
  /** Folder of the height mark, outside of the store's own folder. */
  readonly markFolder: string;
  readonly channel: string;
  readonly signer: BlockSigner | undefined;
  readonly log: Log;
}
