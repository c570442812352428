import { msp } from '@hyperledger/fabric-protos';

import { equalBytes, sha256, toHex } from '../common/bytes';
import { decodeOr, FabricModelError } from '../common/errors';
import { decodeStrict } from '../common/schemas';
import type { Principal, PrincipalRole } from '../policy/types';
import { Certificate } from './certificate';
import { uniqueChain } from './chain';
import type { MspConfig, NodeRole } from './config';
import { Identity } from './identity';
import { RevocationList } from './revocation-list';

interface Unit {
  readonly unit: string;
  readonly certifiersIdentifier: Uint8Array | undefined;
}

const NODE_ROLES = ['client', 'peer', 'admin', 'orderer'] as const;

/** Splits the bytes of a SerializedIdentity; throws MSP_IDENTITY_UNREADABLE. */
export function readSerializedIdentity(bytes: Uint8Array): { readonly mspId: string; readonly pem: Uint8Array } {
  return decodeOr('MSP_IDENTITY_UNREADABLE', 'The serialised identity', () => {
    const message = decodeStrict('serializedIdentity', msp.SerializedIdentity, bytes);
    return { mspId: message.getMspid(), pem: message.getIdBytes_asU8() };
  });
}

/** The authority with its own signature in the lower half: the form in which a peer keeps it. */
function canonicalAuthority(
  authority: Certificate,
  roots: readonly Certificate[],
  intermediates: readonly Certificate[],
): Certificate {
  const issuer = authority.isIssuedBy(authority) ? authority : uniqueChain(authority, roots, intermediates)[1];
  return issuer === undefined ? authority : Certificate.fromDer(authority.canonicalDer(issuer));
}

/** One organisation's membership service provider: which certificates are its identities, and in which roles. */
export class Msp {
  readonly mspId: string;
  private readonly roots: readonly Certificate[];
  private readonly intermediates: readonly Certificate[];
  private readonly innerAuthorities: ReadonlySet<string>;
  private readonly revocationLists: readonly RevocationList[];
  private readonly requiredUnits: readonly Unit[];
  private readonly nodeUnits: ReadonlyMap<NodeRole, Unit>;
  private readonly enforceNodeOus: boolean;
  private readonly adminIdentifiers: ReadonlySet<string>;
  private readonly verdicts = new WeakMap<Identity, FabricModelError | 'valid'>();

  /** Sets the MSP up and checks its authorities as a peer does; throws MSP_CONFIG_INVALID or MSP_CHAIN_INVALID. */
  constructor(readonly config: MspConfig) {
    this.mspId = config.mspId;
    const roots = config.rootCertificates.map((pem) => Certificate.fromPem(pem));
    const intermediates = config.intermediateCertificates.map((pem) => Certificate.fromPem(pem));
    if (roots.length === 0) {
      throw new FabricModelError('MSP_CONFIG_INVALID', `MSP ${this.mspId} has no root certificate.`);
    }
    this.roots = roots.map((root) => canonicalAuthority(root, roots, intermediates));
    this.intermediates = intermediates.map((authority) => canonicalAuthority(authority, roots, intermediates));
    this.revocationLists = config.revocationLists.map((bytes) => RevocationList.parse(bytes));
    this.innerAuthorities = this.checkAuthorities();
    this.requiredUnits = config.organizationalUnits.map(({ unit, certificate }) => this.unit(unit, certificate));
    this.nodeUnits = this.readNodeUnits();
    this.enforceNodeOus = (config.nodeOus?.enabled ?? false) && this.nodeUnits.size > 0;
    this.adminIdentifiers = new Set(
      config.adminCertificates.map((pem) => this.fromPem(pem, new Uint8Array(0)).identifier),
    );
    if (this.adminIdentifiers.size === 0 && !(this.enforceNodeOus && this.nodeUnits.has('admin'))) {
      throw new FabricModelError('MSP_CONFIG_INVALID', `MSP ${this.mspId} names no administrators.`);
    }
  }

  /** Reads an identity of this MSP and checks its chain; throws MSP_IDENTITY_UNREADABLE, MSP_CHAIN_INVALID, …. */
  deserialize(serializedIdentity: Uint8Array): Identity {
    const { mspId, pem } = readSerializedIdentity(serializedIdentity);
    if (mspId !== this.mspId) {
      throw new FabricModelError('MSP_ID_MISMATCH', `Expected an identity of ${this.mspId} but it is of ${mspId}.`);
    }
    return this.fromPem(pem, serializedIdentity);
  }

  /**
   * Throws MSP_IDENTITY_INVALID when the identity is an authority, was certified by an authority that only certifies
   * authorities, is revoked, or has not exactly one role. Expiry is not judged here (assertNotExpired does).
   */
  validate(identity: Identity): void {
    let verdict = this.verdicts.get(identity);
    if (verdict === undefined) {
      const reason = this.reasonInvalid(identity);
      const sentence = `The identity (${identity.certificate.subjectText}) of ${this.mspId} ${reason ?? ''}.`;
      verdict = reason === undefined ? 'valid' : new FabricModelError('MSP_IDENTITY_INVALID', sentence);
      this.verdicts.set(identity, verdict);
    }
    if (verdict !== 'valid') {
      throw verdict;
    }
  }

  isValid(identity: Identity): boolean {
    try {
      this.validate(identity);
      return true;
    } catch {
      return false;
    }
  }

