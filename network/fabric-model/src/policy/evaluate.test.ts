import fc from 'fast-check';

import { evaluateSignaturePolicy } from './evaluate';
import { endorsementLayouts } from './layouts';
import { parseSignaturePolicy } from './text';
import type { Principal, SignaturePolicy, SignatureRule } from './types';

jest.setTimeout(60_000);

const satisfies = (identity: string, principal: Principal): boolean =>
  principal.kind === 'role' && identity.startsWith(`${principal.mspId}#`);

function holds(text: string, ...identities: string[]): boolean {
  return evaluateSignaturePolicy(parseSignaturePolicy(text), identities, satisfies);
}

/** Is there any way to give each signature to at most one place of the policy so that it holds? */
function bruteForce(policy: SignaturePolicy, identities: readonly string[]): boolean {
  const ways = (rule: SignatureRule, free: ReadonlySet<number>): ReadonlySet<number>[] => {
    if (rule.kind === 'signedBy') {
      const principal = policy.principals[rule.principalIndex]!;
      return [...free]
        .filter((index) => satisfies(identities[index]!, principal))
        .map((index) => new Set([...free].filter((other) => other !== index)));
    }
    let reached: { readonly met: number; readonly free: ReadonlySet<number> }[] = [{ met: 0, free }];
    for (const inner of rule.rules) {
      reached = reached.flatMap((state) => [
        state,
        ...ways(inner, state.free).map((left) => ({ met: state.met + 1, free: left })),
      ]);
    }
    return reached.filter((state) => state.met >= rule.count).map((state) => state.free);
  };
  return ways(policy.rule, new Set(identities.keys())).length > 0;
}

const flatPolicy = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.array(fc.constantFrom('A', 'B', 'C'), { minLength: 1, maxLength: 4 }))
  .filter(([count, msps]) => count <= msps.length)
  .map(([count, msps]) => `OutOf(${count}, ${msps.map((mspId) => `'${mspId}.peer'`).join(', ')})`);
const nestedPolicy = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.array(flatPolicy, { minLength: 1, maxLength: 3 }))
  .filter(([count, gates]) => count <= gates.length)
  .map(([count, gates]) => `OutOf(${count}, ${gates.join(', ')})`);
const signatures = fc.uniqueArray(
  fc.tuple(fc.constantFrom('A', 'B', 'C'), fc.integer({ min: 0, max: 2 })).map(([mspId, n]) => `${mspId}#${n}`),
  { maxLength: 5 },
);

