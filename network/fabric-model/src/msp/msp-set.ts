import { toHex } from '../common/bytes';
import { FabricModelError } from '../common/errors';
import type { Principal } from '../policy/types';
import type { Identity } from './identity';
import { readSerializedIdentity, type Msp } from './msp';

const CACHE_MAX = 2048;

/** The MSPs of a channel by id. Identities are parsed once per distinct bytes. */
export class MspSet {
  private readonly msps: ReadonlyMap<string, Msp>;
  private readonly identities = new Map<string, Identity>();

  constructor(msps: readonly Msp[]) {
    this.msps = new Map(msps.map((entry) => [entry.mspId, entry]));
  }

  ids(): readonly string[] {
    return [...this.msps.keys()];
  }

  get(mspId: string): Msp | undefined {
    return this.msps.get(mspId);
  }

  /** Reads an identity and checks its chain; throws MSP_UNKNOWN, MSP_IDENTITY_UNREADABLE, MSP_CHAIN_INVALID, …. */
  deserialize(serializedIdentity: Uint8Array): Identity {
    const name = toHex(serializedIdentity);
    const known = this.identities.get(name);
    if (known !== undefined) {
      return known;
    }
    const { mspId } = readSerializedIdentity(serializedIdentity);
    const identity = this.require(mspId).deserialize(serializedIdentity);
    if (this.identities.size >= CACHE_MAX) {
      this.identities.clear();
    }
    this.identities.set(name, identity);
    return identity;
  }

  /** Throws MSP_IDENTITY_INVALID; see Msp.validate. */
  validate(identity: Identity): void {
    this.require(identity.mspId).validate(identity);
  }

  satisfies(identity: Identity, principal: Principal): boolean {
    return this.msps.get(identity.mspId)?.satisfies(identity, principal) ?? false;
  }

  private require(mspId: string): Msp {
    const found = this.msps.get(mspId);
    if (found === undefined) {
      throw new FabricModelError('MSP_UNKNOWN', `MSP ${mspId} is not defined on the channel.`);
    }
    return found;
  }
}

/** Throws MSP_IDENTITY_EXPIRED when the certificate is past its end, or MSP_IDENTITY_NOT_YET_VALID before its start. */
export function assertNotExpired(identity: Identity, atSeconds: number): void {
  if (atSeconds > identity.notAfterSeconds) {
    throw new FabricModelError(
      'MSP_IDENTITY_EXPIRED',
      `The certificate (${identity.certificate.subjectText}) has expired.`,
    );
  }
  if (atSeconds < identity.notBeforeSeconds) {
    throw new FabricModelError(
      'MSP_IDENTITY_NOT_YET_VALID',
      `The certificate (${identity.certificate.subjectText}) is not yet valid.`,
    );
  }
}
