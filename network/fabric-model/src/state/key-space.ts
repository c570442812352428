import { compareKeys } from '../common/keys';
import type { VersionedValue } from './types';

/** Keys per chunk; a chunk that grows beyond is split in two. */
const CHUNK_KEYS_MAX = 512;

/** A place in a sorted key space; good until the space changes. */
export interface KeyCursor {
  /** The key at this place, undefined behind the last one. */
  peek(): string | undefined;
  advance(): void;
}

/** Index of the first element that is not before the key, where keyOf gives the keys of a sorted list. */
function lowerBound(length: number, key: string, keyOf: (index: number) => string): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keyOf(middle), key) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/**
 * One sorted map of keys: a namespace, the hashes of a collection or the values of a collection. The sorted keys are
 * kept in chunks, so that a write in the middle of many keys moves few of them.
 */
export class KeySpace {
  private readonly values = new Map<string, VersionedValue>();
  /** Never holds an empty chunk. */
  private chunks: string[][] = [];

  get(key: string): VersionedValue | undefined {
    return this.values.get(key);
  }

  set(key: string, value: VersionedValue): void {
    if (!this.values.has(key)) {
      this.insert(key);
    }
    this.values.set(key, value);
  }

  delete(key: string): void {
    if (!this.values.delete(key)) {
      return;
    }
    const index = this.chunkOf(key);
    const chunk = this.chunks[index] ?? [];
    chunk.splice(indexIn(chunk, key), 1);
    if (chunk.length === 0) {
      this.chunks.splice(index, 1);
    }
  }

  /** The place of the first key that is not before this one. */
  seek(key: string): KeyCursor {
    let chunkIndex = this.chunkOf(key);
    let index = indexIn(this.chunks[chunkIndex] ?? [], key);
    return {
      peek: () => this.chunks[chunkIndex]?.[index] ?? this.chunks[chunkIndex + 1]?.[0],
      advance: () => {
        const atEnd = index >= (this.chunks[chunkIndex]?.length ?? 0);
        chunkIndex += atEnd ? 1 : 0;
        index = atEnd ? 1 : index + 1;
      },
    };
  }

  /** Sets many rows of a fresh space at once: sorted a single time. */
  load(rows: readonly (readonly [string, VersionedValue])[]): void {
    for (const [key, value] of rows) {
      this.values.set(key, value);
    }
    const keys = [...this.values.keys()].sort(compareKeys);
    const half = CHUNK_KEYS_MAX / 2;
    this.chunks = Array.from({ length: Math.ceil(keys.length / half) }, (_, n) => keys.slice(n * half, (n + 1) * half));
  }

  *entries(): IterableIterator<[string, VersionedValue]> {
    for (const chunk of this.chunks) {
      for (const key of chunk) {
        const value = this.values.get(key);
        if (value !== undefined) {
          yield [key, value];
        }
      }
    }
  }

  /** The last chunk that starts at or before the key. */
  private chunkOf(key: string): number {
    const following = lowerBound(this.chunks.length, key, (index) => this.chunks[index]?.[0] ?? '');
    return this.chunks[following]?.[0] === key ? following : Math.max(0, following - 1);
  }

  private insert(key: string): void {
    const index = this.chunkOf(key);
    const chunk = this.chunks[index];
    if (chunk === undefined) {
      this.chunks.push([key]);
      return;
    }
    chunk.splice(indexIn(chunk, key), 0, key);
    if (chunk.length > CHUNK_KEYS_MAX) {
      this.chunks.splice(index + 1, 0, chunk.splice(chunk.length >>> 1));
    }
  }
}

function indexIn(chunk: readonly string[], key: string): number {
  return lowerBound(chunk.length, key, (index) => chunk[index] ?? '');
}
