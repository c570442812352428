import { ClassicLevel } from 'classic-level';

/** The last event that a consumer has dealt with. */
export interface FactPosition {
  readonly blockNumber: bigint;
  readonly transactionId: string;
}

/** Where a feed remembers its position. A consumer with a store of its own keeps the position there, in one write. */
export interface CheckpointStore {
  load(): Promise<FactPosition | undefined>;
  save(position: FactPosition): Promise<void>;
  close(): Promise<void>;
}

interface StoredPosition {
  readonly format: 1;
  readonly blockNumber: string;
  readonly transactionId: string;
}

const KEY = 'position';

/**
 * A position in a folder, synced to the disk and written in one piece: after a crash it is the old one or the new one,
 * never an empty or torn one, which is what the client library's own file checkpointer may leave.
 */
export class LevelCheckpoint implements CheckpointStore {
  readonly #database: ClassicLevel<string, StoredPosition>;

  private constructor(database: ClassicLevel<string, StoredPosition>) {
    this.#database = database;
  }

  /** @throws Error with code LEVEL_LOCKED as cause when another process holds the folder */
  static async open(directory: string): Promise<LevelCheckpoint> {
    const database = new ClassicLevel<string, StoredPosition>(directory, { valueEncoding: 'json' });
    await database.open();
    return new LevelCheckpoint(database);
  }

  async load(): Promise<FactPosition | undefined> {
    const stored = await this.#database.get(KEY);
    return stored && { blockNumber: BigInt(stored.blockNumber), transactionId: stored.transactionId };
  }

  async save({ blockNumber, transactionId }: FactPosition): Promise<void> {
    const stored: StoredPosition = { format: 1, blockNumber: blockNumber.toString(), transactionId };
    await this.#database.put(KEY, stored, { sync: true });
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}

/** A position that is forgotten with the process. */
export class MemoryCheckpoint implements CheckpointStore {
  #position: FactPosition | undefined;

  load(): Promise<FactPosition | undefined> {
    return Promise.resolve(this.#position);
  }

  save(position: FactPosition): Promise<void> {
    this.#position = position;
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
