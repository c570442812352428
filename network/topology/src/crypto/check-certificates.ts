import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Topology } from '../topology-types';
import { certificateFiles } from './list-certificates';

/** A certificate with which no node could work. */
export class CertificateError extends Error {
  public readonly code = 'TOPOLOGY_CERTIFICATE_UNUSABLE';

  public constructor(sentence: string) {
    super(`TOPOLOGY_CERTIFICATE_UNUSABLE: ${sentence}`);
    this.name = 'CertificateError';
  }
}

/**
 * Refuses a crypto folder with which the nodes would not start or not trust each other: a certificate that has expired, or
 * that another authority has issued than that of its organisation.
 *
 * @throws CertificateError (TOPOLOGY_CERTIFICATE_UNUSABLE) with the file.
 */
export function assertCertificatesUsable(topology: Topology, directory: string, now = new Date()): void {
  for (const organization of topology.organizations) {
    const files = certificateFiles(organization, directory);
    const read = files.map((one) => ({ ...one, certificate: new X509Certificate(readFileSync(one.file)) }));
    for (const { file, kind, use, certificate } of read) {
      if (Date.parse(certificate.validTo) <= now.getTime()) {
        const ended = new Date(certificate.validTo).toISOString();
        throw new CertificateError(
          `${file} of ${organization.name} expired at ${ended}; bring a new one from its authority.`,
        );
      }
      const authorities = read.filter((one) => one.kind === 'authority' && one.use === use);
      const isOwn = authorities.some((one) => isIssuedBy(certificate, one.certificate));
      if (kind !== 'authority' && authorities.length > 0 && !isOwn) {
        throw new CertificateError(
          `${file} was not issued by the ${use === 'tls' ? 'TLS' : 'enrolment'} authority of ${organization.name}; ` +
            'bring the certificate that this authority issued.',
        );
      }
    }
  }
}

function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}
