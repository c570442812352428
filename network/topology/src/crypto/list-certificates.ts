import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Organization, Topology } from '../topology-types';
import { homeFolder, ordererOrganizationFolder } from './crypto-layout';
import { readRevocations } from './revocation';

/** One certificate of a crypto folder. */
export interface ListedCertificate {
  readonly organization: string;
  readonly kind: 'authority' | 'peer' | 'orderer' | 'user';
  /** What signs with it: an enrolment certificate for transactions, a TLS certificate for connections. */
  readonly use: 'enrolment' | 'tls';
  /** Common name, for example `oracle@dso.example`. */
  readonly name: string;
  readonly serialNumber: string;
  readonly expires: Date;
  /** Whole days until it expires; negative when it has. */
  readonly daysLeft: number;
  /** Whether its organisation has revoked it. */
  readonly revoked: boolean;
}

/** From so many days before its end on, an operator should be warned of a certificate. */
export const EXPIRY_WARNING_DAYS = 30;

const DAY_MS = 24 * 60 * 60 * 1000;
/** Where an organisation keeps its certificates, and what they are. */
const PLACES: readonly {
  readonly folder: string;
  readonly kind: ListedCertificate['kind'];
  readonly use: ListedCertificate['use'];
  /** Below each node or user; absent where the certificates lie in the folder itself. */
  readonly inner?: string;
}[] = [
  { folder: 'ca', kind: 'authority', use: 'enrolment' },
  { folder: 'tlsca', kind: 'authority', use: 'tls' },
  { folder: 'peers', kind: 'peer', use: 'enrolment', inner: join('msp', 'signcerts') },
  { folder: 'peers', kind: 'peer', use: 'tls', inner: 'tls' },
  { folder: 'orderers', kind: 'orderer', use: 'enrolment', inner: join('msp', 'signcerts') },
  { folder: 'orderers', kind: 'orderer', use: 'tls', inner: 'tls' },
  { folder: 'users', kind: 'user', use: 'enrolment', inner: join('msp', 'signcerts') },
  { folder: 'users', kind: 'user', use: 'tls', inner: 'tls' },
];

/** The certificates of all organisations with their ends, the earliest first; what is not there is not listed. */
export function listCertificates(topology: Topology, directory: string, now = new Date()): ListedCertificate[] {
  const listed = topology.organizations.flatMap((organization) => {
    const revoked = new Set(readRevocations(directory, organization).map(({ serialNumber }) => serialNumber));
    return certificateFiles(organization, directory).map(({ file, kind, use }) => {
      const certificate = new X509Certificate(readFileSync(file));
      const expires = new Date(certificate.validTo);
      const serialNumber = certificate.serialNumber.toLowerCase();
      return {
        organization: organization.name,
        kind,
        use,
        name: /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? certificate.subject,
        serialNumber,
        expires,
        daysLeft: Math.floor((expires.getTime() - now.getTime()) / DAY_MS),
        revoked: revoked.has(serialNumber),
      };
    });
  });
  return listed.sort((left, right) => left.expires.getTime() - right.expires.getTime());
}

/** The files of all certificates of an organisation that are there. */
export function certificateFiles(
  organization: Organization,
  directory: string,
): (Pick<ListedCertificate, 'kind' | 'use'> & { readonly file: string })[] {
  const homes = new Set([homeFolder(directory, organization), ordererOrganizationFolder(directory, organization)]);
  return [...homes].flatMap((home) =>
    PLACES.flatMap(({ folder, kind, use, inner }) =>
      filesOf(join(home, folder), inner).map((file) => ({ file, kind, use })),
    ),
  );
}

/** The certificate files of a place; a TLS folder also holds the authority's certificate, which is listed elsewhere. */
function filesOf(folder: string, inner: string | undefined): string[] {
  if (!existsSync(folder)) {
    return [];
  }
  const folders =
    inner === undefined
      ? [folder]
      : readdirSync(folder).flatMap((name) =>
          existsSync(join(folder, name, inner)) ? [join(folder, name, inner)] : [],
        );
  return folders.flatMap((one) =>
    readdirSync(one)
      .filter((name) => /\.(pem|crt)$/.test(name) && name !== 'ca.crt')
      .map((name) => join(one, name)),
  );
}
