import { verify } from 'node:crypto';

import { msp } from '@hyperledger/fabric-protos';

import { sha256, toHex } from '../common/bytes';
import { derToPem, type Certificate } from './certificate';
import { isLowS } from './low-s';

/** Bytes of a SerializedIdentity: how creators and endorsers are named in transactions. */
export function serializeIdentity(mspId: string, certificatePem: string | Uint8Array): Uint8Array {
  const message = new msp.SerializedIdentity();
  message.setMspid(mspId);
  message.setIdBytes(typeof certificatePem === 'string' ? Buffer.from(certificatePem, 'utf8') : certificatePem);
  return message.serializeBinary();
}

/** A certificate that an MSP certified, with the chain that leads to one of its roots. */
export class Identity {
  readonly certificatePem: string;
  /** Canonical bytes (signature in the lower half): the same for both valid forms of one certificate. */
  readonly certificateDer: Uint8Array;
  readonly organizationalUnits: readonly string[];
  readonly notBeforeSeconds: number;
  readonly notAfterSeconds: number;
  /** Attributes of the Fabric CA extension 1.2.3.4.5.6.7.8.1. */
  readonly attributes: Readonly<Record<string, string>>;
  /** MSP id and SHA-256 of the certificate: an identity is counted once by this. */
  readonly identifier: string;
  /** SHA-256 over the chain above the certificate: who certified the organisational units. */
  readonly certifiersIdentifier: Uint8Array;

  constructor(
    readonly mspId: string,
    readonly serialized: Uint8Array,
    /** The certificate and, behind it, the chain up to the root. */
    readonly chain: readonly [Certificate, Certificate, ...Certificate[]],
  ) {
    const [certificate, issuer, ...above] = chain;
    this.certificateDer = certificate.canonicalDer(issuer);
    this.certificatePem = derToPem(certificate.der);
    this.organizationalUnits = certificate.organizationalUnits;
    this.notBeforeSeconds = certificate.notBeforeSeconds;
    this.notAfterSeconds = certificate.notAfterSeconds;
    this.attributes = certificate.extensions.attributes;
    this.identifier = `${mspId}:${toHex(sha256(this.certificateDer))}`;
    this.certifiersIdentifier = sha256(issuer.der, ...above.map((authority) => authority.der));
  }

  get certificate(): Certificate {
    return this.chain[0];
  }

  /** True only for a valid ECDSA P-256 / SHA-256 signature in low-S DER form. */
  verify(message: Uint8Array, signature: Uint8Array): boolean {
    if (!this.certificate.isP256 || !isLowS(signature)) {
      return false;
    }
    return verify('sha256', message, this.certificate.publicKey, signature);
  }
}
