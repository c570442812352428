import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChannelConfig, decodeBlock } from '@flexledger/fabric-model';
import { ensureCryptoMaterial, findChannel, loadTopology, readIdentity, type Topology } from '@flexledger/topology';
import { chooseSigners, type Candidate } from './config-signers';
import { createGenesisBlock } from './genesis-block';
import { SigningIdentity } from './signing-identity';

describe('the signers of a change of the channel', () => {
  const topology: Topology = loadTopology(join(__dirname, '..', '..', 'consortium.yaml'));
  let directory: string;
  let config: ChannelConfig;
  let candidates: Candidate[];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'flexledger-signers-'));
    await ensureCryptoMaterial(topology, directory);
    const block = createGenesisBlock(topology, findChannel(topology, 'community'), directory);
    config = ChannelConfig.fromBlock(decodeBlock(block));
    candidates = topology.organizations.map((organization) => ({
      mspId: organization.mspId,
      identity: config.msps.deserialize(new SigningIdentity(readIdentity(directory, organization, 'Admin')).creator()),
    }));
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const chosen = (...policies: string[]): string[] =>
    chooseSigners(config, policies, candidates).map(({ mspId }) => mspId);

  it('is the one organisation whose own definition changes', () => {
    expect(chosen('/Channel/Application/MarketMSP/Admins')).toEqual(['MarketMSP']);
  });

  it('are as many members as make a majority, and no more', () => {
    expect(chosen('/Channel/Application/Admins')).toEqual(['TsoMSP', 'DsoMSP', 'RegulatorMSP', 'AggregatorMSP']);
  });

  it('satisfy several policies together', () => {
    expect(chosen('/Channel/Orderer/Admins', '/Channel/Application/CommunityMSP/Admins')).toEqual([
      'TsoMSP',
      'DsoMSP',
      'CommunityMSP',
    ]);
  });

  it('are refused by name of the policy when the administrators at hand do not suffice', () => {
    const one = candidates.slice(0, 1);
    expect(() => chooseSigners(config, ['/Channel/Application/Admins'], one)).toThrow(
      'NETWORK_REFUSED: the administrators at hand (TsoMSP) do not satisfy /Channel/Application/Admins.',
    );
  });
});
