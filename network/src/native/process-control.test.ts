import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopNetwork } from '../operations/stop-network';
import { remoteProcesses, serveProcessControl } from './process-control';
import { ProcessSet, type ProcessSpec } from './process-set';

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

describe('the processes of a network that runs elsewhere', () => {
  let folder: string;
  let processes: ProcessSet;
  let close: () => Promise<void>;

  const listener = async (name: string, program = 'server.listen(port)'): Promise<ProcessSpec> => {
    const port = await freePort();
    const script = `const port = ${port}; const server = require('node:net').createServer(); ${program};`;
    const parameters = ['-e', script];
    return {
      name,
      program: process.execPath,
      parameters,
      workingDirectory: folder,
      environment: {},
      listensOn: { host: '127.0.0.1', port },
    };
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexledger-control-'));
    processes = new ProcessSet(folder);
    close = await serveProcessControl(folder, processes);
  });

  afterEach(async () => {
    await close();
    await processes.stopAll();
    rmSync(folder, { recursive: true, force: true });
  });

  it('can be started and stopped; a start returns when the process listens, and once more changes nothing', async () => {
    const remote = remoteProcesses(folder);
    const spec = await listener('one');
    await remote.start(spec);
    expect(processes.isRunning('one')).toBe(true);
    await remote.start(spec);
    expect(await remote.names()).toEqual(['one']);
    await remote.stop('one');
    await remote.stop('one');
    expect(await remote.names()).toEqual([]);
    expect(processes.isRunning('one')).toBe(false);
  });

  it('can all be stopped, which whoever started them is told', async () => {
    await close();
    let tell = (): void => undefined;
    const stopped = new Promise<void>((resolve) => (tell = resolve));
    close = await serveProcessControl(folder, processes, () => tell());
    const remote = remoteProcesses(folder);
    await remote.start(await listener('one'));
    await remote.start(await listener('two'));
    expect(await stopNetwork(folder)).toEqual(['one', 'two']);
    await stopped;
    expect(await remote.names()).toEqual([]);
    expect(await stopNetwork(folder)).toEqual([]);
  });

  it('tell why one of them did not start', async () => {
    const spec = await listener('wrong', 'console.error("no such setting"); process.exit(3)');
    await expect(remoteProcesses(folder).start(spec)).rejects.toThrow(/wrong ended by itself.*\n.*no such setting/);
  });

  it('are out of reach when no network runs on the folder', async () => {
    await close();
    await expect(remoteProcesses(folder).names()).rejects.toThrow(/^NETWORK_NOT_READY: no network runs on /);
    close = await serveProcessControl(folder, processes);
  });

  it('can be reached on a folder whose path is longer than that of a socket may be', async () => {
    const deep = join(folder, 'a'.repeat(120));
    mkdirSync(deep);
    const end = await serveProcessControl(deep, processes);
    expect(await remoteProcesses(deep).names()).toEqual([]);
    await end();
  });
});
