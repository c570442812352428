import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PidFiles } from './pid-files';
import { processStart } from './process-identity';

const folders: string[] = [];
const children: ChildProcess[] = [];

function newFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-pids-'));
  folders.push(folder);
  return folder;
}

async function startSleeper(script = 'setInterval(() => {}, 1000)'): Promise<{ child: ChildProcess; pid: number }> {
  const child = spawn(process.execPath, ['-e', `${script}; process.stdout.write("up")`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  if (child.stdout === null || child.pid === undefined) throw new Error('the helper process did not start');
  await once(child.stdout, 'data');
  return { child, pid: child.pid };
}

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('the files of running processes', () => {
  test('lead a later start to a process that a crash has left behind, and end it', async () => {
    const folder = newFolder();
    const { child, pid } = await startSleeper();
    new PidFiles(folder).record(pid, 'role community');
    const ended = once(child, 'exit');
    expect(await new PidFiles(folder).endLeftovers()).toEqual(['role community']);
    await ended;
    expect(processStart(pid)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('end a process that ignores the polite request too', async () => {
    const folder = newFolder();
    const { child, pid } = await startSleeper('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)');
    const files = new PidFiles(folder);
    files.record(pid, 'stubborn');
    const ended = once(child, 'exit');
    await files.endLeftovers();
    expect((await ended)[1]).toBe('SIGKILL');
  });

  test('never touch a process that was given the number of an ended one', async () => {
    const folder = newFolder();
    const { pid } = await startSleeper();
    writeFileSync(path.join(folder, `${pid}.json`), JSON.stringify({ pid, start: 'another start', name: 'old' }));
    expect(await new PidFiles(folder).endLeftovers()).toEqual([]);
    expect(processStart(pid)).toBeDefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('may be half-written after a power cut', async () => {
    const folder = newFolder();
    writeFileSync(path.join(folder, '77.json'), '{"pid":7');
    expect(new PidFiles(folder).running()).toEqual([]);
    expect(await new PidFiles(folder).endLeftovers()).toEqual([]);
  });
});
