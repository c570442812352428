/**
 * Certificates and revocation lists for the unit tests of this package, written with its own DER writer, so that tests
 * need no other library and can also make certificates that no authority would issue.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

import { sha256 } from '../common/bytes';
import { DER, writeElement, writeUnsigned } from '../common/der';
import { derToPem } from '../msp/certificate';
import { serializeIdentity } from '../msp/identity';
import { toLowS } from '../msp/low-s';

const OID = {
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  organizationalUnit: [0x55, 0x04, 0x0b],
  subjectKeyIdentifier: [0x55, 0x1d, 0x0e],
  keyUsage: [0x55, 0x1d, 0x0f],
  basicConstraints: [0x55, 0x1d, 0x13],
  authorityKeyIdentifier: [0x55, 0x1d, 0x23],
  fabricAttributes: [0x2a, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x01],
  unheard: [0x2a, 0x03, 0x63],
} as const;

const YEAR_SECONDS = 31_536_000;
/** 1 January 2026. */
export const TEST_TIME_SECONDS = 1_767_225_600;

function oid(bytes: readonly number[]): Uint8Array {
  return writeElement(DER.objectIdentifier, Uint8Array.from(bytes));
}

function utcTime(seconds: number): Uint8Array {
  const text = new Date(seconds * 1000).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return writeElement(DER.utcTime, Buffer.from(`${text}Z`));
}

function name(commonName: string, units: readonly string[]): Uint8Array {
  const part = (type: readonly number[], text: string): Uint8Array =>
    writeElement(DER.set, writeElement(DER.sequence, oid(type), writeElement(0x0c, Buffer.from(text))));
  return writeElement(
    DER.sequence,
    ...units.map((unit) => part(OID.organizationalUnit, unit)),
    part(OID.commonName, commonName),
  );
}

function extension(type: readonly number[], value: Uint8Array, critical = false): Uint8Array {
  const flag = critical ? [writeElement(DER.boolean, Uint8Array.of(0xff))] : [];
  return writeElement(DER.sequence, oid(type), ...flag, writeElement(DER.octetString, value));
}

function keyIdentifier(key: KeyObject): Uint8Array {
  return sha256(key.export({ type: 'spki', format: 'der' })).subarray(0, 20);
}

const ALGORITHM = writeElement(DER.sequence, oid(OID.ecdsaWithSha256));

function signed(body: Uint8Array, key: KeyObject, highS: boolean): Uint8Array {
  const low = toLowS(sign('sha256', body, key));
  const signature = highS ? mirrored(low) : low;
  return writeElement(DER.sequence, body, ALGORITHM, writeElement(DER.bitString, Uint8Array.of(0), signature));
}

/** The other valid form of a P-256 signature. */
export function mirrored(signature: Uint8Array): Uint8Array {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const bytes = Buffer.from(signature);
  const lengthR = bytes[3] ?? 0;
  const s = order - BigInt(`0x${bytes.subarray(6 + lengthR).toString('hex')}`);
  const r = writeUnsigned(bytes.subarray(4, 4 + lengthR));
  return writeElement(DER.sequence, r, writeUnsigned(Buffer.from(s.toString(16).padStart(64, '0'), 'hex')));
}

/** What a test wants in a certificate; everything has a plain default. */
export interface CertificateWish {
  readonly commonName?: string;
  readonly units?: readonly string[];
  readonly isCa?: boolean;
  readonly pathLengthMax?: number;
  readonly serial?: number;
  readonly notBeforeSeconds?: number;
  readonly notAfterSeconds?: number;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly unknownCritical?: boolean;
  readonly highS?: boolean;
  readonly withoutKeyIdentifier?: boolean;
}

/** A certificate with its private key. */
export class TestIdentity {
  readonly der: Uint8Array;
  readonly pem: Uint8Array;
  readonly serial: number;
  private readonly privateKey: KeyObject;
  private readonly subject: Uint8Array;
  private static serials = 1000;

