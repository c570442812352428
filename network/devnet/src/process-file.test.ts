import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessFile } from './process-file';

describe('the file of process ids', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'process-file-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const fileName = (): string => join(folder, 'devnet-processes.json');

  /** Rewrites the file as if a devnet that is gone had written it. */
  function asIfCrashed(change: (text: string) => string = (text) => text): void {
    const contents = JSON.parse(readFileSync(fileName(), 'utf8')) as object;
    writeFileSync(fileName(), change(JSON.stringify({ ...contents, devnet: { id: 1, started: 'never' } })));
  }

  it('ends the chaincode of a devnet that is gone', async () => {
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    const ended = once(child, 'exit');
    const before = new ProcessFile(folder);
    before.claim();
    before.started(child.pid ?? 0);
    asIfCrashed();
    new ProcessFile(folder).claim();
    expect(await ended).toEqual([null, 'SIGKILL']);
  });

  it('leaves a process alone that only got the same id later', async () => {
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    const before = new ProcessFile(folder);
    before.claim();
    before.started(child.pid ?? 0);
    asIfCrashed((text) => text.replace(/("id":\d+,"started":")[^"]*("\}\])/, '$1another time$2'));
    new ProcessFile(folder).claim();
    expect(child.kill(0)).toBe(true);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });

  it('takes a file that cannot be read for no file', () => {
    writeFileSync(fileName(), '{"devnet":');
    expect(() => {
      new ProcessFile(folder).claim();
    }).not.toThrow();
  });
});
