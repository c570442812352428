import { createHash } from 'node:crypto';

import { hashKeyHex } from '../common/bytes';
import { FabricModelError } from '../common/errors';
import { compareKeys } from '../common/keys';
import { versionBytes } from '../common/version';
import { BeforeImages, type BlockImages, type SpaceImages } from './before-images';
import { ExpirySchedule } from './expiry-schedule';
import { KeySpace, type KeyCursor } from './key-space';
import type {
  HashedUpdate,
  PrivateUpdate,
  PublicUpdate,
  StateContents,
  StateEntry,
  StateReader,
  UpdateBatch,
  VersionedValue,
} from './types';

/** How much of the past a MemoryState keeps. */
export interface MemoryStateOptions {
  /** Blocks of before-images; a view is good for as many blocks. Default 64. */
  readonly keepBlocks?: number;
}

const KEEP_BLOCKS_DEFAULT = 64;

type SpaceKind = 'public' | 'hashed' | 'private';

/** Spaces are named by their parts; U+0000 appears in no namespace and no collection name. */
function spaceName(kind: SpaceKind, namespace: string, collection = ''): string {
  return `${kind}\u0000${namespace}\u0000${collection}`;
}

/**
 * World state of one peer in memory: public values, hashes of private values, private values, each with its version.
 * Reads see the last committed block; view() and viewBehind() see an earlier height and stay there while blocks commit.
 */
export class MemoryState implements StateReader {
  private readonly spaces = new Map<string, KeySpace>();
  private readonly images: BeforeImages;
  private readonly keepBlocks: number;
  /** Raw keys of private values by their hash: a purge names only the hash. */
  private readonly expiry = new ExpirySchedule();
  private readonly rawKeys = new Map<string, Map<string, string>>();
  private heightNow = 0;
  private startedAt = 0;

  constructor(options: MemoryStateOptions = {}) {
    this.keepBlocks = options.keepBlocks ?? KEEP_BLOCKS_DEFAULT;
    this.images = new BeforeImages(this.keepBlocks);
  }

  /** A state from stored rows, at this height. */
  static restore(height: number, contents: StateContents, options: MemoryStateOptions = {}): MemoryState {
    const state = new MemoryState(options);
    const rows = new Map<string, [string, VersionedValue][]>();
    const add = (
      space: string,
      key: string,
      value: Uint8Array | undefined,
      version: VersionedValue['version'],
    ): void => {
      if (value !== undefined) {
        const list = rows.get(space) ?? [];
        rows.set(space, list);
        list.push([key, { value, version }]);
      }
    };
    for (const entry of contents.publicEntries) {
      add(spaceName('public', entry.namespace), entry.key, entry.value, entry.version);
    }
    for (const entry of contents.hashedEntries) {
      add(spaceName('hashed', entry.namespace, entry.collection), entry.keyHashHex, entry.valueHash, entry.version);
    }
    for (const entry of contents.privateEntries) {
      const space = spaceName('private', entry.namespace, entry.collection);
      add(space, entry.key, entry.value, entry.version);
      state.rawKeysOf(space).set(hashKeyHex(entry.key), entry.key);
    }
    for (const [space, list] of rows) {
      state.space(space).load(list);
    }
    state.heightNow = height;
    state.startedAt = height;
    for (const entry of state.hashedEntries()) {
      state.expiry.note(entry, state);
    }
    return state;
  }

  /** Number of blocks applied. */
  get height(): number {
    return this.heightNow;
  }

  get(namespace: string, key: string): VersionedValue | undefined {
    return this.spaces.get(spaceName('public', namespace))?.get(key);
  }

  getHash(namespace: string, collection: string, keyHashHex: string): VersionedValue | undefined {
    return this.spaces.get(spaceName('hashed', namespace, collection))?.get(keyHashHex);
  }

  getPrivate(namespace: string, collection: string, key: string): VersionedValue | undefined {
    return this.spaces.get(spaceName('private', namespace, collection))?.get(key);
  }

  range(namespace: string, startKey: string, endKey: string): IterableIterator<StateEntry> {
    return this.view().range(namespace, startKey, endKey);
  }

  rangePrivate(namespace: string, collection: string, startKey: string, endKey: string): IterableIterator<StateEntry> {
    return this.view().rangePrivate(namespace, collection, startKey, endKey);
  }

  /** The state at the present height; it does not move when later blocks commit (for keepBlocks blocks). */
  view(): StateReader {
    return new StateView(this, this.heightNow);
  }

