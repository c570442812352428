import type { VersionedValue } from './types';

/** What the keys of one space were before a block; undefined = absent. */
export type SpaceImages = Map<string, VersionedValue | undefined>;
/** Before-images of one block, by space. */
export type BlockImages = Map<string, SpaceImages>;

/** The before-images of the last blocks, from which the state at an earlier height is seen. */
export class BeforeImages {
  private readonly blocks = new Map<number, BlockImages>();

  constructor(private readonly keepBlocks: number) {}

  /** Opens the images of a block and drops what is older than the blocks to keep. */
  open(blockNumber: number): BlockImages {
    const images: BlockImages = new Map();
    this.blocks.set(blockNumber, images);
    for (const number of this.blocks.keys()) {
      if (number <= blockNumber - this.keepBlocks) {
        this.blocks.delete(number);
      }
    }
    return images;
  }

  /** True when every block from this one up to the height is still held. */
  covers(fromBlock: number, height: number): boolean {
    return fromBlock >= height || this.blocks.has(fromBlock);
  }

  /** The keys of one space that blocks from..height-1 changed, as they were before them. */
  overlay(space: string, fromBlock: number, height: number): SpaceImages {
    const merged: SpaceImages = new Map();
    for (let block = height - 1; block >= fromBlock; block -= 1) {
      for (const [key, value] of this.blocks.get(block)?.get(space) ?? []) {
        merged.set(key, value);
      }
    }
    return merged;
  }
}
