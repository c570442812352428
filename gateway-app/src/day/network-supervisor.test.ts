import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { NetworkHandle } from '@flexledger/network';
import { NetworkSupervisor } from './network-supervisor';

const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-network-'));
const children: ChildProcess[] = [];

/** Starts a process that only waits, and lists it as the network lists its own. */
async function startNode(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  if (child.stdout === null) throw new Error('the process has no output');
  await once(child.stdout, 'data');
  const record = { name: 'node', pid: child.pid, program: process.execPath };
  writeFileSync(path.join(folder, 'processes.json'), JSON.stringify([record]));
  return child;
}

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Watches a network whose process is started again by `start`; tells what the supervisor tells. */
function watch(start: () => Promise<void>): { told: string[]; failure: Promise<unknown>; stop: () => Promise<void> } {
  const told: string[] = [];
  let fail: (error: unknown) => void = () => undefined;
  const failure = new Promise<unknown>((resolve) => {
    fail = resolve;
  });
  const faults = { processes: () => ['node'], kill: () => Promise.resolve(), start };
  const supervisor = new NetworkSupervisor({
    handle: { faults } as unknown as NetworkHandle,
    dataDirectory: folder,
    onRestart: (name) => told.push(`${name} is started again`),
    onTrouble: (name, error) => told.push(`${name}: ${String(error)}`),
    onFailure: (error) => fail(error),
  });
  supervisor.watch();
  return { told, failure, stop: () => supervisor.stop() };
}

describe('a process of the network that dies', () => {
  test('is started again, also when the first start does not succeed', async () => {
    const first = await startNode();
    let starts = 0;
    let started: (child: ChildProcess) => void = () => undefined;
    const again = new Promise<ChildProcess>((resolve) => {
      started = resolve;
    });
    const { told, stop } = watch(async () => {
      starts += 1;
      if (starts === 1) throw new Error('not yet');
      started(await startNode());
    });
    first.kill('SIGKILL');
    const second = await again;
    await stop();
    expect(second.pid).not.toBe(first.pid);
    expect(told).toEqual(['node is started again', 'node: Error: not yet', 'node is started again']);
  });

  test('is given up when it cannot be kept running', async () => {
    const only = await startNode();
    const { told, failure, stop } = watch(() => Promise.reject(new Error('it is ill')));
    only.kill('SIGKILL');
    expect(String(await failure)).toContain('node has ended 6 times');
    await stop();
    expect(told.filter((line) => line === 'node is started again').length).toBe(5);
  }, 30_000);
});
