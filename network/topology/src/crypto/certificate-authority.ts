import 'reflect-metadata';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  webcrypto,
  X509Certificate,
} from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A key and its certificate, both PEM; the key is PKCS #8. */
export interface KeyAndCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** What the holder of a certificate may do with it. */
export type CertificateUse = 'sign' | 'tls';

/** A certificate to issue. */
export interface CertificateRequest {
  readonly commonName: string;
  /** Organisational units; Fabric's NodeOUs take the role of an identity from them. */
  readonly organizationalUnits: readonly string[];
  readonly use: CertificateUse;
  /** DNS names and IP addresses of a TLS certificate. */
  readonly hosts: readonly string[];
  /** Attributes in the Fabric CA extension; no extension when empty. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** When certificates begin and end. */
export interface Validity {
  readonly now: Date;
  readonly days: number;
}

/** The extension in which Fabric CA stores attributes as `{"attrs":{name:value}}`. */
const ATTRIBUTES_OID = '1.2.3.4.5.6.7.8.1';
const SIGNING_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const CURVE_ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const BACKDATE_MS = 5 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

x509.cryptoProvider.set(webcrypto);

/** A new P-256 private key as PKCS #8 PEM. */
export function generatePrivateKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Creates a self-signed certificate authority, as Fabric's MSP wants one: with key identifier and certificate signing. */
export async function createAuthority(
  commonName: string,
  organization: string,
  validity: Validity,
): Promise<KeyAndCertificate> {
  const privateKeyPem = generatePrivateKey();
  const name = new x509.Name([{ O: [organization] }, { CN: [commonName] }]);
  const usages =
    x509.KeyUsageFlags.digitalSignature |
    x509.KeyUsageFlags.keyEncipherment |
    x509.KeyUsageFlags.keyCertSign |
    x509.KeyUsageFlags.cRLSign;
  const certificatePem = await signLowS(async () =>
    x509.X509CertificateGenerator.create({
      ...period(validity),
      serialNumber: newSerialNumber(),
      subject: name,
      issuer: name,
      publicKey: await importPublicKey(privateKeyPem),
      signingKey: await importPrivateKey(privateKeyPem),
      signingAlgorithm: SIGNING_ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(usages, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectKeyIdentifierExtension(keyIdentifier(privateKeyPem)),
      ],
    }),
  );
  return { certificatePem, privateKeyPem };
}

/** Issues a certificate for an existing key; the key stays the caller's. */
export async function issueCertificate(
  authority: KeyAndCertificate,
  privateKeyPem: string,
  request: CertificateRequest,
  validity: Validity,
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const publicKey = await importPublicKey(privateKeyPem);
  const signingKey = await importPrivateKey(authority.privateKeyPem);
  const units = request.organizationalUnits.map((unit) => ({ OU: [unit] }));
  const parameters = {
    ...period(validity),
    subject: new x509.Name([...units, { CN: [request.commonName] }]),
    issuer: issuer.subjectName,
    publicKey,
    signingKey,
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: leafExtensions(authority, privateKeyPem, request),
  };
  return signLowS(async () => x509.X509CertificateGenerator.create({ ...parameters, serialNumber: newSerialNumber() }));
}

/**
 * The revocation list of an authority: signed by it and bound to its key, as Fabric's MSP wants it. It does not expire
 * before the authority does.
 */
export async function createRevocationList(
  authority: KeyAndCertificate,
  revoked: readonly { readonly serialNumber: string; readonly revokedAt: string }[],
  now: Date,
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const list = await x509.X509CrlGenerator.create({
    issuer: issuer.subjectName,
    thisUpdate: now,
    nextUpdate: issuer.notAfter,
    entries: revoked.map(({ serialNumber, revokedAt }) => ({ serialNumber, revocationDate: new Date(revokedAt) })),
    signingKey: await importPrivateKey(authority.privateKeyPem),
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: [new x509.AuthorityKeyIdentifierExtension(keyIdentifier(authority.privateKeyPem))],
  });
  // Nodes of Fabric know a list by this title (RFC 7468, section 5.4); the library writes another one.
  return `${x509.PemConverter.encode(list.rawData, 'X509 CRL')}\n`;
}

/** Whether a certificate is still good for another `days` days. */
export function isStillValid(certificatePem: string, validity: { readonly now: Date; readonly days: number }): boolean {
  const end = Date.parse(new X509Certificate(certificatePem).validTo);
  return end - validity.now.getTime() > validity.days * DAY_MS;
}

/** The serial number of a certificate, hexadecimal in lower case. */
export function serialNumberOf(certificatePem: string): string {
  return new X509Certificate(certificatePem).serialNumber.toLowerCase();
}

/** Whether a certificate was made for this private key. */
export function isCertificateOf(certificatePem: string, privateKeyPem: string): boolean {
  return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem));
}

