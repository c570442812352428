import { DER, objectIdentifierText, readElements, readOne } from '../common/der';
import { FabricModelError } from '../common/errors';

/** What this package uses of a certificate's extensions. */
export interface Extensions {
  readonly isCa: boolean;
  readonly pathLengthMax: number | undefined;
  /** undefined when the certificate has no key usage extension. */
  readonly mayCertify: boolean | undefined;
  /** Dotted extended key usages; undefined when the extension is absent. */
  readonly extendedKeyUsages: readonly string[] | undefined;
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  readonly authorityKeyIdentifier: Uint8Array | undefined;
  /** Attributes that a Fabric CA put into the certificate. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly unknownCritical: readonly string[];
}

const OID = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  fabricAttributes: '1.2.3.4.5.6.7.8.1',
} as const;

/** Critical extensions that Go's verifier handles or ignores safely: names, policies, distribution points. */
const TOLERATED_CRITICAL = new Set<string>([
  ...Object.values(OID),
  '2.5.29.17',
  '2.5.29.30',
  '2.5.29.31',
  '2.5.29.32',
  '1.3.6.1.5.5.7.1.1',
]);

const KEY_CERT_SIGN_BIT = 0x04;

interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

function extensionOf(content: Uint8Array): Extension {
  const [identifier, second, third] = readElements(content);
  const value = third ?? second;
  if (identifier?.tag !== DER.objectIdentifier || value?.tag !== DER.octetString) {
    throw new FabricModelError('CERTIFICATE_UNREADABLE', 'A certificate extension is malformed.');
  }
  const critical = third !== undefined && second?.tag === DER.boolean && second.content[0] === 0xff;
  return { oid: objectIdentifierText(identifier.content), critical, value: value.content };
}

function basicConstraints(value: Uint8Array | undefined): { isCa: boolean; pathLengthMax: number | undefined } {
  const parts = value === undefined ? [] : readElements(readOne(value, DER.sequence).content);
  const isCa = parts[0]?.tag === DER.boolean && parts[0].content[0] === 0xff;
  const limit = parts.find((part) => part.tag === DER.integer)?.content;
  return { isCa, pathLengthMax: limit === undefined ? undefined : Number(`0x${Buffer.from(limit).toString('hex')}`) };
}

function mayCertify(value: Uint8Array | undefined): boolean | undefined {
  if (value === undefined) {
    return undefined;
  }
  const bits = readOne(value, DER.bitString).content[1] ?? 0;
  return (bits & KEY_CERT_SIGN_BIT) !== 0;
}

/** Content of the key identifier of an authority key identifier extension, also used for revocation lists. */
export function authorityKey(value: Uint8Array): Uint8Array | undefined {
  return readElements(readOne(value, DER.sequence).content).find((part) => part.tag === DER.implicit0)?.content;
}

function attributesOf(value: Uint8Array | undefined): Record<string, string> {
  if (value === undefined) {
    return {};
  }
  const decoded: unknown = JSON.parse(Buffer.from(value).toString('utf8'));
  const attrs: unknown =
    typeof decoded === 'object' && decoded !== null && 'attrs' in decoded ? decoded.attrs : undefined;
  if (typeof attrs !== 'object' || attrs === null) {
    return {};
  }
  return Object.fromEntries(Object.entries(attrs).map(([name, text]) => [name, String(text)]));
}

/** All extensions of a revocation list or certificate, by dotted identifier. */
export function extensionMap(sequence: Uint8Array): ReadonlyMap<string, Extension> {
  return new Map(
    readElements(readOne(sequence, DER.sequence).content).map((element) => {
      const extension = extensionOf(element.content);
      return [extension.oid, extension];
    }),
  );
}

/** Reads the extensions of a certificate; sequence is undefined for a certificate without any. */
export function readExtensions(sequence: Uint8Array | undefined): Extensions {
  const map = sequence === undefined ? new Map<string, Extension>() : extensionMap(sequence);
  const valueOf = (oid: string): Uint8Array | undefined => map.get(oid)?.value;
  const subjectKey = valueOf(OID.subjectKeyIdentifier);
  const authority = valueOf(OID.authorityKeyIdentifier);
  const usages = valueOf(OID.extendedKeyUsage);
  return {
    ...basicConstraints(valueOf(OID.basicConstraints)),
    mayCertify: mayCertify(valueOf(OID.keyUsage)),
    extendedKeyUsages:
      usages === undefined
        ? undefined
        : readElements(readOne(usages, DER.sequence).content).map((usage) => objectIdentifierText(usage.content)),
    subjectKeyIdentifier: subjectKey === undefined ? undefined : readOne(subjectKey, DER.octetString).content,
    authorityKeyIdentifier: authority === undefined ? undefined : authorityKey(authority),
    attributes: attributesOf(valueOf(OID.fabricAttributes)),
    unknownCritical: [...map.values()].filter((e) => e.critical && !TOLERATED_CRITICAL.has(e.oid)).map((e) => e.oid),
  };
}
