import { parseSignaturePolicy, policyMspIds, type PrincipalRole, type SignaturePolicy } from '@flexledger/topology';
import { common, msp, peer } from '@hyperledger/fabric-protos';

/** The three rules of an implicit policy over the policies of the groups below. */
export type ImplicitRule = 'ANY' | 'ALL' | 'MAJORITY';

const ROLE_TYPES: Readonly<Record<PrincipalRole, msp.MSPRole.MSPRoleTypeMap[keyof msp.MSPRole.MSPRoleTypeMap]>> = {
  member: msp.MSPRole.MSPRoleType.MEMBER,
  admin: msp.MSPRole.MSPRoleType.ADMIN,
  client: msp.MSPRole.MSPRoleType.CLIENT,
  peer: msp.MSPRole.MSPRoleType.PEER,
  orderer: msp.MSPRole.MSPRoleType.ORDERER,
};

/** A channel policy that looks at the same-named policy of each group below. */
export function implicitPolicy(rule: ImplicitRule, subPolicy: string): common.Policy {
  const meta = new common.ImplicitMetaPolicy();
  meta.setRule(common.ImplicitMetaPolicy.Rule[rule]);
  meta.setSubPolicy(subPolicy);
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.IMPLICIT_META);
  policy.setValue(meta.serializeBinary());
  return policy;
}

/** A channel policy from a signature policy text. */
export function signaturePolicy(text: string): common.Policy {
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.SIGNATURE);
  policy.setValue(signaturePolicyEnvelope(text).serializeBinary());
  return policy;
}

/** The protobuf form of a signature policy text; each principal stands in it once. */
export function signaturePolicyEnvelope(text: string): common.SignaturePolicyEnvelope {
  const principals: msp.MSPPrincipal[] = [];
  const known = new Map<string, number>();
  const rule = compile(parseSignaturePolicy(text), (mspId, role) => {
    const key = `${mspId}.${role}`;
    const index = known.get(key) ?? principals.push(rolePrincipal(mspId, role)) - 1;
    known.set(key, index);
    return index;
  });
  const envelope = new common.SignaturePolicyEnvelope();
  envelope.setVersion(0);
  envelope.setRule(rule);
  envelope.setIdentitiesList(principals);
  return envelope;
}

/** The validation parameter of a chaincode definition: the policy text, or nothing for the channel's default. */
export function applicationPolicy(text: string): peer.ApplicationPolicy | undefined {
  if (text === '') {
    return undefined;
  }
  const policy = new peer.ApplicationPolicy();
  policy.setSignaturePolicy(signaturePolicyEnvelope(text));
  return policy;
}

/** The MSP ids that a policy text names. */
export function mspIdsOf(text: string): string[] {
  return policyMspIds(parseSignaturePolicy(text));
}

function compile(
  policy: SignaturePolicy,
  indexOf: (mspId: string, role: PrincipalRole) => number,
): common.SignaturePolicy {
  const compiled = new common.SignaturePolicy();
  if (policy.kind === 'signedBy') {
    compiled.setSignedBy(indexOf(policy.mspId, policy.role));
    return compiled;
  }
  const outOf = new common.SignaturePolicy.NOutOf();
  outOf.setN(policy.count);
  outOf.setRulesList(policy.rules.map((rule) => compile(rule, indexOf)));
  compiled.setNOutOf(outOf);
  return compiled;
}

function rolePrincipal(mspId: string, role: PrincipalRole): msp.MSPPrincipal {
  const mspRole = new msp.MSPRole();
  mspRole.setMspIdentifier(mspId);
  mspRole.setRole(ROLE_TYPES[role]);
  const principal = new msp.MSPPrincipal();
  principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
  principal.setPrincipal(mspRole.serializeBinary());
  return principal;
}
