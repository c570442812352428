import type { CollectionName, RowCodec } from '@flexledger/domain';
import type { KeyPrefix, StateKey } from './keys';
import type { RowMemory } from './row-memory';
import type { StoreSession } from './session';

/** Loads and saves one kind of row on the channel. `Parts` are what its key is made from. */
export class RowKeeper<T, Parts extends readonly unknown[]> {
  public constructor(
    private readonly codec: RowCodec<T>,
    private readonly key: (...parts: Parts) => StateKey,
    /** Remembers decoded rows; for those that many transactions read and few write. */
    private readonly memory?: RowMemory<T>,
  ) {}

  /** The row, or undefined where there is none. */
  public async load(session: StoreSession, ...parts: Parts): Promise<T | undefined> {
    if (this.memory !== undefined) {
      return session.loadDecoded(this.key(...parts), (row) => this.codec.decode(row), this.memory);
    }
    const row = await session.load(this.key(...parts));
    return row === undefined ? undefined : this.codec.decode(row);
  }

  /** True where the row exists. */
  public async exists(session: StoreSession, ...parts: Parts): Promise<boolean> {
    return (await session.load(this.key(...parts))) !== undefined;
  }

  /** Saves the row; it is written when the transaction is accepted. */
  public save(session: StoreSession, value: T, ...parts: Parts): void {
    session.save(this.key(...parts), this.codec.encode(value));
  }

  /** All rows under a prefix, in key order. See StoreSession.list for when a submit may do this. */
  public async list(session: StoreSession, prefix: KeyPrefix): Promise<readonly T[]> {
    return (await session.list(prefix)).map(({ row }) => this.codec.decode(row));
  }

  /** One page of the rows under a prefix and the bookmark of the next one; for evaluates. */
  public async page(
    session: StoreSession,
    prefix: KeyPrefix,
    rowsMax: number,
    bookmark: string | undefined,
  ): Promise<{ readonly rows: readonly T[]; readonly bookmark: string | null }> {
    const listed = await session.page(prefix, rowsMax, bookmark);
    return {
      rows: listed.map(({ row }) => this.codec.decode(row)),
      bookmark: listed.length < rowsMax ? null : (listed.at(-1)?.parts.at(-1) ?? null),
    };
  }
}

/** Loads and saves one kind of row in a private collection. */
export class PrivateRowKeeper<T, Parts extends readonly unknown[]> {
  public constructor(
    private readonly collection: CollectionName,
    private readonly codec: RowCodec<T>,
    private readonly key: (...parts: Parts) => StateKey,
  ) {}

  /** The row, or undefined where there is none (or where it was purged). */
  public async load(session: StoreSession, ...parts: Parts): Promise<T | undefined> {
    const row = await session.loadPrivate(this.collection, this.key(...parts));
    return row === undefined ? undefined : this.codec.decode(row);
  }

  /** Saves the row; it is written when the transaction is accepted. */
  public save(session: StoreSession, value: T, ...parts: Parts): void {
    session.savePrivate(this.collection, this.key(...parts), this.codec.encode(value));
  }

  /** Takes the row, and every earlier value of it, out of the collection of every member when the transaction is accepted. */
  public purge(session: StoreSession, ...parts: Parts): void {
    session.purgePrivate(this.collection, this.key(...parts));
  }
}
