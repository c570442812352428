import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findFabricBinaries,
  messageOf,
  openNetwork,
  recordedProcesses,
  wipeNativeData,
  type NetworkHandle,
} from '@flexledger/network';
import { evaluate, openParty, submit } from '../conformance/support/party';

const TOPOLOGY = join(__dirname, '..', 'conformance', 'topology.yaml');
const ROOT = join(__dirname, '..', '..');

function whyNoFabric(): string | undefined {
  try {
    findFabricBinaries(process.env);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** The consortium on other ports, so that a network that a developer has up does not matter. */
function moveConsortium(folder: string): string {
  const text = readFileSync(join(ROOT, 'network', 'consortium.yaml'), 'utf8');
  const file = join(folder, 'consortium.yaml');
  const moved = text.replace(/\b17([0-9]{3})\b/g, '19$1').replace('../chaincode', join(ROOT, 'chaincode'));
  writeFileSync(file, moved);
  return file;
}

const reason = whyNoFabric();
const describeNative = reason === undefined ? describe : describe.skip;

jest.setTimeout(120_000);

describeNative(`real Fabric as processes${reason === undefined ? '' : ` (${reason})`}`, () => {
  let dataDirectory: string;
  let handle: NetworkHandle | undefined;

  const open = async (topologyFile: string): Promise<NetworkHandle> => {
    handle = await openNetwork({ mode: 'native', topologyFile, dataDirectory });
    return handle;
  };

  beforeEach(() => (dataDirectory = mkdtempSync(join(tmpdir(), 'flexledger-native-'))));

  afterEach(async () => {
    await handle?.stop();
    handle = undefined;
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  it('continues on its data after a stop, with the same certificates, and leaves no process behind', async () => {
    const first = await open(TOPOLOGY);
    const before = first.identity('One', 'user').certificatePem;
    const party = openParty(first, 'One');
    expect((await submit(party, 'put', ['kept', 'yes'])).successful).toBe(true);
    party.close();
    const pids = recordedProcesses(dataDirectory);
    expect(pids).toHaveLength(7);
    await first.stop();
    pids.forEach(({ pid }) => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
    const second = await open(TOPOLOGY);
    expect(second.identity('One', 'user').certificatePem).toBe(before);
    const again = openParty(second, 'Two');
    expect(await evaluate(again, 'get', 'kept')).toBe('yes');
    expect((await submit(again, 'put', ['kept', 'on'])).successful).toBe(true);
    again.close();
  });

  it('refuses to start twice: the first network is stopped by its record, another program is not', async () => {
    await open(TOPOLOGY);
    const other = mkdtempSync(join(tmpdir(), 'flexledger-native-'));
    await expect(openNetwork({ mode: 'native', topologyFile: TOPOLOGY, dataDirectory: other })).rejects.toThrow(
      /^NETWORK_PORT_IN_USE: 127\.0\.0\.1:17351/,
    );
    expect(recordedProcesses(other)).toEqual([]);
    rmSync(other, { recursive: true, force: true });
  });

  it('works on while a peer is killed, and the peer catches up after its start', async () => {
    const network = await open(TOPOLOGY);
    const one = openParty(network, 'One');
    const three = openParty(network, 'Three');
    await network.faults!.kill('peer0.three.conformance.example');
    const named = { endorsingOrganizations: ['OneMSP', 'TwoMSP'] };
    expect((await submit(one, 'put', ['during', 'the fault'], named)).successful).toBe(true);
    await network.faults!.start('peer0.three.conformance.example');
    let seen = '';
    while (seen !== 'the fault') {
      seen = await evaluate(three, 'get', 'during').catch(() => '');
    }
    one.close();
    three.close();
  });

  it('brings up the consortium: three orderers, six peers, six chaincode processes, no key in a world-readable file', async () => {
    const network = await open(moveConsortium(dataDirectory));
    expect(network.faults!.processes()).toHaveLength(15);
    expect([network.channelName, network.chaincodeName]).toEqual(['community', 'flexledger']);
    const party = { ...network.identity('Dso', 'oracle') };
    expect(party.mspId).toBe('DsoMSP');
    const core = join(dataDirectory, 'nodes', 'peer0.tso.flexledger.example', 'core.yaml');
    expect(readFileSync(core, 'utf8')).not.toContain('PRIVATE KEY');
    await network.stop();
    wipeNativeData(dataDirectory);
    expect(existsSync(join(dataDirectory, 'crypto'))).toBe(false);
  });
});
