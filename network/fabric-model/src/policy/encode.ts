import { common, msp, peer } from '@hyperledger/fabric-protos';

import { decodeOr, FabricModelError } from '../common/errors';
import type { ApplicationPolicy, Principal, PrincipalRole, SignaturePolicy, SignatureRule } from './types';

const ROLES = ['member', 'admin', 'client', 'peer', 'orderer'] as const;
const { MSPPrincipal } = msp;

function principalMessage(principal: Principal): InstanceType<typeof MSPPrincipal> {
  const message = new MSPPrincipal();
  switch (principal.kind) {
    case 'role': {
      const role = new msp.MSPRole();
      role.setMspIdentifier(principal.mspId);
      role.setRole(roleNumber(principal.role));
      message.setPrincipalClassification(MSPPrincipal.Classification.ROLE);
      message.setPrincipal(role.serializeBinary());
      return message;
    }
    case 'organizationUnit': {
      const unit = new msp.OrganizationUnit();
      unit.setMspIdentifier(principal.mspId);
      unit.setOrganizationalUnitIdentifier(principal.unit);
      unit.setCertifiersIdentifier(principal.certifiersIdentifier);
      message.setPrincipalClassification(MSPPrincipal.Classification.ORGANIZATION_UNIT);
      message.setPrincipal(unit.serializeBinary());
      return message;
    }
    case 'identity':
      message.setPrincipalClassification(MSPPrincipal.Classification.IDENTITY);
      message.setPrincipal(principal.serializedIdentity);
      return message;
  }
}

function roleNumber(role: PrincipalRole): 0 | 1 | 2 | 3 | 4 {
  return ROLES.indexOf(role) as 0 | 1 | 2 | 3 | 4;
}

function unsupported(what: string): never {
  throw new FabricModelError('POLICY_PRINCIPAL_UNSUPPORTED', `A principal ${what} is not modelled.`);
}

function principalOf(message: InstanceType<typeof MSPPrincipal>): Principal {
  const bytes = message.getPrincipal_asU8();
  const classification = message.getPrincipalClassification();
  switch (classification) {
    case MSPPrincipal.Classification.ROLE: {
      const decoded = msp.MSPRole.deserializeBinary(bytes);
      const role = ROLES[decoded.getRole()];
      return role === undefined
        ? unsupported(`of role ${decoded.getRole()}`)
        : { kind: 'role', mspId: decoded.getMspIdentifier(), role };
    }
    case MSPPrincipal.Classification.ORGANIZATION_UNIT: {
      const decoded = msp.OrganizationUnit.deserializeBinary(bytes);
      return {
        kind: 'organizationUnit',
        mspId: decoded.getMspIdentifier(),
        unit: decoded.getOrganizationalUnitIdentifier(),
        certifiersIdentifier: decoded.getCertifiersIdentifier_asU8(),
      };
    }
    case MSPPrincipal.Classification.IDENTITY:
      return { kind: 'identity', serializedIdentity: bytes };
    default:
      return unsupported(`of class ${classification}`);
  }
}

type RuleMessage = InstanceType<typeof common.SignaturePolicy>;

function ruleMessage(rule: SignatureRule): RuleMessage {
  const message = new common.SignaturePolicy();
  if (rule.kind === 'signedBy') {
    message.setSignedBy(rule.principalIndex);
    return message;
  }
  const outOf = new common.SignaturePolicy.NOutOf();
  outOf.setN(rule.count);
  outOf.setRulesList(rule.rules.map(ruleMessage));
  message.setNOutOf(outOf);
  return message;
}

function ruleOf(message: RuleMessage | undefined): SignatureRule {
  const outOf = message?.getNOutOf();
  if (outOf !== undefined) {
    return { kind: 'outOf', count: outOf.getN(), rules: outOf.getRulesList().map(ruleOf) };
  }
  if (message?.getTypeCase() !== common.SignaturePolicy.TypeCase.SIGNED_BY) {
    throw new FabricModelError('POLICY_INVALID', 'The policy has an empty rule.');
  }
  return { kind: 'signedBy', principalIndex: message.getSignedBy() };
}

/** The protobuf message of a signature policy. */
export function signaturePolicyMessage(policy: SignaturePolicy): common.SignaturePolicyEnvelope {
  const message = new common.SignaturePolicyEnvelope();
  message.setVersion(policy.version);
  message.setRule(ruleMessage(policy.rule));
  message.setIdentitiesList(policy.principals.map(principalMessage));
  return message;
}

/** A signature policy from its protobuf message; throws POLICY_INVALID. */
export function signaturePolicyOf(message: common.SignaturePolicyEnvelope): SignaturePolicy {
  return {
    version: message.getVersion(),
    rule: ruleOf(message.getRule()),
    principals: message.getIdentitiesList().map(principalOf),
  };
}

/** Bytes of a SignaturePolicyEnvelope. */
export function encodeSignaturePolicy(policy: SignaturePolicy): Uint8Array {
  return signaturePolicyMessage(policy).serializeBinary();
}

/** Reads the bytes of a SignaturePolicyEnvelope; throws POLICY_INVALID. */
export function decodeSignaturePolicy(bytes: Uint8Array): SignaturePolicy {
  return decodeOr('POLICY_INVALID', 'The signature policy', () =>
    signaturePolicyOf(common.SignaturePolicyEnvelope.deserializeBinary(bytes)),
  );
}

/** The protobuf message of an application policy. */
export function applicationPolicyMessage(policy: ApplicationPolicy): peer.ApplicationPolicy {
  const message = new peer.ApplicationPolicy();
  if (policy.kind === 'signature') {
    message.setSignaturePolicy(signaturePolicyMessage(policy.policy));
  } else {
    message.setChannelConfigPolicyReference(policy.reference);
  }
  return message;
}

/** An application policy from its protobuf message; throws POLICY_INVALID. */
export function applicationPolicyOf(message: peer.ApplicationPolicy): ApplicationPolicy {
  const signature = message.getSignaturePolicy();
  if (signature !== undefined) {
    return { kind: 'signature', policy: signaturePolicyOf(signature) };
  }
  if (message.getTypeCase() !== peer.ApplicationPolicy.TypeCase.CHANNEL_CONFIG_POLICY_REFERENCE) {
    throw new FabricModelError('POLICY_INVALID', 'The application policy is empty.');
  }
  return { kind: 'channel', reference: message.getChannelConfigPolicyReference() };
}

/** Bytes of an ApplicationPolicy. */
export function encodeApplicationPolicy(policy: ApplicationPolicy): Uint8Array {
  return applicationPolicyMessage(policy).serializeBinary();
}

/** Reads the bytes of an ApplicationPolicy; throws POLICY_INVALID. */
export function decodeApplicationPolicy(bytes: Uint8Array): ApplicationPolicy {
  return decodeOr('POLICY_INVALID', 'The application policy', () =>
    applicationPolicyOf(peer.ApplicationPolicy.deserializeBinary(bytes)),
  );
}
