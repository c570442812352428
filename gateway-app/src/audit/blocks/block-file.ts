import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { canonicalJson, isJsonObject, parseJson, type JsonValue } from '@flexledger/domain';

/*
 * A file of blocks: one line `flexledger-blocks 1 {"channel":"..."}`, then every block from number 0 on as four bytes of
 * length (big endian) and the block's protobuf bytes, then four zero bytes and the number of blocks in four bytes. Without
 * the end nobody could tell a whole file from one that was cut between two blocks.
 */

const MAGIC = 'flexledger-blocks 1 ';
const LENGTH_BYTES = 4;
const HEADER_LINE_MAX = 1024;
/** A block is bounded by the peers' own limit for messages. */
const BLOCK_BYTES_MAX = 100 * 1024 * 1024;

/** A file of blocks that is not as it was written; `code` is that of the finding. */
export class BlockFileError extends Error {
  constructor(
    readonly code: 'FILE_HEADER_WRONG' | 'FILE_TRUNCATED',
    sentence: string,
  ) {
    super(sentence);
    this.name = 'BlockFileError';
  }
}

/** Blocks as they come from a file or a peer, undecoded. */
export interface BlockSource {
  /** Where they come from, in words. */
  readonly name: string;
  /** The channel that the source names, known once the first block was read. */
  readonly channel: string | undefined;
  /** @throws BlockFileError */
  blocks(): AsyncGenerator<Uint8Array, void, void>;
}

/**
 * Writes blocks to a new file as they come and returns their number. The file is complete only when this returns.
 *
 * @throws EEXIST where the file exists: an export never replaces another one
 */
export async function writeBlockFile(
  file: string,
  channel: string,
  blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<number> {
  const handle = await open(file, 'wx', 0o644);
  try {
    await handle.write(`${MAGIC}${canonicalJson({ channel })}\n`);
    let count = 0;
    for await (const bytes of blocks) {
      await handle.writev([lengthBytes(bytes.length), bytes]);
      count += 1;
    }
    await handle.writev([lengthBytes(0), lengthBytes(count)]);
    await handle.sync();
    return count;
  } finally {
    await handle.close();
  }
}

/** The blocks of a file, read as they are needed. */
export class BlockFile implements BlockSource {
  #channel: string | undefined;

  constructor(readonly name: string) {}

  get channel(): string | undefined {
    return this.#channel;
  }

  async *blocks(): AsyncGenerator<Uint8Array, void, void> {
    const reader = new ByteReader(createReadStream(this.name, { highWaterMark: 1 << 20 }));
    this.#channel = channelOf(await reader.line(MAGIC.length + HEADER_LINE_MAX));
    for (let count = 0; ; count += 1) {
      const length = (await reader.take(LENGTH_BYTES, `at the length of block ${count}`)).readUInt32BE();
      if (length === 0) {
        await expectEnd(reader, count);
        return;
      }
      if (length > BLOCK_BYTES_MAX) {
        throw new BlockFileError('FILE_TRUNCATED', `block ${count} would have ${length} bytes, more than a peer takes`);
      }
      yield await reader.take(length, `inside block ${count}`);
    }
  }
}

async function expectEnd(reader: ByteReader, count: number): Promise<void> {
  const said = (await reader.take(LENGTH_BYTES, 'inside its end mark')).readUInt32BE();
  if (said !== count) {
    throw new BlockFileError('FILE_TRUNCATED', `the end mark says ${said} blocks, the file holds ${count}`);
  }
  if (!(await reader.isAtEnd())) {
    throw new BlockFileError('FILE_TRUNCATED', 'there are bytes behind the end mark');
  }
}

function channelOf(line: string): string {
  const header = line.startsWith(MAGIC) ? jsonOf(line.slice(MAGIC.length)) : undefined;
  const channel = header !== undefined && isJsonObject(header) ? header['channel'] : undefined;
  if (typeof channel !== 'string' || line !== `${MAGIC}${canonicalJson({ channel })}`) {
    throw new BlockFileError('FILE_HEADER_WRONG', `the file does not begin with "${MAGIC}" and the channel's name`);
  }
  return channel;
}

function jsonOf(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    // Whatever is not JSON is no header; the caller says so.
    return undefined;
  }
}

function lengthBytes(length: number): Buffer {
  const bytes = Buffer.alloc(LENGTH_BYTES);
  bytes.writeUInt32BE(length);
  return bytes;
}

/** Takes exact numbers of bytes from a stream of chunks. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** @throws BlockFileError FILE_TRUNCATED */
  async take(length: number, where: string): Promise<Buffer> {
    const parts = [this.#held];
    let available = this.#held.length;
    while (available < length) {
      const next = await this.#chunks.next();
      if (next.done === true) {
        throw new BlockFileError('FILE_TRUNCATED', `the file ends ${where}`);
      }
      parts.push(next.value);
      available += next.value.length;
    }
    const all = parts.length === 1 ? this.#held : Buffer.concat(parts, available);
    this.#held = all.subarray(length);
    return all.subarray(0, length);
  }

  /** The text up to the next line feed, which is taken too; all that there is where none comes within `max` bytes. */
  async line(max: number): Promise<string> {
    while (!this.#held.includes(0x0a) && this.#held.length < max) {
      const next = await this.#chunks.next();
      if (next.done === true) {
        break;
      }
      this.#held = Buffer.concat([this.#held, next.value]);
    }
    const end = this.#held.indexOf(0x0a);
    const line = this.#held.subarray(0, end === -1 ? max : end);
    this.#held = this.#held.subarray(line.length + 1);
    return line.toString('latin1');
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#held.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) {
        return true;
      }
      this.#held = next.value;
    }
    return false;
  }
}
