import type { CloseableAsyncIterable } from '@hyperledger/fabric-gateway';
import type { peer } from '@hyperledger/fabric-protos';
import type { NetworkHandle } from '@flexledger/network';
import { openClient, type BenchClient } from './client';

/** What became of a transaction: the validation code on which all peers agree, and when the last of them had it. */
export interface Commit {
  readonly code: number;
  readonly atMs: number;
}

interface Awaited {
  readonly resolve: (commit: Commit) => void;
  code: number | undefined;
  seen: number;
}

/**
 * Follows the blocks of every peer. A transaction is committed when the last peer has it; peers that disagree about its code are
 * an error of the whole run.
 */
export class Commits {
  /** The number of the last block that every peer has. */
  readonly #heights: number[];
  readonly #awaited = new Map<string, Awaited>();
  readonly #clients: BenchClient[];
  readonly #streams: CloseableAsyncIterable<peer.FilteredBlock>[] = [];
  #failure: Error | undefined;

  private constructor(clients: BenchClient[]) {
    this.#clients = clients;
    this.#heights = clients.map(() => -1);
  }

  /** Opens a stream of filtered blocks from each organisation's peer, from the next block on. */
  static async open(handle: NetworkHandle): Promise<Commits> {
    const organizations = handle.topology.organizations.filter(({ peers }) => peers.length > 0);
    const commits = new Commits(
      organizations.map(({ name }) => openClient(handle, name, { organization: name, identity: 'Admin' })),
    );
    await Promise.all(
      commits.#clients.map(async ({ network }, index) => {
        const stream = await network.getFilteredBlockEvents();
        commits.#streams.push(stream);
        void commits.#follow(stream, index).catch((error: unknown) => {
          commits.#failure ??= error instanceof Error ? error : new Error(String(error));
        });
      }),
    );
    return commits;
  }

  /** How many peers are followed. */
  get peers(): number {
    return this.#clients.length;
  }

  /** The last block that all peers have. */
  get height(): number {
    return Math.min(...this.#heights);
  }

  /** Resolves when every peer has the transaction. Call it before the transaction is sent. */
  of(transactionId: string): Promise<Commit> {
    this.check();
    return new Promise((resolve) => {
      this.#awaited.set(transactionId, { resolve, code: undefined, seen: 0 });
    });
  }

  /** Throws what has gone wrong with a stream, or where two peers disagree. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Ends all streams. */
  close(): void {
    this.#streams.forEach((stream) => {
      stream.close();
    });
    this.#clients.forEach((client) => {
      client.close();
    });
  }

  async #follow(stream: CloseableAsyncIterable<peer.FilteredBlock>, index: number): Promise<void> {
    for await (const block of stream) {
      for (const transaction of block.getFilteredTransactionsList()) {
        this.#note(transaction.getTxid(), transaction.getTxValidationCode());
      }
      this.#heights[index] = block.getNumber();
    }
  }

  #note(transactionId: string, code: number): void {
    const awaited = this.#awaited.get(transactionId);
    if (awaited === undefined) return;
    if (awaited.code !== undefined && awaited.code !== code) {
      this.#failure ??= new Error(`peers disagree about ${transactionId}: ${awaited.code} and ${code}`);
    }
    awaited.code = code;
    awaited.seen += 1;
    if (awaited.seen === this.peers) {
      this.#awaited.delete(transactionId);
      awaited.resolve({ code, atMs: performance.now() });
    }
  }
}
