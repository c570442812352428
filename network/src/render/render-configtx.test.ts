import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureCryptoMaterial, findChannel, loadTopology } from '@flexledger/topology';
import { common } from '@hyperledger/fabric-protos';
import { parse } from 'yaml';
import { findFabricBinaries } from '../native/binaries';
import { createGenesisBlock } from '../native/genesis-block';
import { renderConfigtx } from './render-configtx';

const topology = loadTopology(join(__dirname, '..', '..', 'consortium.yaml'));

/** Fabric's own tool, which release archives have beside the peer; undefined where there is none. */
function findConfigtxgen(): string | undefined {
  try {
    const tool = join(dirname(findFabricBinaries(process.env).peer), 'configtxgen');
    return existsSync(tool) ? tool : undefined;
  } catch {
    return undefined;
  }
}

/** Groups, values and policies as nested records, without the order in which they were written. */
function contentOf(group: common.ConfigGroup): object {
  const record = <T>(entries: Iterable<[string, T]>, read: (one: T) => unknown): object =>
    Object.fromEntries(
      [...entries].sort(([left], [right]) => (left < right ? -1 : 1)).map(([key, one]) => [key, read(one)]),
    );
  return {
    modPolicy: group.getModPolicy(),
    values: record(group.getValuesMap().entries(), (one) => [one.getModPolicy(), one.getValue_asB64()]),
    policies: record(group.getPoliciesMap().entries(), (one) => [
      one.getModPolicy(),
      one.getPolicy()?.getType(),
      one.getPolicy()?.getValue_asB64(),
    ]),
    groups: record(group.getGroupsMap().entries(), contentOf),
  };
}

function channelGroup(block: Uint8Array): object {
  const envelope = common.Envelope.deserializeBinary(
    common.Block.deserializeBinary(block).getData()!.getDataList_asU8()[0]!,
  );
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  return contentOf(common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig()!.getChannelGroup()!);
}

const tool = findConfigtxgen();

describe('configtx.yaml', () => {
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'flexledger-configtx-'));
    await ensureCryptoMaterial(topology, directory);
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const run = (...parameters: readonly string[]): string =>
    execFileSync(tool!, [...parameters, '-configPath', directory], { encoding: 'utf8', stdio: 'pipe' });

  it('has a profile per channel and a definition per organisation', () => {
    const document = parse(renderConfigtx(topology)) as { Organizations: { Name: string }[]; Profiles: object };
    expect(Object.keys(document.Profiles)).toEqual(['community']);
    expect(document.Organizations.map(({ Name }) => Name)).toEqual(topology.organizations.map(({ mspId }) => mspId));
  });

  const withTool = tool === undefined ? it.skip : it;
  const why = tool === undefined ? ' (there is no configtxgen beside a peer in FABRIC_BIN or on PATH)' : '';

  withTool(`makes the configuration of our own genesis block with Fabric's own tool${why}`, () => {
    writeFileSync(join(directory, 'configtx.yaml'), renderConfigtx(topology));
    const file = join(directory, 'community.block');
    run('-profile', 'community', '-channelID', 'community', '-outputBlock', file);
    const ours = createGenesisBlock(topology, findChannel(topology, 'community'), directory);
    expect(channelGroup(readFileSync(file))).toEqual(channelGroup(ours));
  });

  withTool(`of one organisation is what it takes to add it to a channel${why}`, () => {
    writeFileSync(join(directory, 'configtx.yaml'), renderConfigtx(topology, { organization: 'Market' }));
    const definition: unknown = JSON.parse(run('-printOrg', 'MarketMSP'));
    expect(definition).toMatchObject({ values: { MSP: { value: { config: { name: 'MarketMSP' } } } } });
  });
});
