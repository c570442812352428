import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import type { Topology } from '@flexledger/topology';
import { DevnetError } from './errors';
import { recordKey } from './ledger/record-store';
import { failureOf } from './testing/failure';
import { testTopology, TestNetwork, textOf } from './testing/test-network';

const program = join(__dirname, '..', 'dist', 'main.js');

async function startProgram(topologyFile: string, dataFolder: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, '--topology', topologyFile, '--data', dataFolder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const chunk of child.stdout ?? []) {
    if (String(chunk).includes('Ready.')) return child;
  }
  throw new Error(`the devnet ended with ${String(child.exitCode)}`);
}

/** Whether a process runs; one that has ended and only waits to be reaped does not. */
function isRunning(processId: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(processId)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

describe('a devnet that is killed', () => {
  let folder: string;
  let topology: Topology;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'devnet-kill-'));
    topology = await testTopology();
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes its chaincode with it, and has everything that was reported committed after a restart', async () => {
    const topologyFile = join(folder, 'network.yaml');
    writeFileSync(topologyFile, JSON.stringify(topology));
    const dataFolder = join(folder, 'data');
    const child = await startProgram(topologyFile, dataFolder);
    const outside = TestNetwork.attach(topology, dataFolder);
    const { contract } = outside.connect('Alpha');
    const committed = new Set<string>();
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let index = 0; ; index += 1) {
        const key = `kept-${String(writer)}-${String(index)}`;
        await contract.submitTransaction('put', key, 'x');
        committed.add(key);
        if (committed.size === 40) child.kill('SIGKILL');
      }
    });
    await Promise.allSettled(writers);
    expect(committed.size).toBeGreaterThanOrEqual(40);
    outside.closeClients();
    const remembered = JSON.parse(readFileSync(join(dataFolder, 'devnet-processes.json'), 'utf8')) as {
      chaincode: { id: number }[];
    };
    const leftBehind = remembered.chaincode.map(({ id }) => id);
    expect(leftBehind).toHaveLength(3);
    while (leftBehind.some(isRunning)) await new Promise((resolve) => setTimeout(resolve, 20));

    const again = await TestNetwork.start({ topology, dataFolder });
    try {
      const rows = textOf(await again.connect('Beta').contract.evaluateTransaction('range', 'kept-', 'kept-~'));
      const keys = new Set((JSON.parse(rows) as [string, string][]).map(([key]) => key));
      expect([...committed].filter((key) => !keys.has(key))).toEqual([]);
      await again.connect('Alpha').contract.submitTransaction('put', 'after', 'x');
    } finally {
      await again.stop();
    }
    expect(existsSync(join(dataFolder, 'devnet-processes.json'))).toBe(false);
  }, 90_000);
});

describe('a devnet on a folder that was used before', () => {
  let network: TestNetwork;
  let ledgerFolder: string;

  beforeEach(async () => {
    network = await TestNetwork.start();
    ledgerFolder = join(network.options.dataFolder, 'ledger');
    const { contract } = network.connect('Alpha');
    for (const value of ['1', '2', '3']) await contract.submitTransaction('put', 'counted', value);
    await network.stop();
  }, 60_000);

  afterEach(async () => {
    await network.remove();
  });

  async function startAgain(changes: Partial<TestNetwork['options']> = {}): Promise<Error> {
    return failureOf(TestNetwork.start({ ...network.options, ...changes }));
  }

  it('goes on where it stopped, with history', async () => {
    network = await TestNetwork.start(network.options);
    const { contract } = network.connect('Gamma');
    expect(textOf(await contract.evaluateTransaction('get', 'counted'))).toBe('3');
    expect(JSON.parse(textOf(await contract.evaluateTransaction('history', 'counted')))).toHaveLength(3);
  });

  it('names a block whose bytes have changed', async () => {
    const database = new ClassicLevel<string, Buffer>(ledgerFolder, { valueEncoding: 'buffer' });
    const key = recordKey('trial', 'block', '000000000003');
    const bytes = await database.get(key);
    if (bytes === undefined) throw new Error('there is no block 3');
    const middle = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    await database.put(key, bytes);
    await database.close();
    const error = await startAgain();
    expect(error).toBeInstanceOf(DevnetError);
    expect(error.message).toMatch(/^DEVNET_STORE_DAMAGED: block 3 of channel trial is damaged/);
  });

  it('names a block that was exchanged for another valid one', async () => {
    const database = new ClassicLevel<string, Buffer>(ledgerFolder, { valueEncoding: 'buffer' });
    await database.del(recordKey('trial', 'block', '000000000002'));
    await database.close();
    expect((await startAgain()).message).toMatch(/block 2 of channel trial is damaged \(.*missing/);
  });

  it('finds that the end of the store is cut off', async () => {
    const logs = readdirSync(ledgerFolder).filter((name) => name.endsWith('.log'));
    for (const name of logs) {
      const file = join(ledgerFolder, name);
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.subarray(0, Math.floor(statSync(file).size / 2)));
    }
    expect((await startAgain()).message).toMatch(/^DEVNET_STORE_DAMAGED: .*damaged/);
  });

  it('refuses certificates that are not those of its ledger', async () => {
    rmSync(join(network.options.dataFolder, 'organizations'), { recursive: true });
    expect((await startAgain()).message).toMatch(/^DEVNET_STORE_MISMATCH: /);
  });

  it('refuses a changed chaincode definition with the same sequence, and takes it with the next one', async () => {
    const { topology } = network.options;
    const [channel] = topology.channels;
    const [chaincode] = channel?.chaincodes ?? [];
    if (channel === undefined || chaincode === undefined) throw new Error('the test network has no chaincode');
    const withChaincode = (changes: Partial<typeof chaincode>): Topology => ({
      ...topology,
      channels: [{ ...channel, chaincodes: [{ ...chaincode, ...changes }] }],
    });
    const changes = { version: '1.1', endorsementPolicy: "OR('AlphaMSP.peer')" };
    expect((await startAgain({ topology: withChaincode(changes) })).message).toMatch(/^DEVNET_STORE_MISMATCH: /);
    network = await TestNetwork.start({ ...network.options, topology: withChaincode({ ...changes, sequence: 2 }) });
    const { contract } = network.connect('Alpha');
    await contract.submit('put', { arguments: ['by-one', 'x'], endorsingOrganizations: ['AlphaMSP'] });
    expect(textOf(await contract.evaluateTransaction('get', 'by-one'))).toBe('x');
  });
});

