import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { fromBase64Url, meterIdCodec, unpackBlock } from '@flexledger/domain';
import type { SignedBlock } from '@flexledger/gateway-app';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import { askPeer, signCall } from '../faults/direct-peer';
import { submitPlain } from '../faults/party';
import { closeScene, commandIdOf, prepareScene, type Scene } from '../faults/scene';
import { whyNoFabric } from './support/fabric';

const reason = whyNoFabric();
const describeNative = reason === undefined ? describe : describe.skip;
const SEED = 'native metering';
const MEMBERS = ['Tso', 'Dso', 'Regulator', 'Community'];
const ANSWER_MS = 20_000;

jest.setTimeout(400_000);

describeNative(`readings on real Fabric${reason === undefined ? '' : ` (${reason})`}`, () => {
  let dataDirectory: string;
  let handle: NetworkHandle;
  let scene: Scene;
  let salt: Buffer;

  beforeAll(async () => {
    dataDirectory = mkdtempSync(join(tmpdir(), 'flexledger-metering-'));
    const topologyFile = join(__dirname, '..', '..', 'network', 'consortium.yaml');
    handle = await openNetwork({ mode: 'native', topologyFile, dataDirectory: join(dataDirectory, 'network') });
    scene = await prepareScene(handle, join(dataDirectory, 'outboxes'), SEED);
  });

  afterAll(async () => {
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  const blockOf = (meter: number, index: number): SignedBlock => {
    const [block] = scene.meters[meter]!.blocksBetween(scene.firstSlot + index, scene.firstSlot + index + 1);
    return block!;
  };

  const record = async (label: string, blocks: readonly SignedBlock[]) => {
    const request = { commandId: commandIdOf(SEED, label), count: blocks.length };
    const confidential = { blocks: blocks.map(({ content }) => content) };
    return submitPlain(scene.parties.community, 'metering', 'recordProfiles', request, { confidential });
  };

  /** What a member's peer answers who is asked for the values of a block. */
  const profileAt = async (organization: string, meterId: string, slot: number) => {
    const who = { organization, identity: organization.toLowerCase() };
    const call = await signCall(handle, who, 'metering:getProfile', { meterId, slot });
    return askPeer(handle, organization, 0, call, ANSWER_MS);
  };

  it('of many meters are recorded in one transaction, and those of different meters never conflict', async () => {
    const blocks = scene.meters.map((_, meter) => blockOf(meter, 0));
    const half = blocks.length / 2;
    const answers = await Promise.all([
      record('first half', blocks.slice(0, half)),
      record('second half', blocks.slice(half)),
    ]);
    expect(answers.map(({ response }) => response.recorded)).toEqual([half, half]);
    expect(scene.parties.community.retries.size).toBe(0);
  });

  it('of one number that differ, sent at once by two clients, freeze the meter when the second is sent again', async () => {
    const original = blockOf(1, 1);
    const other = scene.clone(1).blocksBetween(scene.firstSlot + 1, scene.firstSlot + 2)[0]!;
    const [first, second] = await Promise.all([record('original', [original]), record('clone', [other])]);
    const exceptions = [first, second].flatMap(({ response }) => response.exceptions);
    expect(exceptions).toEqual([{ index: 0, status: 'refused', code: 'READING_CONFLICT' }]);
    const meterId = meterIdCodec.decode(original.meterId, '');
    const { dso } = scene.parties;
    const clones = await dso.ledger.evaluate('metering', 'listClones', { meterId });
    const links = clones.rows.flatMap(({ other: late, recorded }) => [recorded.link, late.link]);
    expect(new Set(links).size).toBe(2);
    const next = await record('after the clone', [blockOf(1, 2)]);
    expect(next.response.exceptions).toEqual([{ index: 0, status: 'refused', code: 'METER_FROZEN' }]);
  });

  it('are purged: no member answers the values, and the chain goes on', async () => {
    const block = blockOf(0, 0);
    const { meterId, startSlot } = block;
    salt = fromBase64Url(unpackBlock(block.content, '').salt)!;
    for (const organization of MEMBERS) {
      expect((await profileAt(organization, meterId, startSlot)).status).toBe(200);
    }
    const request = { commandId: commandIdOf(SEED, 'purge'), meterId, fromSlot: startSlot, toSlot: startSlot };
    const purged = await submitPlain(scene.parties.community, 'metering', 'purge', { ...request, cause: 'request' });
    expect(purged.response).toEqual({ blocks: 1 });
    for (const organization of MEMBERS) {
      expect((await profileAt(organization, meterId, startSlot)).message).toContain('READING_PURGED');
    }
    expect((await record('next', [blockOf(0, 1)])).response.recorded).toBe(1);
    expect((await record('purged again', [block])).response.exceptions).toEqual([{ index: 0, status: 'already' }]);
  });

  it('that were purged stand in no database of any peer, while those that were not stand with every member', async () => {
    const kept = fromBase64Url(unpackBlock(blockOf(2, 0).content, '').salt)!;
    await closeScene(scene);
    await handle.stop();
    const nodes = join(dataDirectory, 'network', 'nodes');
    const peers = readdirSync(nodes).filter((node) => existsSync(join(nodes, node, 'ledger', 'ledgersData')));
    const holders: string[] = [];
    for (const peer of peers) {
      const values = await valuesOf(join(nodes, peer, 'ledger', 'ledgersData'), dataDirectory);
      expect(values.filter((value) => value.includes(salt))).toEqual([]);
      if (values.some((value) => value.includes(kept))) holders.push(peer);
    }
    expect(peers).toHaveLength(6);
    expect(holders).toHaveLength(MEMBERS.length);
  });
});

/** All values of the state database and of the private store of a peer that has stopped; read from a copy. */
async function valuesOf(ledgersData: string, scratch: string): Promise<readonly Buffer[]> {
  const values: Buffer[] = [];
  for (const name of ['stateLeveldb', 'pvtdataStore']) {
    const copy = mkdtempSync(join(scratch, `${name}-`));
    cpSync(join(ledgersData, name), copy, { recursive: true });
    const database = new ClassicLevel<Buffer, Buffer>(copy, {
      createIfMissing: false,
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
    });
    for await (const [, value] of database.iterator()) {
      values.push(value);
    }
    await database.close();
  }
  return values;
}
