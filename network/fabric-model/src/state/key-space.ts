import { compareKeys } from '../common/keys';
import type { VersionedValue } from './types';

/** One sorted map of keys: a namespace, the hashes of a collection or the values of a collection. */
export class KeySpace {
  private readonly values = new Map<string, VersionedValue>();
  private keys: string[] = [];

  get(key: string): VersionedValue | undefined {
    return this.values.get(key);
  }

  set(key: string, value: VersionedValue): void {
    if (!this.values.has(key)) {
      const last = this.keys[this.keys.length - 1];
      if (last === undefined || compareKeys(last, key) < 0) {
        this.keys.push(key);
      } else {
        this.keys.splice(this.indexAtOrAfter(key), 0, key);
      }
    }
    this.values.set(key, value);
  }

  delete(key: string): void {
    if (this.values.delete(key)) {
      this.keys.splice(this.indexAtOrAfter(key), 1);
    }
  }

  /** Index of the first key that is not before this one. */
  indexAtOrAfter(key: string): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const candidate = this.keys[middle];
      if (candidate !== undefined && compareKeys(candidate, key) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  keyAt(index: number): string | undefined {
    return this.keys[index];
  }

  /** Sets many rows of a fresh space at once: sorted a single time. */
  load(rows: readonly (readonly [string, VersionedValue])[]): void {
    for (const [key, value] of rows) {
      this.values.set(key, value);
    }
    this.keys = [...this.values.keys()].sort(compareKeys);
  }

  *entries(): IterableIterator<[string, VersionedValue]> {
    for (const key of this.keys) {
      const value = this.values.get(key);
      if (value !== undefined) {
        yield [key, value];
      }
    }
  }
}
