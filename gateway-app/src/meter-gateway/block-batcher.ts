import { limits, packBlock, type BlockResult, type ProfileBlock } from '@flexledger/domain';

/** What a batcher is made of. */
export interface BatcherOptions {
  /** Writes blocks in one transaction; rejects when it is not known what became of them, or when nothing did. */
  readonly record: (blocks: readonly ProfileBlock[]) => Promise<readonly BlockResult[]>;
  /** Transactions under way at the same time, at most. */
  readonly transactionsMax?: number;
  /** How long the first block of a batch waits for others, in milliseconds. */
  readonly gatherMs?: number;
  /** Blocks that wait or are under way, at most. */
  readonly blocksMax?: number;
}

interface Entry {
  readonly block: ProfileBlock;
  readonly bytes: number;
  readonly outcome: Promise<BlockResult>;
  readonly resolve: (outcome: BlockResult) => void;
  readonly reject: (error: unknown) => void;
}

/** There are too many blocks under way: the sender tries again later. */
export class GatewayBusy extends Error {
  override readonly name = 'GatewayBusy';
}

const BATCH_BYTES_MAX = limits.jsonBytesMax - 65_536;

/**
 * Gathers the blocks of many agents into transactions. The blocks of a meter are under way in one transaction at a time, in the order
 * of its chain, so that no two transactions write the end of one chain: agents of different meters never get in each other's way.
 */
export class BlockBatcher {
  readonly #record: BatcherOptions['record'];
  readonly #transactionsMax: number;
  readonly #gatherMs: number;
  readonly #blocksMax: number;
  readonly #entries = new Map<string, Entry>();
  /** What waits, by meter, in the order in which meters first came. */
  readonly #waiting = new Map<string, Entry[]>();
  readonly #busyMeters = new Set<string>();
  #transactions = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ record, transactionsMax = 4, gatherMs = 100, blocksMax = 5_000 }: BatcherOptions) {
    this.#record = record;
    this.#transactionsMax = transactionsMax;
    this.#gatherMs = gatherMs;
    this.#blocksMax = blocksMax;
  }

  /**
   * Resolves when the ledger has answered for every block. A block that is under way already gets the answer of that one.
   * @throws GatewayBusy, or what `record` was rejected with
   */
  async add(blocks: readonly ProfileBlock[]): Promise<readonly BlockResult[]> {
    if (this.#entries.size + blocks.length > this.#blocksMax) {
      throw new GatewayBusy(`${this.#entries.size} blocks are under way`);
    }
    const outcomes = blocks.map((block) => this.#enter(block).outcome);
    this.#schedule();
    const settled = await Promise.allSettled(outcomes);
    return settled.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  /** Stops gathering; what is under way goes on. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #enter(block: ProfileBlock): Entry {
    const name = nameOf(block);
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const entry = newEntry(block);
    this.#entries.set(name, entry);
    const queue = this.#waiting.get(block.meterId) ?? [];
    queue.push(entry);
    queue.sort((left, right) => left.block.sequence - right.block.sequence);
    this.#waiting.set(block.meterId, queue);
    return entry;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, this.#gatherMs);
  }

  #flush(): void {
    while (this.#transactions < this.#transactionsMax) {
      const batch = this.#takeBatch();
      if (batch.length === 0) return;
      void this.#send(batch);
    }
  }

  /** The blocks of the meters that have none under way, as many as fit into one transaction. */
  #takeBatch(): readonly Entry[] {
    const batch: Entry[] = [];
    let bytes = 0;
    for (const [meterId, queue] of this.#waiting) {
      if (this.#busyMeters.has(meterId)) continue;
      const room = queue.findIndex((entry, index) => {
        bytes += entry.bytes;
        return bytes > BATCH_BYTES_MAX || batch.length + index >= limits.blocksPerCallMax;
      });
      const taken = queue.splice(0, room < 0 ? queue.length : room);
      if (queue.length === 0) this.#waiting.delete(meterId);
      batch.push(...taken);
      if (room >= 0) break;
    }
    batch.forEach(({ block }) => this.#busyMeters.add(block.meterId));
    return batch;
  }

  async #send(batch: readonly Entry[]): Promise<void> {
    this.#transactions += 1;
    try {
      const outcomes = await this.#record(batch.map(({ block }) => block));
      batch.forEach((entry, index) => {
        const outcome = outcomes[index];
        if (outcome === undefined) entry.reject(new Error('the contract has not answered for every block'));
        else entry.resolve(outcome);
      });
    } catch (error) {
      batch.forEach((entry) => entry.reject(error));
    } finally {
      this.#transactions -= 1;
      for (const { block } of batch) {
        this.#entries.delete(nameOf(block));
        this.#busyMeters.delete(block.meterId);
      }
      if (this.#waiting.size > 0) this.#schedule();
    }
  }
}

/** The signature is part of the name: another block with the same number must reach the ledger, which judges both. */
function nameOf({ meterId, sequence, signature }: ProfileBlock): string {
  return `${meterId}/${sequence}/${signature}`;
}

function newEntry(block: ProfileBlock): Entry {
  let [resolve, reject]: [Entry['resolve'], Entry['reject']] = [() => undefined, () => undefined];
  const outcome = new Promise<BlockResult>((resolvePromise, rejectPromise) => {
    [resolve, reject] = [resolvePromise, rejectPromise];
  });
  // Whoever adds the block hears of a failure; nobody may be there any more.
  outcome.catch(() => undefined);
  const bytes = packBlock(block).length;
  return { block, bytes, outcome, resolve, reject };
}
