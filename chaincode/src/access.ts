import { roles, RuleError, type AnyTransactionSpec, type Governance, type Role } from '@flexledger/domain';

/** Who sends a transaction, as the peer has verified it. */
export interface Caller {
  readonly mspId: string;
  /** What the certificate's attribute `role` names; undefined where it is absent or names no role. */
  readonly role: Role | undefined;
}

/** The part of the shim's client identity that is used. */
export interface Certificate {
  getMSPID(): string;
  getAttributeValue(name: string): string | null;
}

/** Reads the caller from the certificate; nothing that the request says can change it. */
export function callerOf(certificate: Certificate): Caller {
  const named = certificate.getAttributeValue('role');
  return { mspId: certificate.getMSPID(), role: roles.find((role) => role === named) };
}

/**
 * Refuses a caller that may not send a transaction: its certificate must name a role that the transaction allows, and governance
 * must have given that role to its organisation. Before the founding only what founds the consortium is allowed.
 */
export function authorise(spec: AnyTransactionSpec, caller: Caller, governance: Governance | undefined): void {
  if (spec.mode === 'evaluate' && spec.roles === 'anyone') {
    return;
  }
  if (governance === undefined && !spec.founding) {
    throw new RuleError('ACCESS_NOT_BOOTSTRAPPED');
  }
  const role = caller.role;
  if (role === undefined) {
    throw new RuleError('ACCESS_ROLE_MISSING', { mspId: caller.mspId });
  }
  if (spec.roles !== 'anyone' && !spec.roles.includes(role)) {
    throw new RuleError('ACCESS_ROLE_REFUSED', { role, transaction: spec.name });
  }
  // Before the founding the rule of the transaction itself asks whether the proposal names the organisation.
  if (governance !== undefined && !holdsRole(governance, caller.mspId, role)) {
    throw new RuleError('ACCESS_ORGANISATION_REFUSED', { mspId: caller.mspId, role });
  }
}

function holdsRole(governance: Governance, mspId: string, role: Role): boolean {
  return governance.roles.some((grant) => grant.role === role && grant.mspIds.includes(mspId));
}
