import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { endProcess, processStart } from './process-identity';

/** A process as it stands in its file: the start time proves later that the process id was not given to another one. */
export interface RecordedProcess {
  readonly pid: number;
  readonly start: string;
  readonly name: string;
}

const FILE_NAME = /^\d+\.json$/;
const GRACE_MS = 3_000;

/** One file per running process, so that a start after a crash finds and ends what the crash has left behind. */
export class PidFiles {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** Writes the file of a process that has just been started; a process that is gone already gets none. */
  record(pid: number, name: string): void {
    const start = processStart(pid);
    if (start === undefined) return;
    writeFileSync(this.file(pid), JSON.stringify({ pid, start, name } satisfies RecordedProcess));
  }

  /** Removes the file of a process that has ended. */
  remove(pid: number): void {
    rmSync(this.file(pid), { force: true });
  }

  /** The recorded processes that still run and still are the ones that were recorded. */
  running(): RecordedProcess[] {
    return this.recorded().filter((entry) => processStart(entry.pid) === entry.start);
  }

  /** Ends every recorded process that still runs (not this one), removes all files, returns the names of the ended. */
  async endLeftovers(): Promise<string[]> {
    const leftovers = this.running().filter((entry) => entry.pid !== process.pid);
    await Promise.all(leftovers.map((entry) => endProcess(entry.pid, entry.start, GRACE_MS)));
    for (const entry of this.recorded()) this.remove(entry.pid);
    return leftovers.map((entry) => entry.name);
  }

  private file(pid: number): string {
    return path.join(this.folder, `${pid}.json`);
  }

  private recorded(): RecordedProcess[] {
    return readdirSync(this.folder)
      .filter((name) => FILE_NAME.test(name))
      .map((name) => readRecord(path.join(this.folder, name)))
      .filter((entry) => entry !== undefined);
  }
}

/** A file that a power cut has left half-written names no process; it is removed with the others. */
function readRecord(file: string): RecordedProcess | undefined {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Partial<RecordedProcess>;
    if (typeof value.pid !== 'number' || typeof value.start !== 'string' || typeof value.name !== 'string') {
      return undefined;
    }
    return { pid: value.pid, start: value.start, name: value.name };
  } catch {
    return undefined;
  }
}
