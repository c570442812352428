import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Organization } from '../topology-types';
import { createRevocationList, serialNumberOf, type KeyAndCertificate } from './certificate-authority';
import { readText, writePublic } from './crypto-files';
import { homeFolder, ordererFolders, ordererOrganizationFolder, peerFolders } from './crypto-layout';
import { CryptoMaterialError, readIdentity } from './read-material';

/** A certificate that an organisation's authority has revoked. */
export interface RevokedCertificate {
  /** Hexadecimal, lower case. */
  readonly serialNumber: string;
  /** Whose it was, for example `oracle`. */
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly revokedAt: string;
}

const RECORD_FILE = 'revoked.json';

/** The certificates that an organisation has revoked, the earliest first; none when there is no record. */
export function readRevocations(directory: string, organization: Organization): RevokedCertificate[] {
  const file = join(homeFolder(directory, organization), 'ca', RECORD_FILE);
  if (!existsSync(file)) {
    return [];
  }
  const parsed: unknown = JSON.parse(readText(file));
  return Array.isArray(parsed) ? parsed.filter(isRevoked) : [];
}

/**
 * Revokes the enrolment certificate that an identity of the organisation has now: writes it into the record of the
 * organisation's authority, and a revocation list, signed by that authority, into the organisation's MSP folders. Nodes
 * take the list from the channel's configuration, in which it still has to be published. Revoking twice changes nothing.
 *
 * @throws CryptoMaterialError (TOPOLOGY_MATERIAL_MISSING) without the identity or without the authority's key.
 */
export async function revokeIdentity(
  organization: Organization,
  directory: string,
  name: string,
  now = new Date(),
): Promise<RevokedCertificate> {
  const serialNumber = serialNumberOf(readIdentity(directory, organization, name).certificatePem);
  const before = readRevocations(directory, organization);
  const known = before.find((one) => one.serialNumber === serialNumber);
  const revoked = known ?? { serialNumber, name, revokedAt: now.toISOString() };
  const all = known === undefined ? [...before, revoked] : before;
  const list = await createRevocationList(readAuthority(directory, organization), all, now);
  const home = homeFolder(directory, organization);
  writePublic(join(home, 'ca', RECORD_FILE), `${JSON.stringify(all, null, 2)}\n`);
  if (known === undefined || !existsSync(revocationListFile(join(home, 'msp'), organization))) {
    mspFolders(directory, organization).forEach((folder) => {
      writePublic(revocationListFile(folder, organization), list);
    });
  }
  return revoked;
}

/** The file of an MSP folder that holds the revocation list of the organisation's authority. */
export function revocationListFile(mspFolder: string, { domain }: Pick<Organization, 'domain'>): string {
  return join(mspFolder, 'crls', `ca.${domain}-crl.pem`);
}

/** The organisation's public MSP, also that of its orderers, and the MSPs of its nodes. */
function mspFolders(directory: string, organization: Organization): string[] {
  const homes = [homeFolder(directory, organization), ordererOrganizationFolder(directory, organization)];
  return [
    ...homes.map((home) => join(home, 'msp')),
    ...organization.peers.map((node) => peerFolders(directory, organization, node).msp),
    ...organization.orderers.map((node) => ordererFolders(directory, organization, node).msp),
  ].filter((folder) => existsSync(folder));
}

function readAuthority(directory: string, organization: Organization): KeyAndCertificate {
  const folder = join(homeFolder(directory, organization), 'ca');
  const certificateFile = join(folder, `ca.${organization.domain}-cert.pem`);
  const keyFile = join(folder, 'priv_sk');
  if (!existsSync(certificateFile) || !existsSync(keyFile)) {
    throw new CryptoMaterialError(`certificate authority of ${organization.mspId} with its key`, folder);
  }
  return { certificatePem: readText(certificateFile), privateKeyPem: readText(keyFile) };
}

function isRevoked(value: unknown): value is RevokedCertificate {
  return (
    typeof value === 'object' &&
    value !== null &&
    'serialNumber' in value &&
    typeof value.serialNumber === 'string' &&
    'name' in value &&
    typeof value.name === 'string' &&
    'revokedAt' in value &&
    typeof value.revokedAt === 'string'
  );
}