  /** The state as it was this many blocks ago, or at the start of this process when that is less far back. */
  viewBehind(blocks: number): StateReader {
    if (blocks > this.keepBlocks) {
      throw new FabricModelError('STATE_VIEW_EXPIRED', `Only ${this.keepBlocks} blocks of the past are kept.`);
    }
    return new StateView(this, Math.max(this.startedAt, this.heightNow - blocks));
  }

  /**
   * Applies the writes of the next block. privateUpdates are the values this peer received; a purge also deletes
   * the value that this peer holds from earlier blocks, and so does the end of a collection's block-to-live.
   */
  applyUpdates(blockNumber: number, updates: UpdateBatch, privateUpdates: readonly PrivateUpdate[]): void {
    if (blockNumber !== this.heightNow) {
      throw new FabricModelError(
        'STATE_BLOCK_OUT_OF_ORDER',
        `Block ${blockNumber} was applied to a state of height ${this.heightNow}.`,
      );
    }
    const expired = this.expiry.advance(blockNumber, updates, this);
    const images = this.images.open(blockNumber);
    const purgedAt = new Map<string, number>();
    for (const update of updates.publicUpdates) {
      this.write(images, spaceName('public', update.namespace), update.key, update.value, update.version);
    }
    for (const update of [...updates.hashedUpdates, ...expired]) {
      const space = spaceName('hashed', update.namespace, update.collection);
      this.write(images, space, update.keyHashHex, update.valueHash, update.version);
      if (update.purge) {
        this.purgeValue(images, update);
        const privateSpace = spaceName('private', update.namespace, update.collection);
        purgedAt.set(`${privateSpace}\u0000${update.keyHashHex}`, (update.purgedAt ?? update.version).transaction);
      }
    }
    for (const update of privateUpdates) {
      const space = spaceName('private', update.namespace, update.collection);
      const keyHash = hashKeyHex(update.key);
      if ((purgedAt.get(`${space}\u0000${keyHash}`) ?? -1) <= update.version.transaction) {
        this.rawKeysOf(space).set(keyHash, update.key);
        this.write(images, space, update.key, update.value, update.version);
      }
    }
    this.heightNow = blockNumber + 1;
  }

  /** SHA-256 over public and hashed rows in key order, with versions: equal on every peer of the channel. */
  digest(): Uint8Array {
    const hash = createHash('sha256');
    for (const name of [...this.spaces.keys()].sort(compareKeys)) {
      if (name.startsWith('private\u0000')) {
        continue;
      }
      for (const [key, row] of this.space(name).entries()) {
        for (const part of [Buffer.from(name), Buffer.from(key), row.value, versionBytes(row.version)]) {
          hash.update(`${part.length}:`).update(part);
        }
      }
    }
    return hash.digest();
  }

  *publicEntries(): IterableIterator<PublicUpdate> {
    for (const [[namespace], key, row] of this.rows('public')) {
      yield { namespace, key, value: row.value, version: row.version };
    }
  }

  *hashedEntries(): IterableIterator<HashedUpdate> {
    for (const [[namespace, collection], keyHashHex, row] of this.rows('hashed')) {
      yield { namespace, collection, keyHashHex, valueHash: row.value, version: row.version, purge: false };
    }
  }

  *privateEntries(): IterableIterator<PrivateUpdate> {
    for (const [[namespace, collection], key, row] of this.rows('private')) {
      yield { namespace, collection, key, value: row.value, version: row.version };
    }
  }

  /** For StateView: one space as it stands now. */
  peek(space: string): KeySpace | undefined {
    return this.spaces.get(space);
  }

  /** For StateView: what changed in one space since a height; throws STATE_VIEW_EXPIRED when that is forgotten. */
  changedSince(space: string, height: number): SpaceImages {
    if (!this.images.covers(height, this.heightNow)) {
      throw new FabricModelError('STATE_VIEW_EXPIRED', `The state of height ${height} is no longer kept.`);
    }
    return this.images.overlay(space, height, this.heightNow);
  }

  private space(name: string): KeySpace {
    let space = this.spaces.get(name);
    if (space === undefined) {
      space = new KeySpace();
      this.spaces.set(name, space);
    }
    return space;
  }

  private rawKeysOf(space: string): Map<string, string> {
    let keys = this.rawKeys.get(space);
    if (keys === undefined) {
      keys = new Map();
      this.rawKeys.set(space, keys);
    }
    return keys;
  }

