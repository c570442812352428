import fc from 'fast-check';
import { parseSignaturePolicy, policyMspIds, type PrincipalRole, type SignaturePolicy } from './signature-policy';

const roles: PrincipalRole[] = ['member', 'admin', 'client', 'peer', 'orderer'];

const policies: fc.Arbitrary<SignaturePolicy> = fc.letrec<{ policy: SignaturePolicy }>((tie) => ({
  policy: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      kind: fc.constant('signedBy' as const),
      mspId: fc.stringMatching(/^[A-Za-z0-9.-]{1,8}$/),
      role: fc.constantFrom(...roles),
    }),
    fc
      .array(tie('policy'), { minLength: 1, maxLength: 4 })
      .chain((rules) =>
        fc.integer({ min: 1, max: rules.length }).map((count) => ({ kind: 'outOf' as const, count, rules })),
      ),
  ),
})).policy;

function write(policy: SignaturePolicy): string {
  return policy.kind === 'signedBy'
    ? `'${policy.mspId}.${policy.role}'`
    : `OutOf(${policy.count}, ${policy.rules.map(write).join(' , ')})`;
}

describe('signature policies', () => {
  it('reads back every policy that it could be given', () => {
    fc.assert(fc.property(policies, (policy) => expect(parseSignaturePolicy(write(policy))).toEqual(policy)));
  });

  it('takes AND and OR as all and one of their rules, whatever their case', () => {
    const both = parseSignaturePolicy("and('A.peer', OR('B.peer','C.client'))");
    expect(both).toMatchObject({ kind: 'outOf', count: 2, rules: [{ mspId: 'A' }, { kind: 'outOf', count: 1 }] });
    expect(policyMspIds(both)).toEqual(['A', 'B', 'C']);
  });

  it.each([
    ['', 'expected AND, OR, OutOf'],
    ["AND('A.peer'", 'expected ")"'],
    ["'A.peer", 'a quote is not closed'],
    ["'A.boss'", 'not MSP.role'],
    ["'peer'", 'not MSP.role'],
    ["OutOf(0, 'A.peer')", 'OutOf asks for 0 of 1'],
    ["OutOf('A.peer')", 'OutOf starts with a number'],
    ["'A.peer' 'B.peer'", 'text after the end'],
    [`${'AND('.repeat(20)}'A.peer'${')'.repeat(20)}`, 'nest deeper'],
  ])('refuses %s and says where and why', (text, reason) => {
    expect(() => parseSignaturePolicy(text)).toThrow(reason);
    expect(() => parseSignaturePolicy(text)).toThrow(/at character [0-9]+/);
  });
});
