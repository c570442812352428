import {
  commitHashOf,
  headerOf,
  blockHeaderHash,
  parseTransaction,
  Replay,
  transactionsFilter,
  isConfigBlock,
  envelopesOf,
} from '@flexledger/fabric-model';
import { factsEventCodec, factsEventName, parseJsonBytes } from '@flexledger/domain';
import { BlockFeed, LedgerFold, type GatewayPort } from '@flexledger/gateway-app';
import type { common } from '@hyperledger/fabric-protos';

/** What two peers must agree on in a block. */
export interface BlockDigest {
  readonly headerHash: string;
  readonly commitHash: string;
  readonly codes: string;
}

/** The blocks of one peer, as it gives them. */
export class ChainWatch {
  readonly name: string;
  readonly digests: BlockDigest[] = [];
  readonly #port: Pick<GatewayPort, 'blocks'>;
  readonly #onBlock: (block: common.Block) => void;

  constructor(
    name: string,
    port: Pick<GatewayPort, 'blocks'>,
    onBlock: (block: common.Block) => void = () => undefined,
  ) {
    this.name = name;
    this.#port = port;
    this.#onBlock = onBlock;
  }

  /**
   * Reads on up to and including a block, and waits until the peer has it.
   * @throws Error when that takes too long
   */
  async readTo(lastBlock: number, withinMs: number): Promise<void> {
    if (this.digests.length > lastBlock) return;
    const feed = new BlockFeed({ port: this.#port, startBlock: BigInt(this.digests.length) });
    const timer = setTimeout(() => feed.close(), withinMs);
    try {
      for await (const block of feed) {
        this.digests.push(digestOf(block));
        this.#onBlock(block);
        if (this.digests.length > lastBlock) return;
      }
    } finally {
      clearTimeout(timer);
      feed.close();
    }
    throw new Error(`${this.name} has ${this.digests.length} of ${lastBlock + 1} blocks after ${withinMs} ms`);
  }

  /** Forgets everything: the peer has lost its data and is read from block 0 again. */
  forget(): void {
    this.digests.length = 0;
  }
}

function digestOf(block: common.Block): BlockDigest {
  return {
    headerHash: Buffer.from(blockHeaderHash(headerOf(block))).toString('hex'),
    commitHash: Buffer.from(commitHashOf(block) ?? []).toString('hex'),
    codes: [...transactionsFilter(block)].join(','),
  };
}

/** What became of a transaction. */
export interface TransactionFate {
  readonly code: number;
  readonly blockNumber: number;
}

/** All that follows from the blocks of one peer: rows, verdicts, the fate of each transaction and the effects of each command. */
export class ReferenceLedger {
  readonly fold: LedgerFold;
  /** The first fate of each transaction id; of several copies only the first can have counted. */
  readonly fates = new Map<string, TransactionFate>();
  /** Command id -> how many VALID transactions have had an effect under it. */
  readonly effects = new Map<string, number>();
  /** Where the model, validating each transaction again, disagrees with the peer. */
  readonly differences: string[] = [];
  readonly #replay = new Replay();

  constructor(chaincode: string) {
    this.fold = new LedgerFold(chaincode);
  }

  /** Adds the next block. */
  feed(block: common.Block): void {
    this.fold.feed(block);
    for (const { kind, block: number, expected, actual } of this.#replay.feed(block)) {
      this.differences.push(`block ${number}: ${kind} ${expected} instead of ${actual}`);
    }
    if (isConfigBlock(block)) return;
    const codes = transactionsFilter(block);
    const blockNumber = headerOf(block).getNumber();
    envelopesOf(block).forEach((envelope, index) => this.#feedEnvelope(envelope, codes[index] ?? -1, blockNumber));
  }

  #feedEnvelope(envelope: Uint8Array, code: number, blockNumber: number): void {
    const { transactionId, event } = parseTransaction(envelope);
    if (!this.fates.has(transactionId)) this.fates.set(transactionId, { code, blockNumber });
    if (code !== 0 || event?.eventName !== factsEventName) return;
    const { commandId } = factsEventCodec.decode(parseJsonBytes(event.payload), '');
    this.effects.set(commandId, (this.effects.get(commandId) ?? 0) + 1);
  }
}
