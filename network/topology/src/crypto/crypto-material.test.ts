import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTopology } from '../parse-topology';
import { findOrganization } from '../topology-helpers';
import type { Topology } from '../topology-types';
import { ensureCryptoMaterial } from './crypto-material';
import { chaincodeClientFolder, chaincodeServerFolder } from './crypto-layout';
import { readIdentity, readPeerEndpoint } from './read-material';

const TEXT = `
format: 1
name: test
organizations:
  - name: Both
    mspId: BothMSP
    domain: both.example
    peers: [{ name: peer0, port: 11001, operationsPort: 11002, chaincodeListenPort: 11003 }]
    orderers: [{ name: orderer0, port: 11004, adminPort: 11005, operationsPort: 11006 }]
    identities: [{ name: meter, attributes: { role: dso, area: north } }]
    chaincodePortBase: 11010
  - name: Orderer
    mspId: OrdererMSP
    domain: orderer.example
    orderers: [{ name: orderer, port: 11024, adminPort: 11025, operationsPort: 11026 }]
    chaincodePortBase: 11030
`;

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}

function snapshot(folder: string): Map<string, string> {
  return new Map(listFiles(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

describe('crypto material', () => {
  let directory: string;
  let topology: Topology;
  const read = (...parts: string[]): string => readFileSync(join(directory, 'organizations', ...parts), 'utf8');
  const certificate = (...parts: string[]): X509Certificate => new X509Certificate(read(...parts));
  const both = ['peerOrganizations', 'both.example'];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'flexledger-crypto-'));
    topology = parseTopology(TEXT, 'test.yaml');
    await ensureCryptoMaterial(topology, directory);
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('has the folders of Fabric tools', () => {
    const files = listFiles(join(directory, 'organizations'));
    const node = 'peerOrganizations/both.example/peers/peer0.both.example';
    const user = 'peerOrganizations/both.example/users/meter@both.example';
    expect(files).toEqual(
      expect.arrayContaining([
        'peerOrganizations/both.example/ca/ca.both.example-cert.pem',
        'peerOrganizations/both.example/tlsca/tlsca.both.example-cert.pem',
        'peerOrganizations/both.example/msp/cacerts/ca.both.example-cert.pem',
        'peerOrganizations/both.example/msp/tlscacerts/tlsca.both.example-cert.pem',
        'peerOrganizations/both.example/msp/config.yaml',
        `${node}/msp/signcerts/peer0.both.example-cert.pem`,
        `${node}/msp/keystore/priv_sk`,
        `${node}/tls/ca.crt`,
        `${node}/tls/server.crt`,
        `${node}/tls/server.key`,
        `${user}/msp/signcerts/meter@both.example-cert.pem`,
        `${user}/msp/keystore/priv_sk`,
        `${user}/msp/config.yaml`,
        'peerOrganizations/both.example/users/Admin@both.example/msp/keystore/priv_sk',
        'ordererOrganizations/both.example/orderers/orderer0.both.example/msp/keystore/priv_sk',
        'ordererOrganizations/both.example/orderers/orderer0.both.example/tls/server.key',
        'ordererOrganizations/orderer.example/ca/ca.orderer.example-cert.pem',
        'ordererOrganizations/orderer.example/orderers/orderer.orderer.example/tls/server.crt',
        'ordererOrganizations/orderer.example/users/Admin@orderer.example/tls/client.crt',
      ]),
    );
  });

  it('gives an organisation that orders and endorses the same MSP in both places, byte by byte', () => {
    const peerSide = snapshot(join(directory, 'organizations', ...both, 'msp'));
    expect(peerSide.size).toBe(3);
    expect(snapshot(join(directory, 'organizations', 'ordererOrganizations', 'both.example', 'msp'))).toEqual(peerSide);
  });

  it('issues certificates by their authority, with the role as organisational unit', () => {
    const authority = certificate(...both, 'ca', 'ca.both.example-cert.pem');
    const tlsAuthority = certificate(...both, 'tlsca', 'tlsca.both.example-cert.pem');
    const peer = certificate(...both, 'peers', 'peer0.both.example', 'msp', 'signcerts', 'peer0.both.example-cert.pem');
    const admin = certificate(
      ...both,
      'users',
      'Admin@both.example',
      'msp',
      'signcerts',
      'Admin@both.example-cert.pem',
    );
    const server = certificate(...both, 'peers', 'peer0.both.example', 'tls', 'server.crt');
    expect(authority.ca).toBe(true);
    expect(peer.checkIssued(authority) && peer.verify(authority.publicKey)).toBe(true);
    expect(peer.verify(tlsAuthority.publicKey)).toBe(false);
    expect(peer.subject).toContain('OU=peer');
    expect(admin.subject).toContain('OU=admin');
    expect(server.verify(tlsAuthority.publicKey)).toBe(true);
    expect(server.subjectAltName).toBe('DNS:peer0.both.example, DNS:localhost, IP Address:127.0.0.1');
  });

  it('carries attributes as Fabric CA writes them', () => {
    const { certificatePem } = readIdentity(directory, findOrganization(topology, 'Both'), 'meter');
    const raw = Buffer.from(new X509Certificate(certificatePem).raw).toString('latin1');
    expect(raw).toContain('{"attrs":{"role":"dso","area":"north"}}');
  });

  it('keeps keys for their owner alone and makes them fit their certificates', () => {
    const folder = join(directory, 'organizations');
    const keys = listFiles(folder).filter((name) => name.endsWith('priv_sk') || name.endsWith('.key'));
    expect(keys.length).toBeGreaterThan(15);
    expect(keys.map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual(keys.map(() => 0o600));
    const identity = readIdentity(directory, findOrganization(topology, 'Both'), 'meter');
    expect(identity.mspId).toBe('BothMSP');
    expect(identity.privateKeyPem).toContain('BEGIN PRIVATE KEY');
  });

  it('tells clients how to reach a peer, and its peer how to reach its chaincode', () => {
    const organization = findOrganization(topology, 'Both');
    const endpoint = readPeerEndpoint(directory, organization);
    expect(endpoint.address).toBe('127.0.0.1:11001');
    expect(endpoint.hostOverride).toBe('peer0.both.example');
    const [peer] = organization.peers;
    expect(listFiles(chaincodeServerFolder(directory, organization))).toEqual(['ca.crt', 'server.crt', 'server.key']);
    expect(peer && listFiles(chaincodeClientFolder(directory, organization, peer))).toEqual([
      'ca.crt',
      'client.crt',
      'client.key',
    ]);
    expect(() => readIdentity(directory, organization, 'nobody')).toThrow(
      /^TOPOLOGY_MATERIAL_MISSING: .*nobody of BothMSP/,
    );
  });

  it('keeps everything on a second call and adds what is new', async () => {
    const before = snapshot(directory);
    const more = parseTopology(TEXT.replace('identities: [{', 'identities: [{ name: late }, {'), 'more.yaml');
    await ensureCryptoMaterial(more, directory);
    const after = snapshot(directory);
    expect([...after].filter(([name]) => before.has(name))).toEqual([...before]);
    expect([...after.keys()].some((name) => name.includes('late@both.example'))).toBe(true);
  });

  it('renews a certificate that is about to end, for the same key', async () => {
    const organization = findOrganization(topology, 'Both');
    const before = readIdentity(directory, organization, 'meter');
    const now = new Date(Date.parse(new X509Certificate(before.certificatePem).validTo) - 24 * 60 * 60 * 1000);
    await ensureCryptoMaterial(topology, directory, { now });
    const after = readIdentity(directory, organization, 'meter');
    expect(after.privateKeyPem).toBe(before.privateKeyPem);
    expect(Date.parse(new X509Certificate(after.certificatePem).validTo)).toBeGreaterThan(now.getTime());
    expect(after.certificatePem).not.toBe(before.certificatePem);
  });
});