  /** Does the identity meet this principal (role, organisational unit, or exactly this certificate)? */
  satisfies(identity: Identity, principal: Principal): boolean {
    switch (principal.kind) {
      case 'role':
        return (
          principal.mspId === this.mspId && identity.mspId === this.mspId && this.hasRole(identity, principal.role)
        );
      case 'organizationUnit':
        return (
          principal.mspId === this.mspId &&
          this.isValid(identity) &&
          identity.organizationalUnits.includes(principal.unit) &&
          equalBytes(principal.certifiersIdentifier, identity.certifiersIdentifier)
        );
      case 'identity':
        return this.isSameIdentity(identity, principal.serializedIdentity);
    }
  }

  /** All roles of the identity: none when it is not valid. */
  rolesOf(identity: Identity): readonly PrincipalRole[] {
    return (['member', ...NODE_ROLES] as const).filter((role) => this.hasRole(identity, role));
  }

  private fromPem(pem: Uint8Array, serialized: Uint8Array): Identity {
    const [certificate, issuer, ...above] = uniqueChain(Certificate.fromPem(pem), this.roots, this.intermediates);
    if (issuer === undefined) {
      throw new FabricModelError('MSP_CHAIN_INVALID', 'A root authority cannot be used as an identity.');
    }
    return new Identity(this.mspId, serialized, [certificate, issuer, ...above]);
  }

  /** Checks the authorities and returns those (by bytes) that have authorities below them. */
  private checkAuthorities(): ReadonlySet<string> {
    const inner = new Set<string>();
    for (const authority of [...this.roots, ...this.intermediates]) {
      if (!authority.extensions.isCa || authority.extensions.subjectKeyIdentifier === undefined) {
        throw new FabricModelError(
          'MSP_CONFIG_INVALID',
          `A certificate of MSP ${this.mspId} (${authority.subjectText}) is not that of an authority.`,
        );
      }
      const [, ...above] = uniqueChain(authority, this.roots, this.intermediates);
      for (const parent of above) {
        inner.add(toHex(parent.der));
      }
    }
    return inner;
  }

  private unit(unit: string, certificatePem: Uint8Array | undefined): Unit {
    if (certificatePem === undefined || certificatePem.length === 0) {
      return { unit, certifiersIdentifier: undefined };
    }
    const certificate = canonicalAuthority(Certificate.fromPem(certificatePem), this.roots, this.intermediates);
    if (![...this.roots, ...this.intermediates].some((authority) => authority.equals(certificate))) {
      throw new FabricModelError('MSP_CONFIG_INVALID', `Unit ${unit} names an authority that MSP ${this.mspId} lacks.`);
    }
    const chain = uniqueChain(certificate, this.roots, this.intermediates);
    return { unit, certifiersIdentifier: sha256(...chain.map((authority) => authority.der)) };
  }

  private readNodeUnits(): ReadonlyMap<NodeRole, Unit> {
    const units = new Map<NodeRole, Unit>();
    for (const role of NODE_ROLES) {
      const unit = this.config.nodeOus?.[role];
      if (unit !== undefined) {
        units.set(role, this.unit(unit, this.config.nodeOus?.certificates?.[role]));
      }
    }
    return units;
  }

  private reasonInvalid(identity: Identity): string | undefined {
    const [certificate, issuer] = identity.chain;
    if (certificate.extensions.isCa) {
      return 'is a certificate authority';
    }
    if (this.innerAuthorities.has(toHex(issuer.der))) {
      return 'was certified by an authority that has authorities below it';
    }
    if (issuer.extensions.subjectKeyIdentifier === undefined) {
      return 'was certified by an authority without a key identifier';
    }
    if (this.revocationLists.some((list) => list.revokes(certificate, issuer))) {
      return 'has been revoked';
    }
    return this.reasonUnits(identity);
  }

  private reasonUnits(identity: Identity): string | undefined {
    const certified = (unit: Unit): boolean =>
      unit.certifiersIdentifier === undefined || equalBytes(unit.certifiersIdentifier, identity.certifiersIdentifier);
    const belongs = this.requiredUnits.some((u) => identity.organizationalUnits.includes(u.unit) && certified(u));
    if (this.requiredUnits.length > 0 && !belongs) {
      return 'belongs to none of the organisational units of the MSP';
    }
    if (!this.enforceNodeOus) {
      return undefined;
    }
    const units = [...this.nodeUnits.values()];
    const roles = identity.organizationalUnits.flatMap((name) => units.filter((unit) => unit.unit === name));
    if (roles.some((unit) => !certified(unit))) {
      return 'has its role from another authority than the MSP asks for';
    }
    return roles.length === 1 ? undefined : `has ${roles.length} roles where exactly one is needed`;
  }

  private hasRole(identity: Identity, role: PrincipalRole): boolean {
    if (role === 'admin' && this.adminIdentifiers.has(identity.identifier)) {
      return true;
    }
    if (!this.isValid(identity)) {
      return false;
    }
    if (role === 'member') {
      return true;
    }
    const unit = this.nodeUnits.get(role);
    return this.enforceNodeOus && unit !== undefined && identity.organizationalUnits.includes(unit.unit);
  }

  private isSameIdentity(identity: Identity, serialized: Uint8Array): boolean {
    try {
      const wanted = this.deserialize(serialized);
      return equalBytes(wanted.certificateDer, identity.certificateDer) && this.isValid(wanted);
    } catch {
      return false;
    }
  }
}
