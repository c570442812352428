import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import { evaluate, openParty, submit, type Party } from '../conformance/support/party';
import { copyConformanceTopology, edit, runFlexledger, whyNoFabric } from './support/fabric';

const reason = whyNoFabric();
const describeNative = reason === undefined ? describe : describe.skip;

jest.setTimeout(240_000);

const DOMAINS = ['one', 'two', 'three'].map((name) => `${name}.conformance.example`);

describeNative(`an upgrade of the chaincode of real Fabric${reason === undefined ? '' : ` (${reason})`}`, () => {
  let dataDirectory: string;
  let topologyFile: string;
  let handle: NetworkHandle;
  let party: Party;

  beforeAll(async () => {
    dataDirectory = mkdtempSync(join(tmpdir(), 'flexledger-native-'));
    topologyFile = copyConformanceTopology(dataDirectory);
    handle = await openNetwork({ mode: 'native', topologyFile, dataDirectory });
    party = openParty(handle, 'One');
  });

  afterAll(async () => {
    party.close();
    await handle.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  const upgrade = async (): Promise<string[]> =>
    runFlexledger('network', 'chaincode', 'upgrade', '--topology', topologyFile, '--data', dataDirectory);

  const services = (): string[] => handle.faults!.processes().filter((name) => name.includes('.chaincode.'));

  /** Writes one key after the other, each until it is committed, as a client with an outbox does. */
  const writeUntil = async (isOver: () => boolean): Promise<number> => {
    let count = 0;
    while (!isOver()) {
      const outcome = await submit(party, 'put', [`key${count}`, `value${count}`]).catch(() => undefined);
      if (outcome?.successful === true) count += 1;
    }
    return count;
  };

  it('is refused while the description has no next sequence', async () => {
    edit(topologyFile, 'version: 1.0.0', 'version: 1.1.0');
    await expect(upgrade()).rejects.toThrow(
      /NETWORK_REFUSED: the description of conformance differs from sequence 1, .* give it sequence 2, not 1\./,
    );
    expect(services()).toEqual(DOMAINS.map((domain) => `conformance.chaincode.${domain}`));
  });

  it('replaces all processes while calls go on, and no committed key is lost', async () => {
    edit(topologyFile, 'sequence: 1', 'sequence: 2');
    let isOver = false;
    const [written, lines] = await Promise.all([
      writeUntil(() => isOver),
      upgrade().finally(() => {
        isOver = true;
      }),
    ]);
    expect(lines.at(-1)).toContain('the chaincode is as described');
    expect(services()).toEqual(DOMAINS.map((domain) => `conformance@2.chaincode.${domain}`));
    expect(written).toBeGreaterThan(0);
    for (let key = 0; key < written; key += 1) {
      expect(await evaluate(party, 'get', `key${key}`)).toBe(`value${key}`);
    }
    expect((await submit(party, 'put', ['after', 'upgrade'])).successful).toBe(true);
  });

  it('changes nothing when it is repeated', async () => {
    const before = services();
    expect((await upgrade()).join('\n')).toContain('sequence 2 is committed');
    expect(services()).toEqual(before);
  });

  it('stops the new processes and keeps the old ones when it fails before the commit', async () => {
    edit(topologyFile, 'sequence: 2', 'sequence: 3');
    edit(topologyFile, 'command: [node, main.js]', 'command: [node, absent.js]');
    await expect(upgrade()).rejects.toThrow('NETWORK_REFUSED');
    expect(services()).toEqual(DOMAINS.map((domain) => `conformance@2.chaincode.${domain}`));
    expect((await submit(party, 'put', ['after', 'failure'])).successful).toBe(true);
    edit(topologyFile, 'absent.js', 'main.js');
    edit(topologyFile, 'sequence: 3', 'sequence: 2');
  });

  it('is what a restart on the same data goes on with', async () => {
    party.close();
    await handle.stop();
    handle = await openNetwork({ mode: 'native', topologyFile, dataDirectory });
    party = openParty(handle, 'One');
    expect(services()).toEqual(DOMAINS.map((domain) => `conformance@2.chaincode.${domain}`));
    expect(await evaluate(party, 'get', 'after')).toBe('failure');
  });
});
