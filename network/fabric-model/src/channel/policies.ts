import { common } from '@hyperledger/fabric-protos';

import { FabricModelError } from '../common/errors';
import { compareKeys } from '../common/keys';
import type { Identity } from '../msp/identity';
import type { MspSet } from '../msp/msp-set';
import { decodeSignaturePolicy } from '../policy/encode';
import { evaluateSignaturePolicy } from '../policy/evaluate';
import type { ChannelPolicy, ImplicitRule, Principal, SignaturePolicy, SignatureRule } from '../policy/types';

const RULES: readonly ImplicitRule[] = ['ANY', 'ALL', 'MAJORITY'];

/** One group of a channel's configuration with its policies and the groups below it. */
interface PolicyGroup {
  readonly policies: ReadonlyMap<string, ChannelPolicy>;
  readonly groups: ReadonlyMap<string, PolicyGroup>;
}

function policyOf(message: common.Policy): ChannelPolicy {
  const value = message.getValue_asU8();
  if (message.getType() === common.Policy.PolicyType.IMPLICIT_META) {
    const meta = common.ImplicitMetaPolicy.deserializeBinary(value);
    return { kind: 'implicitMeta', rule: RULES[meta.getRule()] ?? 'ALL', subPolicy: meta.getSubPolicy() };
  }
  if (message.getType() === common.Policy.PolicyType.SIGNATURE) {
    return { kind: 'signature', policy: decodeSignaturePolicy(value) };
  }
  throw new FabricModelError('CONFIG_POLICY_UNSUPPORTED', `Policies of type ${message.getType()} are not modelled.`);
}

function groupOf(message: common.ConfigGroup): PolicyGroup {
  const policies = new Map<string, ChannelPolicy>();
  message.getPoliciesMap().forEach((entry, name) => {
    const policy = entry.getPolicy();
    if (policy !== undefined) {
      policies.set(name, policyOf(policy));
    }
  });
  const groups = new Map<string, PolicyGroup>();
  message.getGroupsMap().forEach((entry, name) => {
    groups.set(name, groupOf(entry));
  });
  return { policies, groups };
}

function threshold(rule: ImplicitRule, count: number): number {
  if (count === 0) {
    return 0;
  }
  if (rule === 'ANY') {
    return 1;
  }
  return rule === 'ALL' ? count : Math.floor(count / 2) + 1;
}

/** Never holds: stands for a policy that a group does not have. */
const NEVER: SignaturePolicy = { version: 0, rule: { kind: 'outOf', count: 1, rules: [] }, principals: [] };

function shifted(rule: SignatureRule, by: number): SignatureRule {
  return rule.kind === 'signedBy'
    ? { kind: 'signedBy', principalIndex: rule.principalIndex + by }
    : { ...rule, rules: rule.rules.map((inner) => shifted(inner, by)) };
}

/** All policies of a channel by path, e.g. /Channel/Application/Endorsement. */
export class ChannelPolicies {
  private readonly root: PolicyGroup;

  constructor(channelGroup: common.ConfigGroup) {
    this.root = { policies: new Map(), groups: new Map([['Channel', groupOf(channelGroup)]]) };
  }

  get(path: string): ChannelPolicy | undefined {
    const { group, name } = this.find(path);
    return group?.policies.get(name);
  }

  /** Do these distinct identities, whose signatures were checked, satisfy the policy? False when there is none. */
  evaluate(path: string, identities: readonly Identity[], msps: MspSet): boolean {
    const { group, name } = this.find(path);
    return group !== undefined && evaluateIn(group, name, identities, msps);
  }

  /** The policy written as one signature policy; implicit meta policies become thresholds over the groups below. */
  asSignaturePolicy(path: string): SignaturePolicy | undefined {
    const { group, name } = this.find(path);
    return group?.policies.has(name) === true ? convert(group, name) : undefined;
  }

  private find(path: string): { readonly group: PolicyGroup | undefined; readonly name: string } {
    const parts = path.split('/').filter((part) => part !== '');
    const name = parts.pop() ?? '';
    let group: PolicyGroup | undefined = this.root;
    for (const part of parts) {
      group = group?.groups.get(part);
    }
    return { group, name };
  }
}

function evaluateIn(group: PolicyGroup, name: string, identities: readonly Identity[], msps: MspSet): boolean {
  const policy = group.policies.get(name);
  if (policy === undefined) {
    return false;
  }
  if (policy.kind === 'signature') {
    const satisfies = (identity: Identity, principal: Principal): boolean => msps.satisfies(identity, principal);
    return evaluateSignaturePolicy(policy.policy, identities, satisfies);
  }
  const subGroups = [...group.groups.values()];
  const held = subGroups.filter((sub) => evaluateIn(sub, policy.subPolicy, identities, msps)).length;
  return held >= threshold(policy.rule, subGroups.length);
}

function convert(group: PolicyGroup, name: string): SignaturePolicy {
  const policy = group.policies.get(name);
  if (policy === undefined) {
    return NEVER;
  }
  if (policy.kind === 'signature') {
    return policy.policy;
  }
  const subGroups = [...group.groups].sort(([left], [right]) => compareKeys(left, right));
  const principals: Principal[] = [];
  const rules = subGroups.map(([, sub]) => {
    const converted = convert(sub, policy.subPolicy);
    const rule = shifted(converted.rule, principals.length);
    principals.push(...converted.principals);
    return rule;
  });
  return { version: 0, rule: { kind: 'outOf', count: threshold(policy.rule, rules.length), rules }, principals };
}
