import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { BlockSource } from '../blocks/block-file';

/** Releases of real Fabric whose blocks are kept in test/vectors. */
export const RECORDED_RELEASES = ['3.1.5', '2.5.16'] as const;

/** The bytes of the blocks that a real Fabric has written; each is preceded by its length in four bytes. */
export function recordedBlockBytes(release: string): Buffer[] {
  const folder = join(__dirname, '..', '..', '..', '..', 'test', 'vectors', 'fabric-blocks');
  const bytes = brotliDecompressSync(readFileSync(join(folder, `fabric-${release}.blocks.br`)));
  const blocks: Buffer[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const length = bytes.readUInt32BE(offset);
    blocks.push(bytes.subarray(offset + 4, offset + 4 + length));
    offset += 4 + length;
  }
  return blocks;
}

/** Blocks in memory as a source for an audit. */
export function sourceOf(blocks: readonly Uint8Array[], name = 'memory', channel?: string): BlockSource {
  return {
    name,
    channel,
    async *blocks() {
      await Promise.resolve();
      yield* blocks;
    },
  };
}
