import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { fromBase64Url, toBase64Url } from '@flexledger/domain';

/*
 * A copy of private values: one line `flexledger-copy 1 CHANNEL`; a line `METER PLACE ROW` for each block of readings, in
 * the order of the ledger, where ROW is the row of the confidential collection as base64url; and a line `end COUNT`. Every
 * line ends with a line feed.
 */

const MAGIC = 'flexledger-copy 1 ';
const LINE = /^([0-9a-z]{26}) ([0-9]{1,16}) ([A-Za-z0-9_-]+)$/;

/** The values of one block of readings, as somebody has kept them. */
export interface CopiedRow {
  readonly meterId: string;
  readonly place: string;
  readonly bytes: Uint8Array;
}

/** A line of a copy: a row, or why it is none. */
export type CopyLine =
  | { readonly line: number; readonly row: CopiedRow }
  | { readonly line: number; readonly fault: string; readonly isEnd: boolean };

/**
 * Writes rows to a new file as they come and returns their number.
 *
 * @throws EEXIST where the file exists: a copy never replaces another one
 */
export async function writeCopyFile(file: string, channel: string, rows: AsyncIterable<CopiedRow>): Promise<number> {
  // The values are confidential: nobody else on the machine may read them.
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.write(`${MAGIC}${channel}\n`);
    let count = 0;
    for await (const { meterId, place, bytes } of rows) {
      await handle.write(`${meterId} ${place} ${toBase64Url(bytes)}\n`);
      count += 1;
    }
    await handle.write(`end ${count}\n`);
    await handle.sync();
    return count;
  } finally {
    await handle.close();
  }
}

/** The lines of a copy, read as they are needed; what is not as it was written is a line with a fault. */
export async function* readCopyFile(file: string, channel: string): AsyncGenerator<CopyLine, void, void> {
  let number = 0;
  let rows = 0;
  let ended = false;
  for await (const line of linesOf(file)) {
    number += 1;
    const read = number === 1 ? headerFault(line, channel) : readLine(line, rows);
    if (ended) {
      yield { line: number, fault: 'it stands behind the end', isEnd: true };
    } else if (read === 'end') {
      ended = true;
    } else if (typeof read === 'string') {
      yield { line: number, fault: read, isEnd: false };
    } else if (read !== undefined) {
      rows += 1;
      yield { line: number, row: read };
    }
  }
  if (!ended) {
    yield { line: number, fault: `it ends after ${rows} rows without saying so`, isEnd: true };
  }
}

/** Lines end with a line feed and with nothing else; what follows the last one is a line too. */
async function* linesOf(file: string): AsyncGenerator<string, void, void> {
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'latin1', highWaterMark: 1 << 20 })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') {
    yield `${rest} (without a line feed)`;
  }
}

function headerFault(line: string, channel: string): string | undefined {
  return line === `${MAGIC}${channel}` ? undefined : `it is not "${MAGIC}${channel}"`;
}

function readLine(line: string, rows: number): CopiedRow | string {
  if (line.startsWith('end ')) {
    return line === `end ${rows}` ? 'end' : `it says "${line.slice(0, 40)}" after ${rows} rows`;
  }
  const [, meterId = '', place = '', text = ''] = LINE.exec(line) ?? [];
  const bytes = fromBase64Url(text);
  return bytes === undefined || text === '' ? 'it is no row' : { meterId, place, bytes };
}
