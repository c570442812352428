import type { common } from '@hyperledger/fabric-protos';
import { DEFAULT_RETRY_POLICY, SYSTEM_ENVIRONMENT, type Environment, type RetryPolicy } from './backoff';
import { LedgerError } from './errors';
import type { GatewayPort } from './gateway-port';
import { StreamLoop } from './stream-loop';

/** How blocks are followed. */
export interface BlockFeedOptions {
  readonly port: Pick<GatewayPort, 'blocks'>;
  /** First block that is wanted; the genesis block is 0. */
  readonly startBlock?: bigint;
  readonly policy?: RetryPolicy;
  readonly environment?: Environment;
}

/** Whole blocks of the channel without a gap, opened again when the stream breaks. */
export class BlockFeed implements AsyncIterable<common.Block> {
  readonly #loop: StreamLoop<common.Block>;
  #next: bigint;

  constructor({ port, startBlock = 0n, policy, environment }: BlockFeedOptions) {
    this.#next = startBlock;
    this.#loop = new StreamLoop({
      open: () => port.blocks(this.#next),
      policy: policy ?? DEFAULT_RETRY_POLICY,
      environment: environment ?? SYSTEM_ENVIRONMENT,
      onReopen: () => undefined,
    });
  }

  /** Ends the iteration; safe to call twice. */
  close(): void {
    this.#loop.close();
  }

  /** @throws LedgerError BLOCKS_GAP when the peer sends another block than the next one */
  async *[Symbol.asyncIterator](): AsyncGenerator<common.Block, void, void> {
    for await (const block of this.#loop) {
      const number = BigInt(block.getHeader()?.getNumber() ?? -1);
      if (number !== this.#next) {
        throw new LedgerError({ code: 'BLOCKS_GAP', message: `block ${this.#next} was due, the peer sent ${number}` });
      }
      this.#next += 1n;
      yield block;
    }
  }
}

/** The blocks from the first to `lastBlock`, both included; waits for those that do not exist yet. */
export async function* readBlocks(
  options: BlockFeedOptions & { readonly lastBlock: bigint },
): AsyncGenerator<common.Block, void, void> {
  const feed = new BlockFeed(options);
  try {
    for await (const block of feed) {
      yield block;
      if (BigInt(block.getHeader()?.getNumber() ?? 0) >= options.lastBlock) {
        return;
      }
    }
  } finally {
    feed.close();
  }
}