describe('a devnet that cannot start', () => {
  it.each([
    ['port', 'DEVNET_PORT_IN_USE'],
    ['operationsPort', 'DEVNET_PORT_IN_USE'],
  ] as const)('names a %s that is in use', async (field, code) => {
    const running = await TestNetwork.start({ chaincodeReadyMs: 0 });
    try {
      const topology = await testTopology();
      const [alpha, ...others] = topology.organizations;
      const taken = running.options.topology.organizations[0]?.peers[0]?.[field];
      if (alpha === undefined || taken === undefined) throw new Error('the test network has no organisation');
      const clash = { ...alpha, peers: alpha.peers.map((peer) => ({ ...peer, [field]: taken })) };
      const error = await failureOf(
        TestNetwork.start({ topology: { ...topology, organizations: [clash, ...others] }, chaincodeReadyMs: 0 }),
      );
      expect(error.message).toMatch(new RegExp(`^${code}: cannot listen on 127.0.0.1:${String(taken)}`));
    } finally {
      await running.remove();
    }
  });

  it('says that the folder is used by a running one', async () => {
    const running = await TestNetwork.start({ chaincodeReadyMs: 0 });
    try {
      const topology = await testTopology();
      const error = await failureOf(TestNetwork.start({ topology, dataFolder: running.options.dataFolder }));
      expect(error.message).toMatch(/^DEVNET_ALREADY_RUNNING: /);
    } finally {
      await running.remove();
    }
  });

  it('says that a folder cannot be written', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'devnet-file-')), 'not-a-folder');
    writeFileSync(file, '');
    expect((await failureOf(TestNetwork.start({ dataFolder: join(file, 'data') }))).message).toMatch(
      /^DEVNET_FOLDER_UNWRITABLE: /,
    );
  });

  it('says so too where the system has no such folder at all', async () => {
    const folder = join('/proc', 'devnet', 'data');
    expect((await failureOf(TestNetwork.start({ dataFolder: folder }))).message).toMatch(/^DEVNET_FOLDER_UNWRITABLE: /);
  });

  it('refuses an address that others could reach', async () => {
    const topology = await testTopology();
    const organizations = topology.organizations.map((organization) => ({
      ...organization,
      peers: organization.peers.map((peer) => ({ ...peer, host: '0.0.0.0' })),
    }));
    const error = await failureOf(TestNetwork.start({ topology: { ...topology, organizations } }));
    expect(error.message).toMatch(/^DEVNET_ADDRESS_NOT_LOOPBACK: /);
  });

  it('says which chaincode does not answer and where its output is, and leaves no process behind', async () => {
    const topology = await testTopology();
    const channels = topology.channels.map((channel) => ({
      ...channel,
      chaincodes: channel.chaincodes.map((chaincode) => ({
        ...chaincode,
        service: { ...chaincode.service, command: [process.execPath, '-e', 'process.exit(3)'] },
      })),
    }));
    const error = await failureOf(TestNetwork.start({ topology: { ...topology, channels }, chaincodeReadyMs: 1500 }));
    expect(error.message).toMatch(/^DEVNET_CHAINCODE_FAILED: chaincode does not answer \(AlphaMSP\/ledger/);
  });
});
