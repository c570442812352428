import { FabricModelError } from '../common/errors';
import type { Principal, SignaturePolicy, SignatureRule } from './types';

/**
 * Evaluates a signature policy as Fabric does: every identity counts once, gates try their rules in order, a rule that
 * fails gives its identities back, and there is no other backtracking (so the order of identities can matter).
 * The identities must already be distinct and their signatures checked. Throws POLICY_INVALID.
 */
export function evaluateSignaturePolicy<T>(
  policy: SignaturePolicy,
  identities: readonly T[],
  satisfies: (identity: T, principal: Principal) => boolean,
): boolean {
  if (policy.version !== 0) {
    throw new FabricModelError('POLICY_INVALID', `Policy version ${policy.version} is not understood.`);
  }
  const used = new Set<number>();
  return holds(policy, policy.rule, identities, satisfies, used);
}

function holds<T>(
  policy: SignaturePolicy,
  rule: SignatureRule,
  identities: readonly T[],
  satisfies: (identity: T, principal: Principal) => boolean,
  used: Set<number>,
): boolean {
  if (rule.kind === 'signedBy') {
    const principal = policy.principals[rule.principalIndex];
    if (principal === undefined) {
      throw new FabricModelError(
        'POLICY_INVALID',
        `The policy names principal ${rule.principalIndex}, which is absent.`,
      );
    }
    const index = identities.findIndex((identity, at) => !used.has(at) && satisfies(identity, principal));
    if (index >= 0) {
      used.add(index);
    }
    return index >= 0;
  }
  let verified = 0;
  for (const inner of rule.rules) {
    const attempt = new Set(used);
    if (holds(policy, inner, identities, satisfies, attempt)) {
      verified += 1;
      for (const index of attempt) {
        used.add(index);
      }
    }
  }
  return verified >= rule.count;
}
