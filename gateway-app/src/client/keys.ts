import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { participantIdOf, type ParticipantId } from '@flexledger/domain';
import { signRaw } from './p256';

/** A P-256 key pair of a participant or meter, able to sign what the contracts verify. */
export class SigningKey {
  readonly #privateKey: KeyObject;
  /** SPKI DER, base64url without padding, as the ledger stores it. */
  readonly publicKey: string;
  /** The address of the public key, which is the participant's id. */
  readonly address: ParticipantId;

  constructor(privateKey: KeyObject) {
    const { asymmetricKeyType, asymmetricKeyDetails } = privateKey;
    if (asymmetricKeyType !== 'ec' || asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
      throw new TypeError('a signing key must be a P-256 private key');
    }
    const der = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    this.#privateKey = privateKey;
    this.publicKey = der.toString('base64url');
    this.address = participantIdOf(der);
  }

  /** A new key from the system's randomness. */
  static generate(): SigningKey {
    return new SigningKey(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey);
  }

  /** @throws TypeError when the text is no P-256 private key */
  static fromPem(pem: string): SigningKey {
    return new SigningKey(createPrivateKey(pem));
  }

  /** PKCS #8, for the key store only. */
  toPem(): string {
    return this.#privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /** ECDSA over SHA-256 of these bytes: raw r || s, low s, base64url. */
  sign(message: Uint8Array): string {
    return Buffer.from(signRaw(message, this.#privateKey)).toString('base64url');
  }
}

/** Keys as PKCS #8 files that only their owner may read (mode 0600 in a folder of mode 0700). */
export class FileKeyStore {
  readonly #directory: string;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
    this.#directory = directory;
  }

  /** Writes beside the target first and renames, so that a crash leaves the old key or the new one, never half of one. */
  save(name: string, key: SigningKey): void {
    const path = this.#path(name);
    const temporary = `${path}.new`;
    writeFileSync(temporary, key.toPem(), { mode: 0o600, flush: true });
    chmodSync(temporary, 0o600);
    renameSync(temporary, path);
  }

  /** Whether there is a key of this name. */
  has(name: string): boolean {
    return existsSync(this.#path(name));
  }

  /** @throws Error when the file is absent, no key, or readable by others than its owner */
  load(name: string): SigningKey {
    const path = this.#path(name);
    const mode = statSync(path).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      throw new Error(`key file ${name} can be read by others (mode ${mode.toString(8)}); set it to 600`);
    }
    return SigningKey.fromPem(readFileSync(path, 'utf8'));
  }

  #path(name: string): string {
    if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) {
      throw new RangeError(`no name for a key: ${JSON.stringify(name)}`);
    }
    return join(this.#directory, `${name}.pem`);
  }
}