function leafExtensions(
  authority: KeyAndCertificate,
  privateKeyPem: string,
  request: CertificateRequest,
): x509.Extension[] {
  const usages = x509.KeyUsageFlags.digitalSignature | (request.use === 'tls' ? x509.KeyUsageFlags.keyEncipherment : 0);
  const extensions: x509.Extension[] = [
    new x509.KeyUsagesExtension(usages, true),
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.SubjectKeyIdentifierExtension(keyIdentifier(privateKeyPem)),
    new x509.AuthorityKeyIdentifierExtension(keyIdentifier(authority.privateKeyPem)),
  ];
  if (request.use === 'tls') {
    extensions.push(
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
    );
  }
  if (request.hosts.length > 0) {
    extensions.push(
      new x509.SubjectAlternativeNameExtension(
        request.hosts.map((host) =>
          /^[0-9.]+$|:/.test(host) ? { type: 'ip' as const, value: host } : { type: 'dns' as const, value: host },
        ),
      ),
    );
  }
  if (Object.keys(request.attributes).length > 0) {
    const json = JSON.stringify({ attrs: request.attributes });
    extensions.push(new x509.Extension(ATTRIBUTES_OID, false, new TextEncoder().encode(json)));
  }
  return extensions;
}

/** Fabric rewrites certificates whose signature has a high S; so that bytes stay equal everywhere, only a low S leaves here. */
async function signLowS(sign: () => Promise<x509.X509Certificate>): Promise<string> {
  for (;;) {
    const certificate = await sign();
    if (hasLowS(Buffer.from(certificate.signature))) {
      return `${certificate.toString('pem')}\n`;
    }
  }
}

/** Reads S from an ECDSA signature, which is DER (a SEQUENCE of two short INTEGERs) or the plain 64 bytes of R and S. */
function hasLowS(signature: Buffer): boolean {
  const s = signature.length === 64 ? signature.subarray(32) : signature.subarray(4 + (signature[3] ?? 0) + 2);
  return BigInt(`0x${s.toString('hex')}`) <= CURVE_ORDER / 2n;
}

function period(validity: Validity): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(validity.now.getTime() - BACKDATE_MS);
  return { notBefore, notAfter: new Date(notBefore.getTime() + validity.days * DAY_MS) };
}

function newSerialNumber(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** The key identifier that Fabric's own tools use: SHA-256 over the uncompressed point. */
function keyIdentifier(privateKeyPem: string): string {
  const spki = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'der' });
  return createHash('sha256')
    .update(spki.subarray(spki.length - 65))
    .digest('hex');
}

async function importPrivateKey(privateKeyPem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(privateKeyPem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, SIGNING_ALGORITHM, false, ['sign']);
}

async function importPublicKey(privateKeyPem: string): Promise<webcrypto.CryptoKey> {
  const der = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'der' });
  return webcrypto.subtle.importKey('spki', der, SIGNING_ALGORITHM, true, ['verify']);
}