describe('a signature policy', () => {
  it('needs as many signatures as its gates say', () => {
    expect(holds("AND('A.peer', 'B.peer')", 'A#1', 'B#1')).toBe(true);
    expect(holds("AND('A.peer', 'B.peer')", 'A#1')).toBe(false);
    expect(holds("OR('A.peer', 'B.peer')", 'B#1')).toBe(true);
    expect(holds("OR('A.peer', 'B.peer')", 'C#1')).toBe(false);
    expect(holds("OutOf(2, 'A.peer', 'B.peer', 'C.peer')", 'C#1', 'A#1')).toBe(true);
    expect(holds("OutOf(2, 'A.peer', 'B.peer', 'C.peer')", 'C#1', 'C#2')).toBe(false);
    expect(holds("OutOf(0, 'A.peer')")).toBe(true);
    expect(holds("OutOf(2, 'A.peer')", 'A#1', 'A#2')).toBe(false);
  });

  it('uses every signature once', () => {
    expect(holds("AND('A.peer', 'A.peer')", 'A#1')).toBe(false);
    expect(holds("AND('A.peer', 'A.peer')", 'A#1', 'A#2')).toBe(true);
    expect(holds("AND(OR('A.peer', 'B.peer'), 'A.peer')", 'A#1')).toBe(false);
  });

  it('gives back the signatures of a gate that fails', () => {
    expect(holds("OR(AND('A.peer', 'B.peer'), 'A.peer')", 'A#1')).toBe(true);
  });

  it('takes signatures greedily, as Fabric does: a gate keeps more than it needs', () => {
    // The first OR takes both signatures, so that nothing is left for the second place.
    expect(holds("AND(OR('A.peer', 'B.peer'), 'B.peer')", 'A#1', 'B#1')).toBe(false);
    expect(bruteForce(parseSignaturePolicy("AND(OR('A.peer', 'B.peer'), 'B.peer')"), ['A#1', 'B#1'])).toBe(true);
    expect(holds("AND('B.peer', OR('A.peer', 'B.peer'))", 'A#1', 'B#1')).toBe(true);
  });

  it('never holds where no assignment of signatures exists, and one gate holds exactly where one exists', () => {
    fc.assert(
      fc.property(fc.oneof(flatPolicy, nestedPolicy), signatures, (text, identities) => {
        const policy = parseSignaturePolicy(text);
        const held = evaluateSignaturePolicy(policy, identities, satisfies);
        expect(held && !bruteForce(policy, identities)).toBe(false);
      }),
    );
    fc.assert(
      fc.property(flatPolicy, signatures, (text, identities) => {
        const policy = parseSignaturePolicy(text);
        expect(evaluateSignaturePolicy(policy, identities, satisfies)).toBe(bruteForce(policy, identities));
      }),
    );
  });

  it('is refused when it names a principal that it does not list, or has another version', () => {
    const policy = parseSignaturePolicy("OR('A.peer')");
    expect(() => evaluateSignaturePolicy({ ...policy, principals: [] }, ['A#1'], satisfies)).toThrow('POLICY_INVALID');
    expect(() => evaluateSignaturePolicy({ ...policy, version: 1 }, ['A#1'], satisfies)).toThrow('POLICY_INVALID');
  });
});

function layoutTexts(text: string): string[] {
  return endorsementLayouts(parseSignaturePolicy(text)).map((layout) =>
    [...layout]
      .map(([mspId, count]) => `${mspId}${count}`)
      .sort()
      .join(' '),
  );
}

describe('endorsement layouts', () => {
  it('are the smallest sets of peers that are enough', () => {
    expect(layoutTexts("AND('A.peer', OR('B.peer', 'C.peer'))")).toEqual(['A1 B1', 'A1 C1']);
    expect(layoutTexts("OutOf(2, 'A.peer', 'B.peer', 'C.peer')")).toEqual(['A1 B1', 'A1 C1', 'B1 C1']);
    expect(layoutTexts("OR('A.peer', AND('A.peer', 'B.peer'))")).toEqual(['A1']);
    expect(layoutTexts("AND('A.peer', 'A.member')")).toEqual(['A2']);
    expect(layoutTexts("OR('A.client', 'B.peer')")).toEqual(['B1']);
    expect(layoutTexts("AND('A.admin', 'B.peer')")).toEqual([]);
    expect(layoutTexts("OutOf(0, 'A.peer')")).toEqual(['']);
  });

  it('of the default consortium are two authorities and one member', () => {
    const layouts = layoutTexts("AND(OutOf(2, 'T.peer', 'D.peer', 'R.peer'), OR('A.peer', 'C.peer', 'M.peer'))");
    expect(layouts).toHaveLength(9);
    expect(layouts).toContain('A1 D1 T1');
  });

  it('hold, and hold no longer when one signature is taken away', () => {
    fc.assert(
      fc.property(fc.oneof(flatPolicy, nestedPolicy), (text) => {
        const policy = parseSignaturePolicy(text);
        for (const layout of endorsementLayouts(policy)) {
          const identities = [...layout].flatMap(([mspId, count]) =>
            Array.from({ length: count }, (_, index) => `${mspId}#${index}`),
          );
          expect(bruteForce(policy, identities)).toBe(true);
          for (const left of identities) {
            expect(
              bruteForce(
                policy,
                identities.filter((identity) => identity !== left),
              ),
            ).toBe(false);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('of a policy with too many ways are refused', () => {
    const many = Array.from({ length: 16 }, (_, index) => `'M${index}.peer'`).join(', ');
    expect(() => endorsementLayouts(parseSignaturePolicy(`OutOf(8, ${many})`))).toThrow('POLICY_TOO_COMPLEX');
  });
});
