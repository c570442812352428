import { ClassicLevel } from 'classic-level';
import { packBlock, unpackBlock, type ProfileBlock } from '@flexledger/domain';
import type { CutterState } from './block-cutter';
import type { BuilderState } from './interval-builder';
import type { Fault } from './measurement';

/** The last block of a chain, as far as the next one needs it; 0 and the genesis link before the first one. */
export interface ChainEnd {
  readonly sequence: number;
  readonly link: string;
  readonly startSlot?: ProfileBlock['startSlot'] | undefined;
}

/** Everything that an agent knows of one meter, besides the blocks that wait to be sent. */
export interface MeterState {
  readonly format: 1;
  readonly channel: string;
  readonly keyVersion: number;
  /** From where the input goes on; absent before the first item. */
  readonly position?: string | undefined;
  readonly builder: BuilderState;
  readonly cutter: CutterState;
  /** The end of the chain: the last block that was made, sent or not. */
  readonly head: ChainEnd;
  /** Faults of the input since the beginning. */
  readonly faults: number;
}

/** What becomes true at once: the new state, the blocks that were made and the faults that were found on the way to it. */
export interface QueueChange {
  readonly state: MeterState;
  readonly blocks: readonly ProfileBlock[];
  readonly faults: readonly Fault[];
}

/** Faults that are kept of one meter; older ones make room. */
const FAULTS_KEPT = 1_000;
const DIGITS = 10;

/**
 * Blocks that wait for the ledger, and how far each meter's input has been read: one folder per agent, on the disk before a call
 * returns. State, blocks and faults are written together, so that a kill at any moment leaves them before a change or after it.
 */
export class MeterQueue {
  readonly #database: ClassicLevel;
  #waiting = 0;
  #forgetting: Promise<void> = Promise.resolve();

  private constructor(database: ClassicLevel) {
    this.#database = database;
  }

  /** @throws Error with code LEVEL_LOCKED as cause when another agent holds the folder */
  static async open(folder: string): Promise<MeterQueue> {
    const database = new ClassicLevel(folder);
    await database.open();
    const queue = new MeterQueue(database);
    for await (const _ of database.keys(range('block'))) queue.#waiting += 1;
    return queue;
  }

  /** How many blocks of all meters wait to be sent. */
  get waiting(): number {
    return this.#waiting;
  }

  async state(meterId: string): Promise<MeterState | undefined> {
    const text = await this.#database.get(key('state', meterId));
    return text === undefined ? undefined : (JSON.parse(text, revive) as MeterState);
  }

  /** Ids of the meters of which there is a state. */
  async meters(): Promise<readonly string[]> {
    const keys = await this.#database.keys(range('state')).all();
    return keys.map((name) => name.split('/')[1] ?? '');
  }

  async write(meterId: string, { state, blocks, faults }: QueueChange): Promise<void> {
    const first = state.faults - faults.length;
    await this.#database.batch(
      [
        put(key('state', meterId), JSON.stringify(state, replace)),
        ...blocks.map((block) => put(blockKey(meterId, block.sequence), packBlock(block))),
        ...faults.map((fault, index) => put(faultKey(meterId, first + index), JSON.stringify(fault))),
        ...faults.flatMap((_, index) => {
          const tooOld = first + index - FAULTS_KEPT;
          return tooOld < 0 ? [] : [del(faultKey(meterId, tooOld))];
        }),
      ],
      { sync: true },
    );
    this.#waiting += blocks.length;
  }

  /** The oldest blocks of a meter that wait, packed, in the order of their chain. */
  async oldest(meterId: string, limit: number): Promise<readonly string[]> {
    return this.#database.values({ ...range('block', meterId), limit }).all();
  }

  /** The number of the oldest block of a meter that waits; undefined when none does. */
  async firstWaiting(meterId: string): Promise<number | undefined> {
    const [name] = await this.#database.keys({ ...range('block', meterId), limit: 1 }).all();
    return name === undefined ? undefined : Number(name.split('/').at(-1));
  }

  /** A block that waits. */
  async block(meterId: string, sequence: number): Promise<ProfileBlock | undefined> {
    const packed = await this.#database.get(blockKey(meterId, sequence));
    return packed === undefined ? undefined : unpackBlock(packed, '');
  }

  /** Forgets the blocks of a meter up to this one: the ledger has them. */
  async forget(meterId: string, sequence: number): Promise<void> {
    // One at a time: a block that two callers forget at once would be counted twice.
    const forgotten = this.#forgetting.then(() => this.#forget(meterId, sequence));
    this.#forgetting = forgotten.catch(() => undefined);
    await forgotten;
  }

  async #forget(meterId: string, sequence: number): Promise<void> {
    const { gte } = range('block', meterId);
    const keys = await this.#database.keys({ gte, lte: blockKey(meterId, sequence) }).all();
    await this.#database.batch(keys.map(del), { sync: true });
    this.#waiting -= keys.length;
  }

  /** The last faults of a meter's input, the oldest first. */
  async faults(meterId: string): Promise<readonly Fault[]> {
    const texts = await this.#database.values(range('fault', meterId)).all();
    return texts.map((text) => JSON.parse(text) as Fault);
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}

type Kind = 'state' | 'block' | 'fault';

function key(kind: Kind, meterId: string, ...rest: readonly string[]): string {
  return [kind, meterId, ...rest].join('/');
}

function blockKey(meterId: string, sequence: number): string {
  return key('block', meterId, String(sequence).padStart(DIGITS, '0'));
}

function faultKey(meterId: string, number: number): string {
  return key('fault', meterId, String(number).padStart(DIGITS, '0'));
}

function range(...parts: readonly [Kind, string?]): { readonly gte: string; readonly lt: string } {
  const prefix = parts.join('/');
  // The character after the slash that ends every prefix.
  return { gte: `${prefix}/`, lt: `${prefix}0` };
}

function put(name: string, value: string): { readonly type: 'put'; readonly key: string; readonly value: string } {
  return { type: 'put', key: name, value };
}

function del(name: string): { readonly type: 'del'; readonly key: string } {
  return { type: 'del', key: name };
}

/** JSON has no whole numbers of any size: they are written as texts that end with n. */
function replace(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

function revive(_: string, value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
}
