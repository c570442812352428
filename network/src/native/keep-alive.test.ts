import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepAlive } from './keep-alive';
import { ProcessSet } from './process-set';

const PAUSES = { firstMs: 10, longestMs: 40, recoveredMs: 60_000 };
/** Appends its pid to a file, and then waits or ends. */
const PROGRAM =
  'const [file, ends] = process.argv.slice(1); require("node:fs").appendFileSync(file, process.pid + "\\n");' +
  'if (ends !== "ends") setInterval(() => undefined, 1000);';

describe('processes that are kept alive', () => {
  let folder: string;
  let processes: ProcessSet;
  let told: string[];

  const start = (name: string, ...more: string[]): void =>
    processes.start({
      name,
      program: process.execPath,
      parameters: ['-e', PROGRAM, join(folder, name), ...more],
      workingDirectory: folder,
      environment: {},
      listensOn: { host: '127.0.0.1', port: 1 },
    });
  const pids = (name: string): string[] => {
    try {
      // Only whole lines: the file is there, and empty, before its first line is.
      return readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
    } catch {
      return [];
    }
  };
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexledger-keep-'));
    processes = new ProcessSet(folder);
    told = [];
    keepAlive(
      processes,
      (name) => name.startsWith('kept'),
      (line) => told.push(line),
      PAUSES,
    );
  });

  afterEach(async () => {
    await processes.stopAll();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are started again after a crash, as another process', async () => {
    start('kept');
    await until(() => pids('kept').length === 1);
    await processes.crash('kept');
    await until(() => pids('kept').length === 2);
    expect(new Set(pids('kept')).size).toBe(2);
    expect(processes.isRunning('kept')).toBe(true);
    expect(told).toEqual(['kept has ended by itself; it is started again in 10 ms']);
  });

  it('get pauses that double up to the longest while they keep on ending', async () => {
    start('kept', 'ends');
    await until(() => told.length >= 4);
    expect(told.slice(0, 4).map((line) => /(\d+) ms$/.exec(line)?.[1])).toEqual(['10', '20', '40', '40']);
  });

  it('stay down when they were ended on purpose, and others are not started again', async () => {
    start('kept');
    start('other');
    await until(() => pids('kept').length === 1 && pids('other').length === 1);
    await processes.kill('kept');
    await processes.crash('other');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([pids('kept').length, pids('other').length]).toEqual([1, 1]);
    expect(told).toEqual([]);
  });

  it('stay down when the network is stopped during the pause', async () => {
    start('kept', 'ends');
    await until(() => told.length === 1);
    await processes.stopAll();
    const count = pids('kept').length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(pids('kept').length).toBe(count);
  });

  /** Only Linux shows the state of a process as a file. */
  const onLinux = existsSync('/proc/self/stat') ? it : it.skip;

  onLinux('can be halted and go on, and a halted one is stopped like any other', async () => {
    start('kept');
    await until(() => pids('kept').length === 1);
    const state = (): string => readFileSync(`/proc/${pids('kept')[0]}/stat`, 'utf8').split(' ')[2] ?? '';
    processes.pause('kept');
    await until(() => state() === 'T');
    processes.resume('kept');
    await until(() => state() !== 'T');
    processes.pause('kept');
    await until(() => state() === 'T');
    await processes.stopAll();
    expect(() => process.kill(Number(pids('kept')[0]), 0)).toThrow('ESRCH');
  });
});
