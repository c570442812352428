import { FabricModelError } from '../common/errors';
import { compareKeys } from '../common/keys';
import type { SignaturePolicy, SignatureRule } from './types';

/** How many peers of which MSP sign: mspId -> number of signatures. */
export type EndorsementLayout = ReadonlyMap<string, number>;

/** More ways than any consortium needs; finding the minimal ones takes time with the square of their number. */
const LAYOUTS_MAX = 1024;

function merge(left: EndorsementLayout, right: EndorsementLayout): EndorsementLayout {
  const merged = new Map(left);
  for (const [mspId, count] of right) {
    merged.set(mspId, (merged.get(mspId) ?? 0) + count);
  }
  return merged;
}

function textOf(layout: EndorsementLayout): string {
  return JSON.stringify([...layout].sort(([left], [right]) => compareKeys(left, right)));
}

function sizeOf(layout: EndorsementLayout): number {
  return [...layout.values()].reduce((sum, count) => sum + count, 0);
}

function covers(larger: EndorsementLayout, smaller: EndorsementLayout): boolean {
  return [...smaller].every(([mspId, count]) => (larger.get(mspId) ?? 0) >= count);
}

/** Drops layouts that need all that another one needs; sorted by size, then by text. */
function minimal(layouts: readonly EndorsementLayout[]): EndorsementLayout[] {
  const distinct = bounded([...new Map(layouts.map((layout) => [textOf(layout), layout])).entries()])
    .sort(([leftText, left], [rightText, right]) => sizeOf(left) - sizeOf(right) || compareKeys(leftText, rightText))
    .map(([, layout]) => layout);
  const kept: EndorsementLayout[] = [];
  for (const layout of distinct) {
    if (!kept.some((smaller) => covers(layout, smaller))) {
      kept.push(layout);
    }
  }
  return kept;
}

function bounded<T>(layouts: T[]): T[] {
  if (layouts.length > LAYOUTS_MAX) {
    throw new FabricModelError('POLICY_TOO_COMPLEX', `The policy can be met in more than ${LAYOUTS_MAX} ways.`);
  }
  return layouts;
}

function layoutsOfPrincipal(policy: SignaturePolicy, index: number): EndorsementLayout[] {
  const principal = policy.principals[index];
  if (principal?.kind === 'role' && (principal.role === 'peer' || principal.role === 'member')) {
    return [new Map([[principal.mspId, 1]])];
  }
  return principal?.kind === 'organizationUnit' ? [new Map([[principal.mspId, 1]])] : [];
}

function layoutsOf(policy: SignaturePolicy, rule: SignatureRule): EndorsementLayout[] {
  if (rule.kind === 'signedBy') {
    return layoutsOfPrincipal(policy, rule.principalIndex);
  }
  // reached[n] holds the ways to have met n of the rules seen so far.
  const reached: EndorsementLayout[][] = Array.from({ length: rule.count + 1 }, () => []);
  reached[0] = [new Map()];
  for (const inner of rule.rules) {
    const ways = layoutsOf(policy, inner);
    for (let count = rule.count; count > 0; count -= 1) {
      const added = (reached[count - 1] ?? []).flatMap((before) => ways.map((way) => merge(before, way)));
      reached[count] = minimal([...(reached[count] ?? []), ...added]);
    }
  }
  return reached[rule.count] ?? [];
}

/**
 * The minimal sets of peers, counted by MSP, whose endorsements satisfy the policy; smallest first. Principals that no
 * peer can have (client, admin, orderer, one identity) contribute nothing. Throws POLICY_TOO_COMPLEX.
 */
export function endorsementLayouts(policy: SignaturePolicy): readonly EndorsementLayout[] {
  return minimal(layoutsOf(policy, policy.rule));
}
