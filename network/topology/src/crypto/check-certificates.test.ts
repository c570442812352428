import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTopology } from '../parse-topology';
import { assertCertificatesUsable } from './check-certificates';
import { ensureCryptoMaterial } from './crypto-material';
import { peerFolders, peerOrganizationFolder, userFolders } from './crypto-layout';

const TOPOLOGY = parseTopology(
  `
format: 1
name: test
organizations:
  - name: One
    mspId: OneMSP
    domain: one.example
    peers: [{ name: peer0, port: 11001, operationsPort: 11002, chaincodeListenPort: 11003 }]
    chaincodePortBase: 11010
  - name: Two
    mspId: TwoMSP
    domain: two.example
    peers: [{ name: peer0, port: 11021, operationsPort: 11022, chaincodeListenPort: 11023 }]
    chaincodePortBase: 11030
`,
  'test.yaml',
);
const [ONE, TWO] = [TOPOLOGY.organizations[0]!, TOPOLOGY.organizations[1]!];
const DAY_MS = 24 * 60 * 60 * 1000;

describe('the certificates of a network', () => {
  let directory: string;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'flexledger-certificates-'));
    await ensureCryptoMaterial(TOPOLOGY, directory);
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('can be used as they are made', () => {
    expect(() => assertCertificatesUsable(TOPOLOGY, directory)).not.toThrow();
  });

  it('cannot be used once one has expired, which is named with its file and what to do', () => {
    const later = new Date(Date.now() + 400 * DAY_MS);
    expect(() => assertCertificatesUsable(TOPOLOGY, directory, later)).toThrow(
      /^TOPOLOGY_CERTIFICATE_UNUSABLE: .*one\.example.* of One expired at .*; bring a new one/,
    );
  });

  it('cannot be used with one that the authority of another organisation issued', () => {
    const own = join(peerFolders(directory, ONE, ONE.peers[0]!).msp, 'signcerts', 'peer0.one.example-cert.pem');
    copyFileSync(join(peerFolders(directory, TWO, TWO.peers[0]!).msp, 'signcerts', 'peer0.two.example-cert.pem'), own);
    expect(() => assertCertificatesUsable(TOPOLOGY, directory)).toThrow(
      'peer0.one.example-cert.pem was not issued by the enrolment authority of One',
    );
  });

  it('that an operator brings without the key of the authority are kept, and never replaced by a new authority', async () => {
    const home = peerOrganizationFolder(directory, ONE);
    rmSync(join(home, 'ca', 'priv_sk'));
    await ensureCryptoMaterial(TOPOLOGY, directory);
    expect(() => assertCertificatesUsable(TOPOLOGY, directory)).not.toThrow();
    rmSync(userFolders(directory, ONE, 'Admin').msp, { recursive: true });
    await expect(ensureCryptoMaterial(TOPOLOGY, directory)).rejects.toThrow(
      /^TOPOLOGY_MATERIAL_MISSING: There is no certificate and key of Admin@one\.example, nor the key of its authority/,
    );
  });
});
