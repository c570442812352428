import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nodeFullName } from '../topology-helpers';
import type { IdentitySpec, Organization, Topology } from '../topology-types';
import {
  createAuthority,
  generatePrivateKey,
  isCertificateOf,
  isStillValid,
  issueCertificate,
  serialNumberOf,
  type CertificateRequest,
  type KeyAndCertificate,
  type Validity,
} from './certificate-authority';
import {
  chaincodeClientFolder,
  chaincodeServerFolder,
  homeFolder,
  ordererFolders,
  ordererOrganizationFolder,
  peerFolders,
  userFolders,
  type IdentityFolders,
} from './crypto-layout';
import { readText, writePrivate, writePublic } from './crypto-files';
import { CryptoMaterialError } from './read-material';
import { readRevocations } from './revocation';

/** How long new certificates live and what time it is. */
export interface CryptoOptions {
  /** The present; certificates begin five minutes earlier. Default: the machine's clock. */
  readonly now?: Date;
  /** Lifetime of a certificate authority in days. Default 3650, as Fabric's cryptogen. */
  readonly authorityDays?: number;
  /** Lifetime of all other certificates in days. Default 365, as Fabric CA. */
  readonly certificateDays?: number;
}

/** An authority; without its key, which the operator keeps elsewhere, nothing can be issued here. */
type Authority = Pick<KeyAndCertificate, 'certificatePem'> & { readonly privateKeyPem: string | undefined };

interface Authorities {
  readonly enrolment: Authority;
  readonly tls: Authority;
  readonly validity: Validity;
  /** Serial numbers of certificates that the organisation has revoked. */
  readonly revoked: ReadonlySet<string>;
  /** Certificates that live no longer than this are issued again for the same key. */
  readonly renewalDays: number;
}

const AUTHORITY_DAYS = 3650;
const CERTIFICATE_DAYS = 365;
const RENEWAL_DAYS = 7;
const RENEW_ALWAYS = Number.POSITIVE_INFINITY;

/**
 * Makes what is missing of a network's certificates, keys and MSP folders, in the layout of Fabric's own tools:
 * `organizations/peerOrganizations/DOMAIN/{ca,tlsca,msp,peers,users}` and
 * `organizations/ordererOrganizations/DOMAIN/{msp,orderers,users}`. Each organisation has one enrolment and one TLS
 * authority for all its nodes and users. A second call keeps every key and certificate and adds new identities; a
 * certificate that has less than seven days left is issued again for the same key. Keys have mode 0600.
 *
 * Where an authority's certificate is there without its key, the organisation brings its material from elsewhere: it is
 * kept as it is, and nothing is issued.
 *
 * @throws CryptoMaterialError (TOPOLOGY_MATERIAL_MISSING) for what would have to be issued without the authority's key.
 */
export async function ensureCryptoMaterial(
  topology: Topology,
  directory: string,
  options: CryptoOptions = {},
): Promise<void> {
  for (const organization of topology.organizations) {
    await ensureOrganization(organization, directory, options);
  }
}

async function ensureOrganization(
  organization: Organization,
  directory: string,
  options: CryptoOptions,
): Promise<void> {
  const { domain } = organization;
  const home = homeFolder(directory, organization);
  const authorities = await ensureAuthorities(organization, directory, options);
  writePublicMsp(join(home, 'msp'), domain, authorities);
  for (const peer of organization.peers) {
    const fullName = nodeFullName(organization, peer);
    const folders = peerFolders(directory, organization, peer);
    await ensureLocalMsp(folders.msp, domain, authorities, identityRequest(fullName, 'peer', {}));
    await ensureTls(folders.tls, 'server', authorities, tlsRequest(fullName, hostsOf(fullName, peer.host)));
    const client = chaincodeClientFolder(directory, organization, peer);
    await ensureTls(client, 'client', authorities, tlsRequest(fullName, []));
  }
  if (organization.peers.length > 0) {
    const name = `chaincode.${domain}`;
    const hosts = hostsOf(name, organization.peers[0]?.host ?? 'localhost');
    await ensureTls(chaincodeServerFolder(directory, organization), 'server', authorities, tlsRequest(name, hosts));
  }
  await ensureUsers(organization, directory, authorities);
  await ensureOrderers(organization, directory, authorities);
}