  constructor(wish: CertificateWish, issuer: TestIdentity | undefined, key?: KeyObject) {
    this.privateKey = key ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    TestIdentity.serials += 1;
    this.serial = wish.serial ?? TestIdentity.serials;
    this.subject = name(wish.commonName ?? `subject ${this.serial}`, wish.units ?? []);
    const from = wish.notBeforeSeconds ?? TEST_TIME_SECONDS;
    const publicKey = createPublicKey(this.privateKey);
    const body = writeElement(
      DER.sequence,
      writeElement(DER.explicit0, writeUnsigned(Uint8Array.of(2))),
      writeUnsigned(Buffer.from(this.serial.toString(16).padStart(8, '0'), 'hex')),
      ALGORITHM,
      issuer?.subject ?? this.subject,
      writeElement(DER.sequence, utcTime(from), utcTime(wish.notAfterSeconds ?? from + YEAR_SECONDS)),
      this.subject,
      publicKey.export({ type: 'spki', format: 'der' }),
      writeElement(DER.explicit3, writeElement(DER.sequence, ...this.extensions(wish, issuer))),
    );
    this.der = signed(body, issuer?.privateKey ?? this.privateKey, wish.highS ?? false);
    this.pem = Uint8Array.from(Buffer.from(derToPem(this.der)));
  }

  /** The same key and fields under another signature form or issuer. */
  issue(wish: CertificateWish): TestIdentity {
    return new TestIdentity(wish, this);
  }

  /** A certificate of this identity's own key, by any issuer. */
  reissuedBy(issuer: TestIdentity, wish: CertificateWish): TestIdentity {
    return new TestIdentity(wish, issuer, createPrivateKey(this.privateKey.export({ type: 'pkcs8', format: 'pem' })));
  }

  serialized(mspId: string): Uint8Array {
    return serializeIdentity(mspId, this.pem);
  }

  sign(message: Uint8Array): Uint8Array {
    return toLowS(sign('sha256', message, this.privateKey));
  }

  /** A revocation list of this authority; another key may sign it, to make a false one. */
  revoke(serials: readonly number[], signer: TestIdentity = this): Uint8Array {
    const entries = serials.map((serial) =>
      writeElement(
        DER.sequence,
        writeUnsigned(Buffer.from(serial.toString(16).padStart(8, '0'), 'hex')),
        utcTime(TEST_TIME_SECONDS),
      ),
    );
    const body = writeElement(
      DER.sequence,
      writeUnsigned(Uint8Array.of(1)),
      ALGORITHM,
      this.subject,
      utcTime(TEST_TIME_SECONDS),
      utcTime(TEST_TIME_SECONDS + YEAR_SECONDS),
      ...(entries.length > 0 ? [writeElement(DER.sequence, ...entries)] : []),
      writeElement(DER.explicit0, writeElement(DER.sequence, this.authorityExtension())),
    );
    return Uint8Array.from(signed(body, signer.privateKey, false));
  }

  private authorityExtension(): Uint8Array {
    const identifier = keyIdentifier(createPublicKey(this.privateKey));
    return extension(OID.authorityKeyIdentifier, writeElement(DER.sequence, writeElement(DER.implicit0, identifier)));
  }

  private extensions(wish: CertificateWish, issuer: TestIdentity | undefined): Uint8Array[] {
    const limit = wish.pathLengthMax === undefined ? [] : [writeUnsigned(Uint8Array.of(wish.pathLengthMax))];
    const constraints = writeElement(
      DER.sequence,
      ...(wish.isCa === true ? [writeElement(DER.boolean, Uint8Array.of(0xff)), ...limit] : []),
    );
    const usage = writeElement(DER.bitString, wish.isCa === true ? Uint8Array.of(1, 0x06) : Uint8Array.of(7, 0x80));
    const own = writeElement(DER.octetString, keyIdentifier(createPublicKey(this.privateKey)));
    const attributes = Buffer.from(JSON.stringify({ attrs: wish.attributes ?? {} }));
    return [
      extension(OID.keyUsage, usage, true),
      extension(OID.basicConstraints, constraints, true),
      ...(wish.withoutKeyIdentifier === true ? [] : [extension(OID.subjectKeyIdentifier, own)]),
      ...(issuer === undefined ? [] : [issuer.authorityExtension()]),
      ...(wish.attributes === undefined ? [] : [extension(OID.fabricAttributes, attributes)]),
      ...(wish.unknownCritical === true ? [extension(OID.unheard, Uint8Array.of(5, 0), true)] : []),
    ];
  }
}

/** A self-signed authority. */
export function testAuthority(wish: CertificateWish = {}): TestIdentity {
  return new TestIdentity({ commonName: 'root', isCa: true, ...wish }, undefined);
}
