import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { AgentError } from './agent-error';

/** A line of a file. */
export interface FileLine {
  /** Without its end; undefined where it is longer than a line may be. */
  readonly text: string | undefined;
  /** Counted from 1. */
  readonly number: number;
  /** Where the next line begins, in bytes. */
  readonly nextOffset: number;
}

/** Where reading begins. */
export interface LineStart {
  readonly offset: number;
  /** The number of the line that begins there. */
  readonly number: number;
}

/** How a file is read. */
export interface LineOptions {
  readonly file: string;
  readonly start: LineStart;
  /** Waits for more lines at the end of the file instead of ending. */
  readonly follow: boolean;
  readonly stop: AbortSignal;
}

const LINE_BYTES_MAX = 65_536;
const CHUNK_BYTES = 65_536;
const POLL_MS = 500;
const LINE_FEED = 0x0a;

/**
 * The lines of a file from a position on, read only as fast as they are taken. At the end of a file that is followed an
 * unfinished line waits for its rest; otherwise it is the last line.
 * @throws AgentError AGENT_INPUT_CHANGED when the file is shorter than the position
 */
export async function* fileLines(options: LineOptions): AsyncGenerator<FileLine> {
  const handle = await open(options.file, 'r');
  try {
    const { size } = await handle.stat();
    if (size < options.start.offset) {
      throw new AgentError(
        'AGENT_INPUT_CHANGED',
        `${options.file} is shorter than what was read of it; put the file back, or start with another data folder`,
      );
    }
    yield* linesOf(handle, options);
  } finally {
    await handle.close();
  }
}

async function* linesOf(handle: FileHandle, { start, follow, stop }: LineOptions): AsyncGenerator<FileLine> {
  const splitter = new LineSplitter(start);
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let offset = start.offset; !stop.aborted;) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, offset);
    offset += bytesRead;
    yield* splitter.push(chunk.subarray(0, bytesRead));
    if (bytesRead > 0) continue;
    if (!follow) {
      yield* splitter.end();
      return;
    }
    await delay(POLL_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** Cuts bytes into lines; of a line that is too long it keeps nothing. */
class LineSplitter {
  #parts: Buffer[] = [];
  #length = 0;
  #number: number;
  #offset: number;

  constructor({ number, offset }: LineStart) {
    this.#number = number;
    this.#offset = offset;
  }

  *push(bytes: Buffer): Generator<FileLine> {
    let from = 0;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
      this.#keep(bytes.subarray(from, at + 1));
      from = at + 1;
      yield this.#take();
    }
    this.#keep(bytes.subarray(from));
  }

  *end(): Generator<FileLine> {
    if (this.#length > 0) yield this.#take();
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length <= LINE_BYTES_MAX) this.#parts.push(Buffer.from(part));
    else this.#parts = [];
  }

  #take(): FileLine {
    const tooLong = this.#length > LINE_BYTES_MAX;
    const text = tooLong
      ? undefined
      : Buffer.concat(this.#parts)
          .toString('utf8')
          .replace(/\r?\n$/, '');
    this.#offset += this.#length;
    const line = { text, number: this.#number, nextOffset: this.#offset };
    this.#number += 1;
    this.#length = 0;
    this.#parts = [];
    return line;
  }
}
