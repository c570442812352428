import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headerOf, Replay, type ReplayDifference } from '@flexledger/fabric-model';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import { evaluate, openParty, refusalOf, submit, type Party } from '../conformance/support/party';
import { copyConformanceTopology, edit, runFlexledger, whyNoFabric } from './support/fabric';

const reason = whyNoFabric();
const describeNative = reason === undefined ? describe : describe.skip;

jest.setTimeout(180_000);

describeNative(`an operator of real Fabric${reason === undefined ? '' : ` (${reason})`}`, () => {
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

  const partyOf = (organization: string, name = 'user'): Party => {
    const party = openParty(handle, organization, handle.identity(organization, name));
    parties.push(party);
    return party;
  };

  const flexledger = async (...parameters: string[]): Promise<string[]> =>
    runFlexledger('network', ...parameters, '--topology', topologyFile, '--data', dataDirectory);

  it('sees processes, heights, an anchor peer of every member, and the committed chaincode', async () => {
    const lines = await runFlexledger('network', 'status', '--data', dataDirectory);
    expect(lines.filter((line) => line.startsWith('up  '))).toHaveLength(7);
    expect(lines.slice(7)).toEqual([
      'channel conformance: configuration 0',
      expect.stringMatching(/^ {2}peer peer0\.one\.conformance\.example: [1-9][0-9]* blocks$/),
      expect.stringMatching(/^ {2}peer peer0\.two\.conformance\.example: [1-9][0-9]* blocks$/),
      expect.stringMatching(/^ {2}peer peer0\.three\.conformance\.example: [1-9][0-9]* blocks$/),
      '  anchor peers of OneMSP: 127.0.0.1:16351',
      '  anchor peers of ThreeMSP: 127.0.0.1:16391',
      '  anchor peers of TwoMSP: 127.0.0.1:16371',
      '  chaincode conformance 1.0.0, sequence 1',
    ]);
  });

  it('changes the batch settings of a running channel, signed by those that the channel asks, and only once', async () => {
    edit(topologyFile, 'timeoutMs: 200', 'timeoutMs: 150');
    expect(await flexledger('channel', 'update')).toEqual(['channel conformance: configuration 1, signed by OneMSP']);
    expect(await flexledger('channel', 'update')).toEqual([
      'channel conformance: configuration 1, which was in force before',
    ]);
  });

  it('revokes an identity: every peer refuses it from then on, and others of its organisation go on', async () => {
    await flexledger('identity', 'enrol', 'Two', 'second');
    const first = partyOf('Two');
    const second = partyOf('Two', 'second');
    expect((await submit(second, 'put', ['by', 'second'])).successful).toBe(true);
    const lines = await flexledger('identity', 'revoke', 'Two', 'second');
    expect(lines[1]).toBe('channel conformance: configuration 2, signed by TwoMSP');
    const refusal = await refusalOf(async () => submit(second, 'put', ['by', 'revoked']));
    expect(JSON.stringify(refusal)).toMatch(/access denied|has been revoked/);
    const elsewhere = openParty(handle, 'One', handle.identity('Two', 'second'));
    parties.push(elsewhere);
    await expect(evaluate(elsewhere, 'get', 'by')).rejects.toThrow();
    expect((await submit(first, 'put', ['by', 'first'])).successful).toBe(true);
    expect(await evaluate(first, 'get', 'by')).toBe('first');
    expect((await flexledger('identity', 'list')).filter((line) => line.endsWith('REVOKED'))).toHaveLength(1);
  });

  it('revokes an identity of an authority, whose definition stays equal among those that order and those that endorse', async () => {
    await flexledger('identity', 'enrol', 'One', 'second');
    const second = partyOf('One', 'second');
    expect((await submit(second, 'put', ['of', 'one'])).successful).toBe(true);
    const lines = await flexledger('identity', 'revoke', 'One', 'second');
    expect(lines[1]).toBe('channel conformance: configuration 3, signed by OneMSP');
    await expect(submit(second, 'put', ['of', 'revoked'])).rejects.toThrow();
    expect((await submit(partyOf('One'), 'put', ['of', 'another'])).successful).toBe(true);
  });

  it('is told which peer does not answer', async () => {
    await handle.faults!.kill('peer0.three.conformance.example');
    const status = await runFlexledger('network', 'status', '--data', dataDirectory);
    expect(status.join('\n')).toContain('peer peer0.three.conformance.example: does not answer');
    await handle.faults!.start('peer0.three.conformance.example');
  });

  it('finds in the blocks of all these changes what the model computes', async () => {
    const last = await submit(partyOf('One'), 'put', ['the', 'end']);
    const replay = new Replay();
    const differences: ReplayDifference[] = [];
    const blocks = await partyOf('One').network.getBlockEvents({ startBlock: 0n });
    for await (const block of blocks) {
      differences.push(...replay.feed(block));
      if (BigInt(headerOf(block).getNumber()) >= last.blockNumber) break;
    }
    blocks.close();
    expect(differences).toEqual([]);
    expect(replay.config?.sequence).toBe(3);
    expect(replay.config?.batch.timeout).toBe('150ms');
  });
});
