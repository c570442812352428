import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlockFile, BlockFileError, writeBlockFile } from './block-file';

const folder = mkdtempSync(join(tmpdir(), 'flexledger-block-file-'));
const file = join(folder, 'some.blocks');
const blocks = [Buffer.from('first'), Buffer.alloc(3_000_000, 7), Buffer.from('third')];

async function read(name: string): Promise<{ channel: string | undefined; blocks: Buffer[] }> {
  const source = new BlockFile(name);
  const found: Buffer[] = [];
  for await (const bytes of source.blocks()) {
    found.push(Buffer.from(bytes));
  }
  return { channel: source.channel, blocks: found };
}

async function errorOf(name: string): Promise<BlockFileError | undefined> {
  try {
    await read(name);
    return undefined;
  } catch (error) {
    if (error instanceof BlockFileError) {
      return error;
    }
    throw error;
  }
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a file of blocks', () => {
  beforeAll(() => writeBlockFile(file, 'community', blocks));

  test('gives back the channel and every block, whatever the size of the pieces in which it is read', async () => {
    const whole = await read(file);
    expect(whole.channel).toBe('community');
    expect(whole.blocks.map((bytes, index) => bytes.equals(blocks[index] ?? Buffer.alloc(0)))).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('is never written over another one', async () => {
    await expect(writeBlockFile(file, 'community', blocks)).rejects.toMatchObject({ code: 'EEXIST' });
  });

  test.each([
    ['of another kind', Buffer.from('{"not":"blocks"}\n'), 'FILE_HEADER_WRONG'],
    ['without a line', Buffer.alloc(5_000, 1), 'FILE_HEADER_WRONG'],
    ['that is empty', Buffer.alloc(0), 'FILE_HEADER_WRONG'],
    ['that was cut between two blocks', (whole: Buffer) => whole.subarray(0, whole.length - 17), 'FILE_TRUNCATED'],
    ['that was cut inside a block', (whole: Buffer) => whole.subarray(0, 1_000_000), 'FILE_TRUNCATED'],
    ['that was cut inside its end mark', (whole: Buffer) => whole.subarray(0, whole.length - 1), 'FILE_TRUNCATED'],
    ['with more behind its end', (whole: Buffer) => Buffer.concat([whole, Buffer.of(0)]), 'FILE_TRUNCATED'],
    [
      'with a length that no block has',
      (whole: Buffer) => withByte(whole, whole.indexOf('\n') + 1, 0xff),
      'FILE_TRUNCATED',
    ],
    ['with another number of blocks', (whole: Buffer) => withByte(whole, whole.length - 1, 9), 'FILE_TRUNCATED'],
  ])('%s is refused with its code', async (name, content, code) => {
    const other = join(folder, name.replaceAll(' ', '-'));
    writeFileSync(other, typeof content === 'function' ? content(readFileSync(file)) : content);
    expect((await errorOf(other))?.code).toBe(code);
  });
});

function withByte(bytes: Buffer, position: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[position] = value;
  return copy;
}
