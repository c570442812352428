import { ClassicLevel } from 'classic-level';

/** A command as it is kept until its fate is known. Transient values are in it: the folder belongs to its owner alone. */
export interface OpenCommand {
  readonly format: 1;
  readonly commandId: string;
  readonly contract: string;
  readonly transaction: string;
  /** The request as canonical JSON. */
  readonly argument: string;
  readonly transient?: Readonly<Record<string, string>>;
  /** Private collection whose members must endorse. */
  readonly collection?: string;
  /** Present from the endorsement on, replaced when the command is endorsed again. */
  readonly sent?: SentTransaction;
}

/** A signed transaction that may have reached an orderer. */
export interface SentTransaction {
  readonly transactionId: string;
  /** The signed prepared transaction, base64. */
  readonly bytes: string;
  /** What the contract answered, base64. */
  readonly result: string;
}

/**
 * Commands that are not final yet. What is put here survives a kill of the process at any moment: every write is
 * synced to the disk before the call returns.
 */
export interface Outbox {
  put(command: OpenCommand): Promise<void>;
  get(commandId: string): Promise<OpenCommand | undefined>;
  /** Forgets a command whose fate is known. */
  remove(commandId: string): Promise<void>;
  /** All open commands, ordered by command id. */
  list(): Promise<readonly OpenCommand[]>;
  close(): Promise<void>;
}

/** An outbox in a folder; one process at a time may hold it (LevelDB locks it). */
export class LevelOutbox implements Outbox {
  readonly #database: ClassicLevel<string, OpenCommand>;

  private constructor(database: ClassicLevel<string, OpenCommand>) {
    this.#database = database;
  }

  /** @throws Error with code LEVEL_LOCKED as cause when another process holds the folder */
  static async open(directory: string): Promise<LevelOutbox> {
    const database = new ClassicLevel<string, OpenCommand>(directory, { valueEncoding: 'json' });
    await database.open();
    return new LevelOutbox(database);
  }

  async put(command: OpenCommand): Promise<void> {
    await this.#database.put(command.commandId, command, { sync: true });
  }

  async get(commandId: string): Promise<OpenCommand | undefined> {
    return this.#database.get(commandId);
  }

  async remove(commandId: string): Promise<void> {
    await this.#database.del(commandId, { sync: true });
  }

  async list(): Promise<readonly OpenCommand[]> {
    return this.#database.values().all();
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}

/** An outbox that forgets with the process: for evaluations and tests that need no crash safety. */
export class MemoryOutbox implements Outbox {
  readonly #commands = new Map<string, OpenCommand>();

  put(command: OpenCommand): Promise<void> {
    this.#commands.set(command.commandId, command);
    return Promise.resolve();
  }

  get(commandId: string): Promise<OpenCommand | undefined> {
    return Promise.resolve(this.#commands.get(commandId));
  }

  remove(commandId: string): Promise<void> {
    this.#commands.delete(commandId);
    return Promise.resolve();
  }

  list(): Promise<readonly OpenCommand[]> {
    const commands = [...this.#commands.values()];
    return Promise.resolve(commands.sort((left, right) => (left.commandId < right.commandId ? -1 : 1)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
