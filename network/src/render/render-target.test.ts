import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureCryptoMaterial, loadTopology, readPeerEndpoint } from '@flexledger/topology';
import { renderTarget } from './render-target';

const topologyFile = join(__dirname, '..', '..', 'consortium.yaml');

describe('a connection profile', () => {
  const peer = 'peer0.market.flexledger.example';

  it('names every node as clients on this machine reach it, with the root of its TLS certificate and no key', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'flexledger-profile-'));
    const topology = loadTopology(topologyFile);
    await ensureCryptoMaterial(topology, directory);
    const text = renderTarget({ target: 'profile', topologyFile, organization: 'Market', cryptoDirectory: directory });
    const market = topology.organizations.find(({ name }) => name === 'Market')!;
    expect(JSON.parse(text)).toMatchObject({
      client: { organization: 'Market' },
      organizations: { Market: { mspid: 'MarketMSP', peers: [peer] } },
      peers: {
        [peer]: {
          url: 'grpcs://127.0.0.1:17151',
          tlsCACerts: { pem: readPeerEndpoint(directory, market).tlsRootCertificatePem },
          grpcOptions: { 'ssl-target-name-override': peer },
        },
      },
    });
    expect(text).not.toContain('PRIVATE KEY');
    rmSync(directory, { recursive: true, force: true });
  });

  it('names them as containers and other hosts reach them, and paths of certificates that are not there yet', () => {
    const text = renderTarget({ target: 'profile', topologyFile, organization: 'Market', byName: true });
    expect(JSON.parse(text)).toMatchObject({
      peers: { [peer]: { url: `grpcs://${peer}:17151`, tlsCACerts: { path: expect.stringMatching(/ca\.crt$/) } } },
    });
  });
});

describe('what is rendered', () => {
  it('reaches orderers by name where that is wanted', () => {
    const byName = renderTarget({ target: 'configtx', topologyFile, byName: true });
    expect(byName).toContain('orderer0.tso.flexledger.example:17055');
    expect(byName).not.toContain('127.0.0.1');
  });

  it.each(['configtx', 'compose', 'profile'] as const)(
    'is not made for an organisation that there is not: %s',
    (target) => {
      expect(() => renderTarget({ target, topologyFile, organization: 'Nobody' })).toThrow(/^TOPOLOGY_UNKNOWN_NAME/);
    },
  );
});