async function ensureAuthorities(
  organization: Organization,
  directory: string,
  options: CryptoOptions,
): Promise<Authorities> {
  const now = options.now ?? new Date();
  const { domain } = organization;
  const home = homeFolder(directory, organization);
  const authorityValidity = { now, days: options.authorityDays ?? AUTHORITY_DAYS };
  const days = options.certificateDays ?? CERTIFICATE_DAYS;
  return {
    enrolment: await ensureAuthority(join(home, 'ca'), `ca.${domain}`, domain, authorityValidity),
    tls: await ensureAuthority(join(home, 'tlsca'), `tlsca.${domain}`, domain, authorityValidity),
    validity: { now, days },
    revoked: new Set(readRevocations(directory, organization).map(({ serialNumber }) => serialNumber)),
    renewalDays: Math.min(RENEWAL_DAYS, days / 2),
  };
}

/**
 * Enrols one identity of an organisation, or with `renew` issues its certificates again: for the keys that it has, but for
 * a new key where the certificate was revoked. The
 * authorities of the organisation must be in the directory; they are made when they are not.
 */
export async function enrolIdentity(
  organization: Organization,
  directory: string,
  identity: IdentitySpec,
  options: CryptoOptions & { readonly renew?: boolean } = {},
): Promise<void> {
  const made = await ensureAuthorities(organization, directory, options);
  const authorities = options.renew === true ? { ...made, renewalDays: RENEW_ALWAYS } : made;
  const folders = userFolders(directory, organization, identity.name);
  await ensureUser(folders, organization.domain, authorities, identity);
}

async function ensureUsers(organization: Organization, directory: string, authorities: Authorities): Promise<void> {
  const users = [{ name: 'Admin', type: 'admin' as const, attributes: {} }, ...organization.identities];
  for (const user of users) {
    const folders = userFolders(directory, organization, user.name);
    await ensureUser(folders, organization.domain, authorities, user);
  }
}

async function ensureUser(
  folders: IdentityFolders,
  domain: string,
  authorities: Authorities,
  user: Organization['identities'][number],
): Promise<void> {
  const commonName = `${user.name}@${domain}`;
  await ensureLocalMsp(folders.msp, domain, authorities, identityRequest(commonName, user.type, user.attributes));
  await ensureTls(folders.tls, 'client', authorities, tlsRequest(commonName, []));
}

/** An ordering organisation that also has peers gets the same public MSP a second time, byte by byte, in its orderer folder. */
async function ensureOrderers(organization: Organization, directory: string, authorities: Authorities): Promise<void> {
  if (organization.orderers.length === 0) {
    return;
  }
  const { domain } = organization;
  writePublicMsp(join(ordererOrganizationFolder(directory, organization), 'msp'), domain, authorities);
  for (const orderer of organization.orderers) {
    const fullName = nodeFullName(organization, orderer);
    const folders = ordererFolders(directory, organization, orderer);
    await ensureLocalMsp(folders.msp, domain, authorities, identityRequest(fullName, 'orderer', {}));
    await ensureTls(folders.tls, 'server', authorities, tlsRequest(fullName, hostsOf(fullName, orderer.host)));
  }
}

async function ensureAuthority(
  folder: string,
  commonName: string,
  domain: string,
  validity: Validity,
): Promise<Authority> {
  const certificateFile = join(folder, `${commonName}-cert.pem`);
  const keyFile = join(folder, 'priv_sk');
  if (existsSync(certificateFile)) {
    const privateKeyPem = existsSync(keyFile) ? readText(keyFile) : undefined;
    return { certificatePem: readText(certificateFile), privateKeyPem };
  }
  const authority = await createAuthority(commonName, domain, validity);
  writePrivate(keyFile, authority.privateKeyPem);
  writePublic(certificateFile, authority.certificatePem);
  return authority;
}

async function ensureLocalMsp(
  folder: string,
  domain: string,
  authorities: Authorities,
  request: CertificateRequest,
): Promise<void> {
  writePublicMsp(folder, domain, authorities);
  const certificateFile = join(folder, 'signcerts', `${request.commonName}-cert.pem`);
  await ensureCertificate(
    certificateFile,
    join(folder, 'keystore', 'priv_sk'),
    authorities.enrolment,
    request,
    authorities,
  );
}

