import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StepValue } from './protocol';

/**
 * Signed content, on the disk before it is sent for the first time. An ECDSA signature differs each time it is made, and
 * a command whose content differs is refused as another command: a role that was killed and repeats a step must send
 * the very bytes it may have sent before. Signed content may hold private values: the folder belongs to its owner alone.
 */
export class PreparedStore {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** What was prepared under this command id; made now, and kept, if nothing was. */
  getOrPrepare<T extends StepValue>(commandId: string, prepare: () => T): T {
    const file = path.join(this.folder, `${commandId}.json`);
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as T;
    const prepared = prepare();
    this.write(file, JSON.stringify(prepared));
    return prepared;
  }

  /** Beside the target first, then renamed: after a crash there is all of it or nothing. */
  private write(file: string, text: string): void {
    const temporary = `${file}.new`;
    writeFileSync(temporary, text, { mode: 0o600, flush: true });
    renameSync(temporary, file);
  }
}
