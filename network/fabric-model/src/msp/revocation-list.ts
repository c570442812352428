import { verify } from 'node:crypto';

import { equalBytes, toHex } from '../common/bytes';
import { DER, objectIdentifierText, readElements, readOne } from '../common/der';
import { FabricModelError, messageOf } from '../common/errors';
import type { Certificate } from './certificate';
import { pemToDer } from './certificate';
import { authorityKey, extensionMap } from './extensions';

const DIGESTS: Readonly<Record<string, string>> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
};
const OID_AUTHORITY_KEY = '2.5.29.35';

/** A certificate revocation list of an MSP. */
export class RevocationList {
  private readonly body: Uint8Array;
  private readonly algorithm: string;
  private readonly signature: Uint8Array;
  private readonly authorityKey: Uint8Array | undefined;
  private readonly serials: ReadonlySet<string>;

  private constructor(der: Uint8Array) {
    const [body, algorithm, signature] = readElements(readOne(der, DER.sequence).content);
    if (body === undefined || algorithm === undefined || signature === undefined) {
      throw new FabricModelError('CRL_UNREADABLE', 'A revocation list lacks a part.');
    }
    this.body = body.raw;
    this.algorithm = objectIdentifierText(readElements(algorithm.content)[0]?.content ?? new Uint8Array(0));
    this.signature = signature.content.subarray(1);
    const fields = readElements(body.content);
    const extensions = fields.find((element) => element.tag === DER.explicit0);
    const authority = extensions && extensionMap(extensions.content).get(OID_AUTHORITY_KEY);
    this.authorityKey = authority && authorityKey(authority.value);
    // The revoked entries are the only sequence after the times.
    const lastTime = fields.findLastIndex((e) => e.tag === DER.utcTime || e.tag === DER.generalizedTime);
    const revoked = fields.slice(lastTime + 1).find((element) => element.tag === DER.sequence);
    this.serials = new Set(
      (revoked === undefined ? [] : readElements(revoked.content)).map((entry) =>
        toHex(readElements(entry.content)[0]?.content ?? new Uint8Array(0)).replace(/^(00)+(?=..)/, ''),
      ),
    );
  }

  /** Parses PEM or DER; throws CRL_UNREADABLE. */
  static parse(bytes: Uint8Array): RevocationList {
    try {
      return new RevocationList(bytes[0] === DER.sequence ? bytes : pemToDer(bytes));
    } catch (error) {
      throw new FabricModelError('CRL_UNREADABLE', `A revocation list cannot be read (${messageOf(error)}).`, error);
    }
  }

  /** True when this list belongs to the issuer, names the certificate and is signed by the issuer. */
  revokes(certificate: Certificate, issuer: Certificate): boolean {
    const issuerKey = issuer.extensions.subjectKeyIdentifier;
    if (issuerKey === undefined || this.authorityKey === undefined || !equalBytes(issuerKey, this.authorityKey)) {
      return false;
    }
    return this.serials.has(certificate.serialHex) && this.isSignedBy(issuer);
  }

  private isSignedBy(issuer: Certificate): boolean {
    const digest = DIGESTS[this.algorithm];
    return digest !== undefined && verify(digest, this.body, issuer.publicKey, this.signature);
  }
}
