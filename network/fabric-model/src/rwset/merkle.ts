import { concatBytes, sha256 } from '../common/bytes';
import { encodeQueryReads } from './encode';
import type { KeyRead, MerkleSummary } from './types';

/** Rows of a range up to which Fabric records raw reads; above it hashes them (a constant of the peer). */
export const RANGE_READS_RAW_MAX = 50;

/** The tree of hashes that Fabric builds over the rows of a range, one leaf per maxDegree + 1 rows. */
class MerkleTree {
  private readonly levels = new Map<number, Uint8Array[]>();
  private maxLevel = 1;

  constructor(private readonly maxDegree: number) {}

  get isEmpty(): boolean {
    return this.maxLevel === 1 && this.level(1).length === 0;
  }

  update(leaf: Uint8Array): void {
    this.push(1, leaf);
    for (let level = 1; this.level(level).length > this.maxDegree; level += 1) {
      const combined = sha256(concatBytes(...this.level(level)));
      this.levels.delete(level);
      this.push(level + 1, combined);
      this.maxLevel = Math.max(this.maxLevel, level + 1);
    }
  }

  done(): void {
    for (let level = 1; level < this.maxLevel; level += 1) {
      const hashes = this.level(level);
      const [single] = hashes;
      if (single !== undefined) {
        this.levels.delete(level);
        this.push(level + 1, hashes.length === 1 ? single : sha256(concatBytes(...hashes)));
      }
    }
    const top = this.level(this.maxLevel);
    if (top.length > this.maxDegree) {
      this.levels.delete(this.maxLevel);
      this.maxLevel += 1;
      this.levels.set(this.maxLevel, [sha256(concatBytes(...top))]);
    }
  }

  summary(): MerkleSummary {
    return { maxDegree: this.maxDegree, maxLevel: this.maxLevel, maxLevelHashes: [...this.level(this.maxLevel)] };
  }

  private level(level: number): Uint8Array[] {
    return this.levels.get(level) ?? [];
  }

  private push(level: number, hash: Uint8Array): void {
    const hashes = this.levels.get(level);
    if (hashes === undefined) {
      this.levels.set(level, [hash]);
    } else {
      hashes.push(hash);
    }
  }
}

/** Collects the rows of one range scan into raw reads or, above the limit, into a Merkle summary. */
export class RangeReads {
  private pending: KeyRead[] = [];
  private readonly tree: MerkleTree;

  constructor(private readonly maxDegree: number = RANGE_READS_RAW_MAX) {
    this.tree = new MerkleTree(maxDegree);
  }

  add(read: KeyRead): void {
    this.pending.push(read);
    if (this.pending.length > this.maxDegree) {
      this.hashPending();
    }
  }

  /** The summary as far as it stands; validation compares it while rows come in. */
  summary(): MerkleSummary {
    return this.tree.summary();
  }

  /** Ends the collection; exactly one of the two is set, or none when there were no rows. */
  done(): { readonly rawReads: readonly KeyRead[] | undefined; readonly merkle: MerkleSummary | undefined } {
    if (this.tree.isEmpty) {
      return { rawReads: this.pending.length === 0 ? undefined : this.pending, merkle: undefined };
    }
    if (this.pending.length > 0) {
      this.hashPending();
    }
    this.tree.done();
    return { rawReads: undefined, merkle: this.tree.summary() };
  }

  private hashPending(): void {
    this.tree.update(sha256(encodeQueryReads(this.pending)));
    this.pending = [];
  }
}
