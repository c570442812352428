import { mkdirSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { ClassicLevel } from 'classic-level';
import { DevnetError, explainFileError, hasSystemCode, messageOf } from '../errors';

/** One change of a batch; undefined deletes. */
export interface RecordChange {
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

function seal(key: string, value: Uint8Array): Buffer {
  const sealed = Buffer.alloc(value.length + 4);
  sealed.writeUInt32BE(crc32(value, crc32(key)), 0);
  sealed.set(value, 4);
  return sealed;
}

function unseal(folder: string, key: string, sealed: Uint8Array): Uint8Array {
  const value = sealed.subarray(4);
  const isWhole = sealed.length >= 4 && Buffer.from(sealed).readUInt32BE(0) === crc32(value, crc32(key));
  if (!isWhole) throw damaged(folder, `record ${key} fails its checksum`);
  return value;
}

/** The error for a store that cannot be trusted any more; `what` names the damaged part. */
export function damaged(folder: string, what: string, cause?: unknown): DevnetError {
  const cure = `restore ${folder} from a copy, or delete it to begin again with an empty ledger`;
  return new DevnetError('DEVNET_STORE_DAMAGED', `${what}; ${cure}`, cause);
}

/** Names of keys: the parts as a JSON list, so that no part can run into the next one. */
export function recordKey(...parts: readonly (string | number)[]): string {
  return JSON.stringify(parts);
}

/** First part of all keys that start with these parts, for a scan. */
export function recordPrefix(...parts: readonly (string | number)[]): string {
  return `${JSON.stringify(parts).slice(0, -1)},`;
}

/**
 * The embedded key-value store under one folder. Every value carries a checksum over key and value, because the store's
 * own checks cover its files only in part, and a batch is on disk, synced, when `commit` returns.
 */
export class RecordStore {
  private constructor(
    readonly folder: string,
    private readonly database: ClassicLevel<string, Buffer>,
  ) {}

  /** Opens or creates the store. @throws DevnetError with a code for an unwritable folder, a full disk, damage or a second user. */
  static async open(folder: string): Promise<RecordStore> {
    try {
      mkdirSync(folder, { recursive: true });
      const database = new ClassicLevel<string, Buffer>(folder, { valueEncoding: 'buffer' });
      await database.open();
      return new RecordStore(folder, database);
    } catch (error) {
      throw explainOpenError(error, folder);
    }
  }

  /** The value of a key, or undefined. */
  async get(key: string): Promise<Uint8Array | undefined> {
    const sealed = await this.guard(`record ${key} cannot be read`, () => this.database.get(key));
    return sealed === undefined ? undefined : unseal(this.folder, key, sealed);
  }

  /** All records whose key starts with the prefix, in key order. */
  async *scan(prefix: string): AsyncGenerator<readonly [key: string, value: Uint8Array]> {
    const iterator = this.database.iterator({ gte: prefix, lt: `${prefix}\u{10ffff}` });
    try {
      for (;;) {
        const entry = await this.guard(`records ${prefix} cannot be read`, () => iterator.next());
        if (entry === undefined) return;
        yield [entry[0], unseal(this.folder, entry[0], entry[1])];
      }
    } finally {
      await iterator.close();
    }
  }

  /** Writes all changes or none; with `sync` they survive a power cut, without it the end of the process. */
  async commit(changes: readonly RecordChange[], sync: boolean): Promise<void> {
    const operations = changes.map(({ key, value }) =>
      value === undefined ? ({ type: 'del', key } as const) : ({ type: 'put', key, value: seal(key, value) } as const),
    );
    try {
      await this.database.batch(operations, { sync });
    } catch (error) {
      throw explainFileError(error, this.folder);
    }
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  private async guard<T>(what: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof DevnetError) throw error;
      throw damaged(this.folder, `${what} (${messageOf(error)})`, error);
    }
  }
}

function explainOpenError(error: unknown, folder: string): unknown {
  if (hasSystemCode(error, 'LEVEL_LOCKED')) {
    return new DevnetError(
      'DEVNET_ALREADY_RUNNING',
      `${folder} is in use by another process; stop it or choose another folder with --data`,
      error,
    );
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const text = messageOf(cause ?? error);
  if (hasSystemCode(error, 'LEVEL_CORRUPTION') || /corrupt|checksum|missing files/i.test(text)) {
    return damaged(folder, `the store cannot be opened (${text})`, error);
  }
  if (/permission denied|read-only file system/i.test(text)) {
    return new DevnetError(
      'DEVNET_FOLDER_UNWRITABLE',
      `cannot write to ${folder}; choose another folder with --data`,
      error,
    );
  }
  return explainFileError(cause ?? error, folder);
}
