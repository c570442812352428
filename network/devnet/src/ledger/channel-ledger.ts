import { EventEmitter } from 'node:events';
import {
  ChannelConfig,
  blockHeaderHash,
  commitHashOf,
  computeCommitHash,
  encodeBlock,
  isConfigBlock,
  listChaincodeNames,
  MemoryState,
  newBlock,
  privateUpdatesOf,
  readChaincodeDefinition,
  setCommitHash,
  setOrdererMetadata,
  setTransactionsFilter,
  validateBlock,
  type BlockValidation,
  type ChaincodeDefinition,
  type PrivateUpdate,
  type StateReader,
} from '@flexledger/fabric-model';
import type { common } from '@hyperledger/fabric-protos';
import { PrivateDataExpiry } from './expiry';
import { HeightMark } from './height-mark';
import { historyRows } from './history';
import {
  keptBlocks,
  type CommittedBlock,
  type LedgerOptions,
  type LoadedChannel,
  type TransactionLocation,
} from './ledger-types';
import { loadChannel } from './load-channel';
import type { RecordChange } from './record-store';
import { ChannelKeys, hashedRow, privateRow, publicRow } from './records';
import { TransientStore } from './transient-store';

interface LedgerEvents {
  committed: [CommittedBlock];
}

/**
 * The one ledger of a channel: block chain, state, history and private data. All organisations of the embedded network
 * share it; each sees it through its own view. A block counts as committed once its batch is synced to disk.
 */
export class ChannelLedger {
  readonly events = new EventEmitter<LedgerEvents>();
  readonly transient: TransientStore;
  private readonly keys: ChannelKeys;
  private readonly mark: HeightMark;
  private readonly definitions = new Map<string, ChaincodeDefinition | undefined>();
  private readonly expiry = new PrivateDataExpiry((name) => this.definition(name));

  private constructor(
    private readonly options: LedgerOptions,
    private readonly loaded: { -readonly [Key in keyof LoadedChannel]: LoadedChannel[Key] },
  ) {
    this.events.setMaxListeners(0);
    this.keys = new ChannelKeys(options.channel);
    this.mark = new HeightMark(options.markFolder, options.channel);
    this.transient = new TransientStore(options.store, this.keys);
  }

  /** Opens the channel from disk, or begins it with the genesis block. @throws DevnetError DEVNET_STORE_DAMAGED. */
  static async open(options: LedgerOptions, genesis: () => common.Block): Promise<ChannelLedger> {
    const keys = new ChannelKeys(options.channel);
    const mark = new HeightMark(options.markFolder, options.channel);
    const loaded = await loadChannel(options, keys, mark.read());
    if (loaded !== undefined) {
      const ledger = new ChannelLedger(options, loaded);
      await ledger.transient.load(ledger.height);
      ledger.expiry.restore(ledger.state);
      return ledger;
    }
    const block = genesis();
    const ledger = new ChannelLedger(options, {
      state: new MemoryState({ keepBlocks: keptBlocks }),
      config: ChannelConfig.fromBlock(block),
      lastBlock: block,
      lastConfigBlock: 0,
      transactions: new Map(),
    });
    setOrdererMetadata(block, { lastConfigBlock: 0 });
    await ledger.validateAndStore(block);
    return ledger;
  }

  get channel(): string {
    return this.options.channel;
  }

  /** Number of committed blocks. */
  get height(): number {
    return this.loaded.state.height;
  }

  /** The configuration in force. */
  get config(): ChannelConfig {
    return this.loaded.config;
  }

  /** Committed state, moving on with each block; `view()` of it stands still. */
  get state(): MemoryState {
    return this.loaded.state;
  }

  /** Number of the last configuration block. */
  get lastConfigBlock(): number {
    return this.loaded.lastConfigBlock;
  }

  /** The last committed block. */
  get lastBlock(): common.Block {
    return this.loaded.lastBlock;
  }

  /** Where a transaction stands, if it is on the ledger, whatever its validation code. */
  locate(transactionId: string): TransactionLocation | undefined {
    return this.loaded.transactions.get(transactionId);
  }

  /** The committed definition of a chaincode. */
  definition(name: string): ChaincodeDefinition | undefined {
    if (!this.definitions.has(name)) {
      this.definitions.set(name, readChaincodeDefinition(this.loaded.state, name));
    }
    return this.definitions.get(name);
  }

  /** Names of all chaincodes with a committed definition. */
  chaincodeNames(): readonly string[] {
    return listChaincodeNames(this.loaded.state);
  }

  /** The stored bytes of a block. */
  async blockBytes(number: number): Promise<Uint8Array | undefined> {
    return this.options.store.get(this.keys.block(number));
  }

