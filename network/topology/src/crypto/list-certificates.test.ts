import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTopology } from '../parse-topology';
import { findOrganization } from '../topology-helpers';
import { enrolIdentity, ensureCryptoMaterial } from './crypto-material';
import { EXPIRY_WARNING_DAYS, listCertificates } from './list-certificates';
import { readIdentity } from './read-material';
import { userFolders } from './crypto-layout';

const whole = loadTopology(join(__dirname, '..', '..', '..', 'consortium.yaml'));
const dso = findOrganization(whole, 'Dso');
const topology = { ...whole, organizations: [dso], channels: [] };
const NOW = new Date('2030-01-01T00:00:00Z');
const LATER = new Date('2030-12-10T00:00:00Z');

describe('the certificates of a network', () => {
  let directory: string;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'flexledger-certificates-'));
    await ensureCryptoMaterial(topology, directory, { now: NOW });
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const daysOf = (name: string, now: Date): number[] =>
    listCertificates(topology, directory, now)
      .filter((one) => one.name === name)
      .map(({ daysLeft }) => daysLeft);

  it('are listed with their holders and ends, the earliest first', () => {
    const listed = listCertificates(topology, directory, NOW);
    const names = new Set(listed.map(({ kind, name }) => `${kind} ${name}`));
    expect(names).toEqual(
      new Set([
        'authority ca.dso.flexledger.example',
        'authority tlsca.dso.flexledger.example',
        'peer peer0.dso.flexledger.example',
        'orderer orderer0.dso.flexledger.example',
        'user Admin@dso.flexledger.example',
        'user dso@dso.flexledger.example',
        'user oracle@dso.flexledger.example',
      ]),
    );
    expect(listed.map(({ expires }) => expires.getTime())).toEqual(
      listed.map(({ expires }) => expires.getTime()).sort((left, right) => left - right),
    );
    expect(daysOf('oracle@dso.flexledger.example', NOW)).toEqual([364, 364]);
  });

  it('come within the time of warning, and a renewal takes them out of it with the same key', async () => {
    const name = 'oracle@dso.flexledger.example';
    expect(Math.max(...daysOf(name, LATER))).toBeLessThan(EXPIRY_WARNING_DAYS);
    const before = readIdentity(directory, dso, 'oracle');
    const oracle = dso.identities.find((identity) => identity.name === 'oracle')!;
    await enrolIdentity(dso, directory, oracle, { now: LATER, renew: true });
    const after = readIdentity(directory, dso, 'oracle');
    expect(daysOf(name, LATER)).toEqual([364, 364]);
    expect(after.privateKeyPem).toBe(before.privateKeyPem);
    expect(after.certificatePem).not.toBe(before.certificatePem);
    expect(daysOf('dso@dso.flexledger.example', LATER).every((days) => days < EXPIRY_WARNING_DAYS)).toBe(true);
  });

  it('get a new holder by an enrolment, which a second one leaves as it is', async () => {
    const meter = { name: 'reader', type: 'client', attributes: { role: 'dso' } } as const;
    await enrolIdentity(dso, directory, meter, { now: NOW });
    const file = join(userFolders(directory, dso, 'reader').msp, 'keystore', 'priv_sk');
    const [key, certificate] = [readFileSync(file, 'utf8'), readIdentity(directory, dso, 'reader').certificatePem];
    await enrolIdentity(dso, directory, meter, { now: NOW });
    expect([readFileSync(file, 'utf8'), readIdentity(directory, dso, 'reader').certificatePem]).toEqual([
      key,
      certificate,
    ]);
  });
});
