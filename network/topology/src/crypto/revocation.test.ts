import 'reflect-metadata';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { parseTopology } from '../parse-topology';
import { enrolIdentity, ensureCryptoMaterial } from './crypto-material';
import { ordererOrganizationFolder, organizationMspFolder, peerFolders } from './crypto-layout';
import { listCertificates } from './list-certificates';
import { readIdentity } from './read-material';
import { readRevocations, revocationListFile, revokeIdentity } from './revocation';

const TOPOLOGY = parseTopology(
  `
format: 1
name: test
organizations:
  - name: Both
    mspId: BothMSP
    domain: both.example
    peers: [{ name: peer0, port: 11001, operationsPort: 11002, chaincodeListenPort: 11003 }]
    orderers: [{ name: orderer0, port: 11004, adminPort: 11005, operationsPort: 11006 }]
    identities: [{ name: meter, attributes: { role: dso } }, { name: oracle }]
    chaincodePortBase: 11010
`,
  'test.yaml',
);
const ORGANIZATION = TOPOLOGY.organizations[0]!;
const METER = { name: 'meter', type: 'client', attributes: { role: 'dso' } } as const;

describe('the revocation of a certificate', () => {
  let directory: string;
  const meter = (): string => readIdentity(directory, ORGANIZATION, 'meter').certificatePem;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'flexledger-revocation-'));
    await ensureCryptoMaterial(TOPOLOGY, directory);
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is written into the record of the authority and into a list that the authority signed', async () => {
    const serial = new x509.X509Certificate(meter()).serialNumber;
    const revoked = await revokeIdentity(ORGANIZATION, directory, 'meter', new Date('2026-05-20T10:00:00Z'));
    expect(revoked).toEqual({ serialNumber: serial, name: 'meter', revokedAt: '2026-05-20T10:00:00.000Z' });
    expect(readRevocations(directory, ORGANIZATION)).toEqual([revoked]);
    const folder = organizationMspFolder(directory, ORGANIZATION);
    const text = readFileSync(revocationListFile(folder, ORGANIZATION), 'utf8');
    expect(text).toMatch(/^-----BEGIN X509 CRL-----\n/);
    const [der] = x509.PemConverter.decode(text);
    const list = new x509.X509Crl(der!);
    const authority = new x509.X509Certificate(
      readFileSync(join(folder, 'cacerts', 'ca.both.example-cert.pem'), 'utf8'),
    );
    expect(await list.verify({ publicKey: authority.publicKey })).toBe(true);
    expect(list.entries.map(({ serialNumber }) => serialNumber)).toEqual([serial]);
  });

  it('stands byte by byte in both public MSPs of an authority, and in those of its nodes', async () => {
    await revokeIdentity(ORGANIZATION, directory, 'meter');
    const folders = [
      organizationMspFolder(directory, ORGANIZATION),
      join(ordererOrganizationFolder(directory, ORGANIZATION), 'msp'),
      peerFolders(directory, ORGANIZATION, ORGANIZATION.peers[0]!).msp,
    ];
    const lists = folders.map((folder) => readFileSync(revocationListFile(folder, ORGANIZATION), 'utf8'));
    expect(new Set(lists).size).toBe(1);
  });

  it('keeps earlier entries, and once more changes no byte', async () => {
    const first = await revokeIdentity(ORGANIZATION, directory, 'meter');
    const second = await revokeIdentity(ORGANIZATION, directory, 'oracle');
    const file = revocationListFile(organizationMspFolder(directory, ORGANIZATION), ORGANIZATION);
    const before = readFileSync(file, 'utf8');
    expect(await revokeIdentity(ORGANIZATION, directory, 'meter')).toEqual(first);
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(readRevocations(directory, ORGANIZATION)).toEqual([first, second]);
  });

  it('stays when certificates are made again, and ends with a renewal, which makes a new key', async () => {
    const before = readIdentity(directory, ORGANIZATION, 'meter');
    await revokeIdentity(ORGANIZATION, directory, 'meter');
    const nearItsEnd = new Date(Date.now() + 360 * 24 * 60 * 60 * 1000);
    await ensureCryptoMaterial(TOPOLOGY, directory, { now: nearItsEnd });
    expect(readIdentity(directory, ORGANIZATION, 'meter')).toEqual(before);
    await enrolIdentity(ORGANIZATION, directory, METER, { renew: true });
    const after = readIdentity(directory, ORGANIZATION, 'meter');
    expect(after.privateKeyPem).not.toBe(before.privateKeyPem);
    expect(after.certificatePem).not.toBe(before.certificatePem);
  });

  it('is shown in the list of certificates', async () => {
    await revokeIdentity(ORGANIZATION, directory, 'meter');
    const revoked = listCertificates(TOPOLOGY, directory).filter((one) => one.revoked);
    expect(revoked.map(({ name, use }) => [name, use])).toEqual([['meter@both.example', 'enrolment']]);
  });

  it('is refused for an identity that is not there, and without the key of the authority', async () => {
    await expect(revokeIdentity(ORGANIZATION, directory, 'nobody')).rejects.toThrow('TOPOLOGY_MATERIAL_MISSING');
    rmSync(join(organizationMspFolder(directory, ORGANIZATION), '..', 'ca', 'priv_sk'));
    await expect(revokeIdentity(ORGANIZATION, directory, 'meter')).rejects.toThrow('authority of BothMSP with its key');
    expect(existsSync(revocationListFile(organizationMspFolder(directory, ORGANIZATION), ORGANIZATION))).toBe(false);
  });
});