  /** Committed writes of a key as encoded KeyModification messages, newest first, up to the given height. */
  async history(namespace: string, key: string, view: StateReader): Promise<readonly Uint8Array[]> {
    const entries: Uint8Array[] = [];
    for await (const [entryKey, value] of this.options.store.scan(this.keys.history(namespace, key))) {
      const blockNumber = Number((JSON.parse(entryKey) as string[])[4]);
      if (blockNumber < view.height) entries.push(value);
    }
    return entries.reverse();
  }

  /** Cuts the next block from these envelopes, validates it and puts it on disk. Calls must not overlap. */
  async append(envelopes: readonly Uint8Array[]): Promise<CommittedBlock> {
    const { lastBlock, lastConfigBlock } = this.loaded;
    const header = lastBlock.getHeader();
    if (header === undefined) throw new Error('the last block has no header');
    const block = newBlock(this.height, blockHeaderHash(header), envelopes);
    const { signer } = this.options;
    setOrdererMetadata(block, {
      lastConfigBlock,
      ...(signer === undefined ? {} : { signer: { signatureHeader: signer.signatureHeader(), sign: signer.sign } }),
    });
    return this.validateAndStore(block);
  }

  private async validateAndStore(block: common.Block): Promise<CommittedBlock> {
    const number = this.height;
    const validation = validateBlock({
      block,
      config: this.loaded.config,
      state: this.loaded.state,
      transactionKnown: (transactionId) => this.loaded.transactions.has(transactionId),
    });
    setTransactionsFilter(block, validation.codes);
    if (number > 0) {
      setCommitHash(
        block,
        computeCommitHash(validation.codes, validation.updates, commitHashOf(this.loaded.lastBlock)),
      );
    }
    const received = this.privateUpdates(validation, number);
    const expired = this.expiry.expiring(number, this.state, validation.updates, received);
    const { publicUpdates } = validation.updates;
    const updates = { publicUpdates, hashedUpdates: [...validation.updates.hashedUpdates, ...expired.hashed] };
    const privateData = [...received, ...expired.values];
    const ids = validation.transactions.map(({ transactionId }) => transactionId);
    await this.options.store.commit(this.changes(block, { ...validation, updates }, privateData, ids), true);
    this.apply(block, { ...validation, updates }, privateData);
    this.transient.forget(ids);
    this.expiry.forget(number);
    this.expiry.schedule(updates, privateData);
    this.mark.write(this.height);
    const committed = { number, block, transactions: validation.transactions };
    this.events.emit('committed', committed);
    return committed;
  }

  private privateUpdates(validation: BlockValidation, number: number): readonly PrivateUpdate[] {
    const transactions = new Map(
      validation.transactions.map((verdict) => [verdict.transactionId, verdict.transaction]),
    );
    const { updates, missing } = privateUpdatesOf(validation, number, (transactionId) => {
      const transaction = transactions.get(transactionId);
      return transaction === undefined ? undefined : this.transient.matching(transaction);
    });
    for (const { transactionId, collection } of missing) {
      const what = `private data of ${collection} for transaction ${transactionId}`;
      this.options.log('warning', this.channel, `block ${String(number)} commits without the ${what}`);
    }
    return updates;
  }

  private changes(
    block: common.Block,
    validation: BlockValidation,
    privateData: readonly PrivateUpdate[],
    ids: readonly string[],
  ): readonly RecordChange[] {
    const { keys } = this;
    const number = this.height;
    return [
      { key: keys.block(number), value: encodeBlock(block) },
      { key: keys.height, value: Buffer.from(String(number + 1)) },
      ...validation.updates.publicUpdates.map((update) => publicRow(keys, update)),
      ...validation.updates.hashedUpdates.map((update) => hashedRow(keys, update)),
      ...privateData.map((update) => privateRow(keys, update)),
      ...historyRows(keys, number, validation),
      ...this.transient.forgetting(ids, number),
    ];
  }

  private apply(block: common.Block, validation: BlockValidation, privateData: readonly PrivateUpdate[]): void {
    const blockNumber = this.height;
    this.loaded.state.applyUpdates(blockNumber, validation.updates, privateData);
    this.loaded.config = validation.config;
    this.loaded.lastBlock = block;
    if (isConfigBlock(block)) this.loaded.lastConfigBlock = blockNumber;
    for (const { transactionId, index, code } of validation.transactions) {
      if (transactionId !== '' && !this.loaded.transactions.has(transactionId)) {
        this.loaded.transactions.set(transactionId, { blockNumber, index, code });
      }
    }
    if (validation.updates.publicUpdates.some(({ namespace }) => namespace === '_lifecycle')) this.definitions.clear();
  }
}
