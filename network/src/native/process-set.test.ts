import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTopology } from '@flexledger/topology';
import { assertPortsFree } from './ports';
import { ProcessSet, recordedProcesses, stopRecordedProcesses } from './process-set';
import { prepareFolder, watchProcesses } from './supervision';

const LISTEN =
  'const [port] = process.argv.slice(1); require("node:net").createServer().listen(Number(port), "127.0.0.1")';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('processes of a network', () => {
  let folder: string;
  let processes: ProcessSet;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexledger-processes-'));
    processes = new ProcessSet(folder);
  });

  afterEach(async () => {
    await processes.stopAll();
    rmSync(folder, { recursive: true, force: true });
  });

  async function startListener(name: string): Promise<number> {
    const port = await freePort();
    processes.start({
      name,
      program: process.execPath,
      parameters: ['-e', LISTEN, String(port)],
      workingDirectory: folder,
      environment: {},
      listensOn: { host: '127.0.0.1', port },
    });
    await processes.restart(name);
    return port;
  }

  it('are recorded while they run and gone after a stop', async () => {
    await startListener('one');
    await startListener('two');
    const recorded = recordedProcesses(folder);
    expect(recorded.map(({ name, running }) => [name, running])).toEqual([
      ['one', true],
      ['two', true],
    ]);
    await processes.stopAll();
    expect(recordedProcesses(folder)).toEqual([]);
    recorded.forEach(({ pid }) => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
  });

  it('can be killed and started again one by one', async () => {
    await startListener('one');
    await processes.kill('one');
    expect(processes.isRunning('one')).toBe(false);
    await processes.restart('one');
    expect(processes.isRunning('one')).toBe(true);
    await expect(processes.kill('three')).rejects.toThrow(
      'NETWORK_UNKNOWN_PROCESS: there is no process three; there are one.',
    );
  });

  it('that an earlier run left behind are stopped by a later one', async () => {
    await startListener('left');
    expect(await stopRecordedProcesses(folder)).toEqual(['left']);
    // This process hears of the end of its child a moment later.
    while (processes.isRunning('left')) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(existsSync(join(folder, 'processes.json'))).toBe(false);
    expect(await stopRecordedProcesses(folder)).toEqual([]);
  });

  it('are never stopped when their number now belongs to another program, or the record is damaged', async () => {
    const foreign = [{ name: 'old', pid: process.pid, program: join(folder, 'peer') }];
    writeFileSync(join(folder, 'processes.json'), JSON.stringify(foreign));
    expect(recordedProcesses(folder)).toEqual([{ name: 'old', pid: process.pid, running: false }]);
    expect(await stopRecordedProcesses(folder)).toEqual([]);
    writeFileSync(join(folder, 'processes.json'), '[{"name":');
    expect(recordedProcesses(folder)).toEqual([]);
  });

  it('that end by themselves end the waiting, with the end of their log', async () => {
    processes.start({
      name: 'broken',
      program: process.execPath,
      parameters: ['-e', 'console.log("the configuration is wrong"); process.exitCode = 3'],
      workingDirectory: folder,
      environment: {},
      listensOn: { host: '127.0.0.1', port: 1 },
    });
    const never = new Promise<void>(() => undefined);
    await expect(watchProcesses(processes, never)).rejects.toThrow(
      /NETWORK_PROCESS_EXITED: broken ended by itself.*\nthe configuration is wrong/,
    );
  });

  it('whose program does not exist end the waiting too', async () => {
    processes.start({
      name: 'absent',
      program: join(folder, 'absent'),
      parameters: [],
      workingDirectory: folder,
      environment: {},
      listensOn: { host: '127.0.0.1', port: 1 },
    });
    await expect(processes.restart('absent')).rejects.toThrow(/^NETWORK_PROCESS_EXITED: absent/);
  });
});

describe('what a network needs of the machine', () => {
  it('is told which port is used and by which node it is needed', async () => {
    const topology = loadTopology(join(__dirname, '..', '..', 'consortium.yaml'));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const others = { operationsPort: await freePort(), chaincodeListenPort: await freePort() };
    const [first] = topology.organizations;
    const peers = first!.peers.map((node) => ({ ...node, port, ...others }));
    const moved = { ...topology, organizations: [{ ...first!, peers, orderers: [] }], channels: [] };
    await expect(assertPortsFree(moved)).rejects.toThrow(
      new RegExp(`^NETWORK_PORT_IN_USE: 127\\.0\\.0\\.1:${port}, which peer0\\.tso\\.flexledger\\.example needs`),
    );
    await new Promise((resolve) => server.close(resolve));
    await expect(assertPortsFree(moved)).resolves.toBeUndefined();
  });

  it('is a folder that can be written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'flexledger-folder-'));
    writeFileSync(join(folder, 'file'), '');
    expect(() => prepareFolder(join(folder, 'file', 'data'))).toThrow(/^NETWORK_FOLDER_UNUSABLE: cannot write to/);
    prepareFolder(join(folder, 'new', 'data'));
    expect(existsSync(join(folder, 'new', 'data'))).toBe(true);
    rmSync(folder, { recursive: true, force: true });
  });
});
