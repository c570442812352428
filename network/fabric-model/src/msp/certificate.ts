import { X509Certificate, type KeyObject } from 'node:crypto';

import { equalBytes, fromUtf8, toHex } from '../common/bytes';
import { DER, objectIdentifierText, readElements, readOne, writeElement, type DerElement } from '../common/der';
import { FabricModelError, messageOf } from '../common/errors';
import { readExtensions, type Extensions } from './extensions';
import { toLowS } from './low-s';

const OID_ORGANIZATIONAL_UNIT = '2.5.4.11';
const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/;

/** DER bytes of the first PEM block, whatever its label; throws CERTIFICATE_UNREADABLE. */
export function pemToDer(pem: Uint8Array | string): Uint8Array {
  const body = PEM_BLOCK.exec(typeof pem === 'string' ? pem : fromUtf8(pem))?.[2];
  if (body === undefined) {
    throw new FabricModelError('CERTIFICATE_UNREADABLE', 'The text holds no PEM block.');
  }
  return Buffer.from(body, 'base64');
}

/** PEM text of a certificate, as Fabric writes it. */
export function derToPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function digits(text: string, from: number, length: number): number {
  return Number.parseInt(text.slice(from, from + length), 10);
}

function secondsOf(element: DerElement | undefined): number {
  const text = element === undefined ? '' : Buffer.from(element.content).toString('latin1');
  const long = element?.tag === DER.generalizedTime;
  if (!/^\d+Z$/.test(text) || text.length !== (long ? 15 : 13)) {
    throw new FabricModelError('CERTIFICATE_UNREADABLE', 'A certificate has a malformed time.');
  }
  const shortYear = digits(text, 0, 2);
  const year = long ? digits(text, 0, 4) : shortYear + (shortYear >= 50 ? 1900 : 2000);
  const rest = text.slice(long ? 4 : 2);
  const part = (index: number): number => digits(rest, index * 2, 2);
  return Date.UTC(year, part(0) - 1, part(1), part(2), part(3), part(4)) / 1000;
}

/** Values of one attribute type of a distinguished name, in order. */
function nameValues(name: Uint8Array, oid: string): string[] {
  return readElements(readOne(name, DER.sequence).content).flatMap((set) =>
    readElements(set.content).flatMap((pair) => {
      const [type, value] = readElements(pair.content);
      return type !== undefined && value !== undefined && objectIdentifierText(type.content) === oid
        ? [fromUtf8(value.content)]
        : [];
    }),
  );
}

/** A parsed X.509 certificate with what an MSP needs of it. */
export class Certificate {
  readonly der: Uint8Array;
  readonly serialHex: string;
  readonly issuerName: Uint8Array;
  readonly subjectName: Uint8Array;
  readonly organizationalUnits: readonly string[];
  readonly notBeforeSeconds: number;
  readonly notAfterSeconds: number;
  readonly extensions: Extensions;
  readonly publicKey: KeyObject;
  private readonly parsed: X509Certificate;
  private readonly outer: readonly [DerElement, DerElement, DerElement];

  private constructor(der: Uint8Array) {
    this.der = der;
    this.parsed = new X509Certificate(Buffer.from(der));
    this.publicKey = this.parsed.publicKey;
    const [body, algorithm, signature] = readElements(readOne(der, DER.sequence).content);
    if (body === undefined || algorithm === undefined || signature === undefined) {
      throw new FabricModelError('CERTIFICATE_UNREADABLE', 'A certificate lacks its signature.');
    }
    this.outer = [body, algorithm, signature];
    const fields = readElements(body.content).filter((element) => element.tag !== DER.explicit0);
    const [serial, , issuer, validity, subject] = fields;
    if (serial === undefined || issuer === undefined || validity === undefined || subject === undefined) {
      throw new FabricModelError('CERTIFICATE_UNREADABLE', 'A certificate lacks a field.');
    }
    this.serialHex = toHex(serial.content).replace(/^(00)+(?=..)/, '');
    this.issuerName = issuer.raw;
    this.subjectName = subject.raw;
    this.organizationalUnits = nameValues(subject.raw, OID_ORGANIZATIONAL_UNIT);
    const [notBefore, notAfter] = readElements(validity.content);
    this.notBeforeSeconds = secondsOf(notBefore);
    this.notAfterSeconds = secondsOf(notAfter);
    this.extensions = readExtensions(fields.find((element) => element.tag === DER.explicit3)?.content);
  }

  /** Parses DER bytes; throws CERTIFICATE_UNREADABLE. */
  static fromDer(der: Uint8Array): Certificate {
    try {
      return new Certificate(der);
    } catch (error) {
      throw new FabricModelError(
        'CERTIFICATE_UNREADABLE',
        `A certificate cannot be read (${messageOf(error)}).`,
        error,
      );
    }
  }

  /** Parses the first PEM block; throws CERTIFICATE_UNREADABLE. */
  static fromPem(pem: Uint8Array | string): Certificate {
    return Certificate.fromDer(pemToDer(pem));
  }

  /** Subject in one line, for messages. */
  get subjectText(): string {
    return this.parsed.subject.split('\n').join(', ');
  }

  get isP256(): boolean {
    return this.publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  }

  equals(other: Certificate): boolean {
    return equalBytes(this.der, other.der);
  }

  /** Name, authority to certify and signature of the issuer fit this certificate. */
  isIssuedBy(issuer: Certificate): boolean {
    return (
      equalBytes(this.issuerName, issuer.subjectName) &&
      issuer.extensions.isCa &&
      issuer.extensions.mayCertify !== false &&
      this.parsed.verify(issuer.publicKey)
    );
  }

  /**
   * The bytes by which Fabric knows this certificate: with its signature in the lower half, so that the two valid
   * forms of one certificate are one identity.
   */
  canonicalDer(issuer: Certificate): Uint8Array {
    const [body, algorithm, signature] = this.outer;
    const value = signature.content.subarray(1);
    if (!issuer.isP256) {
      return this.der;
    }
    const low = toLowS(value);
    return low === value
      ? this.der
      : writeElement(DER.sequence, body.raw, algorithm.raw, writeElement(DER.bitString, Uint8Array.of(0), low));
  }
}
