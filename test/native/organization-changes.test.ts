import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headerOf, Replay, type ReplayDifference } from '@flexledger/fabric-model';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import { evaluate, openParty, submit, type Party } from '../conformance/support/party';
import { copyConformanceTopology, edit, runFlexledger, whyNoFabric } from './support/fabric';

const reason = whyNoFabric();
const describeNative = reason === undefined ? describe : describe.skip;

jest.setTimeout(240_000);

const FOUR = `
  - name: Four
    mspId: FourMSP
    domain: four.conformance.example
    peers:
      - { name: peer0, host: 127.0.0.1, port: 16411, operationsPort: 16412, chaincodeListenPort: 16413 }
    identities:
      - { name: user, type: client, attributes: { role: four } }
    chaincodePortBase: 16420
`;
const THREE_ENDORSE = "OutOf(2, 'OneMSP.peer', 'TwoMSP.peer', 'ThreeMSP.peer')";
const FOUR_ENDORSE = "OutOf(2, 'OneMSP.peer', 'TwoMSP.peer', 'ThreeMSP.peer', 'FourMSP.peer')";

describeNative(`members of real Fabric${reason === undefined ? '' : ` (${reason})`}`, () => {
  let dataDirectory: string;
  let topologyFile: string;
  let handle: NetworkHandle;
  let parties: Party[] = [];

  beforeAll(async () => {
    dataDirectory = mkdtempSync(join(tmpdir(), 'flexledger-native-'));
    topologyFile = copyConformanceTopology(dataDirectory);
    handle = await openNetwork({ mode: 'native', topologyFile, dataDirectory });
  });

  afterEach(() => {
    parties.forEach((party) => party.close());
    parties = [];
  });

  afterAll(async () => {
    await handle.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  /** The running network as the description says now. */
  const describedNetwork = async (): Promise<NetworkHandle> =>
    openNetwork({ mode: 'existing', topologyFile, cryptoDirectory: handle.cryptoDirectory });

  const partyOf = async (organization: string): Promise<Party> => {
    const party = openParty(await describedNetwork(), organization);
    parties.push(party);
    return party;
  };

  const flexledger = async (...parameters: string[]): Promise<string> => {
    const lines = await runFlexledger('network', ...parameters, '--topology', topologyFile, '--data', dataDirectory);
    return lines.join('\n');
  };

  const processesOfFour = (): string[] => handle.faults!.processes().filter((name) => name.includes('.four.'));

  it('are not added by name alone: the description comes first', async () => {
    await expect(flexledger('organization', 'add', 'Four')).rejects.toThrow('TOPOLOGY_UNKNOWN_NAME');
    edit(topologyFile, '\nchannels:', `${FOUR}\nchannels:`);
    await expect(flexledger('organization', 'add', 'Four')).rejects.toThrow('lists Four as a member of no channel');
    expect(processesOfFour()).toEqual([]);
  });

  it('are not added with a policy that has no sequence of its own, and then nothing has changed', async () => {
    edit(topologyFile, '[One, Two, Three]', '[One, Two, Three, Four]');
    edit(topologyFile, THREE_ENDORSE, FOUR_ENDORSE);
    await expect(flexledger('organization', 'add', 'Four')).rejects.toThrow(/give it sequence 2, not 1/);
    expect(processesOfFour()).toEqual([]);
  });

  it('can be added: the new one reads what was written before it came, endorses and submits', async () => {
    expect((await submit(await partyOf('One'), 'put', ['before', 'Four'])).successful).toBe(true);
    edit(topologyFile, 'sequence: 1', 'sequence: 2');
    const output = await flexledger('organization', 'add', 'Four');
    expect(output).toContain('channel conformance: configuration 1, signed by OneMSP, TwoMSP');
    const four = await partyOf('Four');
    expect(await evaluate(four, 'get', 'before')).toBe('Four');
    const endorsers = { endorsingOrganizations: ['OneMSP', 'FourMSP'] };
    expect((await submit(four, 'put', ['by', 'Four'], endorsers)).successful).toBe(true);
    expect(await evaluate(four, 'get', 'by')).toBe('Four');
    expect(processesOfFour()).toEqual([
      'peer0.four.conformance.example',
      'conformance@2.chaincode.four.conformance.example',
    ]);
  });

  it('are added only once', async () => {
    expect(await flexledger('organization', 'add', 'Four')).toContain('configuration 1, which was in force before');
  });

  it('are not removed while the description lists them, nor when they order', async () => {
    await expect(flexledger('organization', 'remove', 'Four')).rejects.toThrow('still lists Four as a member');
    await expect(flexledger('organization', 'remove', 'One')).rejects.toThrow('NETWORK_TOPOLOGY_UNSUITABLE');
  });

  it('can be removed: nobody serves the one that left, and the others go on', async () => {
    const credentials = (await describedNetwork()).identity('Four', 'user');
    edit(topologyFile, '[One, Two, Three, Four]', '[One, Two, Three]');
    edit(topologyFile, FOUR_ENDORSE, THREE_ENDORSE);
    edit(topologyFile, FOUR, '');
    edit(topologyFile, 'sequence: 2', 'sequence: 3');
    const output = await flexledger('organization', 'remove', 'Four');
    expect(output).toContain('channel conformance: configuration 2, signed by OneMSP, TwoMSP, ThreeMSP');
    expect(processesOfFour()).toEqual([]);
    const stranger = openParty(handle, 'One', credentials);
    parties.push(stranger);
    await expect(evaluate(stranger, 'get', 'by')).rejects.toThrow();
    const blocks = await stranger.network.getBlockEvents({ startBlock: 0n });
    await expect(blocks[Symbol.asyncIterator]().next()).rejects.toThrow();
    const one = await partyOf('One');
    expect((await submit(one, 'put', ['after', 'Four'])).successful).toBe(true);
    expect(await evaluate(one, 'get', 'by')).toBe('Four');
  });

  it('come and go in blocks that the model understands', async () => {
    const one = await partyOf('One');
    const last = await submit(one, 'put', ['the', 'end']);
    const replay = new Replay();
    const differences: ReplayDifference[] = [];
    const blocks = await one.network.getBlockEvents({ startBlock: 0n });
    for await (const block of blocks) {
      differences.push(...replay.feed(block));
      if (BigInt(headerOf(block).getNumber()) >= last.blockNumber) break;
    }
    blocks.close();
    expect(differences).toEqual([]);
    expect(replay.config?.applicationMspIds).toEqual(['OneMSP', 'ThreeMSP', 'TwoMSP']);
  });

  it('are those of the channel at a restart, which a changed description does not change', async () => {
    await handle.stop();
    edit(topologyFile, '\nchannels:', `${FOUR}\nchannels:`);
    edit(topologyFile, '[One, Two, Three]', '[One, Two, Three, Four]');
    await expect(openNetwork({ mode: 'native', topologyFile, dataDirectory })).rejects.toThrow(
      /^NETWORK_TOPOLOGY_UNSUITABLE: .*flexledger network organization add Four/,
    );
    edit(topologyFile, FOUR, '');
    edit(topologyFile, '[One, Two, Three, Four]', '[One, Two, Three]');
    handle = await openNetwork({ mode: 'native', topologyFile, dataDirectory });
    expect(await evaluate(await partyOf('Two'), 'get', 'after')).toBe('Four');
  });
});
