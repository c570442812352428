import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainFileError } from '../errors';

/**
 * The height that was last reported committed, in a small file beside the store. The store may drop a damaged end of its
 * log without a word; this mark tells.
 */
export class HeightMark {
  private readonly file: string;

  constructor(
    private readonly folder: string,
    channel: string,
  ) {
    this.file = join(folder, `height-${channel}`);
  }

  /** The marked height, 0 if there is no mark yet. */
  read(): number {
    if (!existsSync(this.file)) return 0;
    const text = readFileSync(this.file, 'utf8').trim();
    return /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
  }

  /** Replaces the mark in one step. */
  write(height: number): void {
    try {
      writeFileSync(`${this.file}.new`, `${String(height)}\n`);
      renameSync(`${this.file}.new`, this.file);
    } catch (error) {
      throw explainFileError(error, this.folder);
    }
  }
}