async function ensureTls(
  folder: string,
  side: 'server' | 'client',
  authorities: Authorities,
  request: CertificateRequest,
): Promise<void> {
  writePublic(join(folder, 'ca.crt'), authorities.tls.certificatePem);
  await ensureCertificate(
    join(folder, `${side}.crt`),
    join(folder, `${side}.key`),
    authorities.tls,
    request,
    authorities,
  );
}

async function ensureCertificate(
  certificateFile: string,
  keyFile: string,
  { certificatePem, privateKeyPem }: Authority,
  request: CertificateRequest,
  authorities: Pick<Authorities, 'validity' | 'renewalDays' | 'revoked'>,
): Promise<void> {
  if (privateKeyPem === undefined) {
    assertBrought(certificateFile, keyFile, request);
    return;
  }
  await issueWhereNeeded(certificateFile, keyFile, { certificatePem, privateKeyPem }, request, authorities);
}

async function issueWhereNeeded(
  certificateFile: string,
  keyFile: string,
  authority: KeyAndCertificate,
  request: CertificateRequest,
  { validity, renewalDays, revoked }: Pick<Authorities, 'validity' | 'renewalDays' | 'revoked'>,
): Promise<void> {
  const present = existsSync(certificateFile) ? readText(certificateFile) : undefined;
  const isRevoked = present !== undefined && revoked.has(serialNumberOf(present));
  if (isRevoked && renewalDays !== RENEW_ALWAYS) {
    // Who was shut out comes back only when somebody says so.
    return;
  }
  if (isRevoked || !existsSync(keyFile)) {
    writePrivate(keyFile, generatePrivateKey());
  }
  const privateKeyPem = readText(keyFile);
  const renewal = { now: validity.now, days: renewalDays };
  if (present !== undefined && isStillValid(present, renewal) && isCertificateOf(present, privateKeyPem)) {
    return;
  }
  writePublic(certificateFile, await issueCertificate(authority, privateKeyPem, request, validity));
}

/** In an MSP's folders the only file counts, whatever other tools have named it. */
function assertBrought(certificateFile: string, keyFile: string, { commonName }: CertificateRequest): void {
  for (const file of [certificateFile, keyFile]) {
    const folder = dirname(file);
    const inMsp = /^(signcerts|keystore)$/.test(basename(folder));
    const isThere = inMsp ? existsSync(folder) && readdirSync(folder).length > 0 : existsSync(file);
    if (!isThere) {
      throw new CryptoMaterialError(
        `certificate and key of ${commonName}, nor the key of its authority that could issue it,`,
        folder,
      );
    }
  }
}

function writePublicMsp(folder: string, domain: string, authorities: Authorities): void {
  writePublic(join(folder, 'cacerts', `ca.${domain}-cert.pem`), authorities.enrolment.certificatePem);
  writePublic(join(folder, 'tlscacerts', `tlsca.${domain}-cert.pem`), authorities.tls.certificatePem);
  writePublic(join(folder, 'config.yaml'), nodeUnitsYaml(`cacerts/ca.${domain}-cert.pem`));
}

/** Fabric's NodeOUs: the organisational unit in a certificate says whether its holder is a client, peer, admin or orderer. */
function nodeUnitsYaml(certificate: string): string {
  const units = ['client', 'peer', 'admin', 'orderer'].map((unit) => {
    const title = `${unit.charAt(0).toUpperCase()}${unit.slice(1)}`;
    return `  ${title}OUIdentifier:\n    Certificate: ${certificate}\n    OrganizationalUnitIdentifier: ${unit}\n`;
  });
  return `NodeOUs:\n  Enable: true\n${units.join('')}`;
}

function identityRequest(
  commonName: string,
  unit: string,
  attributes: Readonly<Record<string, string>>,
): CertificateRequest {
  return { commonName, organizationalUnits: [unit], use: 'sign', hosts: [], attributes };
}

function tlsRequest(commonName: string, hosts: readonly string[]): CertificateRequest {
  return { commonName, organizationalUnits: [], use: 'tls', hosts, attributes: {} };
}

function hostsOf(fullName: string, host: string): string[] {
  return [...new Set([fullName, 'localhost', '127.0.0.1', host])];
}