  private purgeValue(images: BlockImages, update: HashedUpdate): void {
    const space = spaceName('private', update.namespace, update.collection);
    const key = this.rawKeysOf(space).get(update.keyHashHex);
    if (key !== undefined) {
      this.write(images, space, key, undefined, update.version);
    }
  }

  private *rows(kind: SpaceKind): IterableIterator<[[string, string], string, VersionedValue]> {
    for (const name of [...this.spaces.keys()].sort(compareKeys)) {
      const [spaceKind, namespace = '', collection = ''] = name.split('\u0000');
      if (spaceKind === kind) {
        for (const [key, row] of this.space(name).entries()) {
          yield [[namespace, collection], key, row];
        }
      }
    }
  }

  private write(
    images: BlockImages,
    name: string,
    key: string,
    value: Uint8Array | undefined,
    version: VersionedValue['version'],
  ): void {
    const space = this.space(name);
    let before = images.get(name);
    if (before === undefined) {
      before = new Map();
      images.set(name, before);
    }
    if (!before.has(key)) {
      before.set(key, space.get(key));
    }
    if (value === undefined) {
      space.delete(key);
    } else {
      space.set(key, { value, version });
    }
  }
}

/** A MemoryState as of one height. */
class StateView implements StateReader {
  private readonly overlays = new Map<string, { readonly builtAt: number; readonly images: SpaceImages }>();

  constructor(
    private readonly state: MemoryState,
    readonly height: number,
  ) {}

  get(namespace: string, key: string): VersionedValue | undefined {
    return this.lookUp(spaceName('public', namespace), key);
  }

  getHash(namespace: string, collection: string, keyHashHex: string): VersionedValue | undefined {
    return this.lookUp(spaceName('hashed', namespace, collection), keyHashHex);
  }

  getPrivate(namespace: string, collection: string, key: string): VersionedValue | undefined {
    return this.lookUp(spaceName('private', namespace, collection), key);
  }

  range(namespace: string, startKey: string, endKey: string): IterableIterator<StateEntry> {
    return this.scan(spaceName('public', namespace), startKey, endKey);
  }

  rangePrivate(namespace: string, collection: string, startKey: string, endKey: string): IterableIterator<StateEntry> {
    return this.scan(spaceName('private', namespace, collection), startKey, endKey);
  }

  private overlay(space: string): SpaceImages {
    const held = this.overlays.get(space);
    if (held?.builtAt === this.state.height) {
      return held.images;
    }
    const images = this.state.changedSince(space, this.height);
    this.overlays.set(space, { builtAt: this.state.height, images });
    return images;
  }

  private lookUp(space: string, key: string): VersionedValue | undefined {
    const images = this.overlay(space);
    return images.has(key) ? images.get(key) : this.state.peek(space)?.get(key);
  }

  /** Steps from key to key; after a commit it finds its place again, so the scan never mixes two heights. */
  private *scan(space: string, startKey: string, endKey: string): IterableIterator<StateEntry> {
    let cursor: ScanCursor | undefined;
    let last: string | undefined;
    for (;;) {
      if (cursor?.builtAt !== this.state.height) {
        cursor = new ScanCursor(this.state, space, this.overlay(space), last ?? startKey, last !== undefined);
      }
      const key = cursor.take();
      if (key === undefined || (endKey !== '' && compareKeys(key, endKey) >= 0)) {
        return;
      }
      last = key;
      const row = this.lookUp(space, key);
      if (row !== undefined) {
        yield { key, value: row.value, version: row.version };
      }
    }
  }
}

/** Merges the present keys of a space with the keys that an overlay brings back. */
class ScanCursor {
  readonly builtAt: number;
  private readonly present: KeyCursor | undefined;
  private readonly revived: readonly string[];
  private revivedIndex = 0;

  constructor(state: MemoryState, name: string, overlay: SpaceImages, fromKey: string, afterKey: boolean) {
    this.builtAt = state.height;
    const space = state.peek(name);
    this.present = space?.seek(fromKey);
    this.revived = [...overlay.keys()]
      .filter((key) => compareKeys(key, fromKey) >= 0 && space?.get(key) === undefined)
      .sort(compareKeys);
    if (afterKey && (this.present?.peek() === fromKey || this.revived[0] === fromKey)) {
      this.take();
    }
  }

  take(): string | undefined {
    const present = this.present?.peek();
    const revived = this.revived[this.revivedIndex];
    if (revived === undefined || (present !== undefined && compareKeys(present, revived) < 0)) {
      this.present?.advance();
      return present;
    }
    this.revivedIndex += 1;
    return revived;
  }
}
