import fc from 'fast-check';

import { toHex } from '../common/bytes';
import {
  decodeApplicationPolicy,
  decodeSignaturePolicy,
  encodeApplicationPolicy,
  encodeSignaturePolicy,
} from './encode';
import { parseSignaturePolicy, renderSignaturePolicy } from './text';

/** Bytes that Fabric 3.1.5's own parser (common/policydsl) makes of these texts. */
const FABRIC_BYTES: readonly (readonly [string, string])[] = [
  ["OR('A.peer')", '120812060801120208001a0712050a01411003'],
  ["AND('A.peer')", '120812060801120208001a0712050a01411003'],
  [
    "OutOf(2, 'A.peer', 'B.member', 'C.admin')",
    '1210120e08021202080012020801120208021a0712050a014110031a0512030a01421a0712050a01431001',
  ],
  [
    "OR('A.peer', AND('B.peer','C.client'))",
    '12161214080112020802120c120a080212020800120208011a0712050a014210031a0712050a014310021a0712050a01411003',
  ],
  [
    "OutOf(1, 'A.peer', OutOf(2,'B.peer','C.peer','D.orderer'), AND('E.peer', OR('F.peer','G.peer')))",
    '123212300801120208061210120e080212020800120208011202080212161214080212020805120c120a080112020803120208041a07' +
      '12050a014210031a0712050a014310031a0712050a014410041a0712050a014610031a0712050a014710031a0712050a014510031a0712' +
      '050a01411003',
  ],
  ["OutOf('2', 'A.peer', 'B.peer')", '120c120a080212020800120208011a0712050a014110031a0712050a01421003'],
  ["OutOf(3, 'A.peer', 'B.peer')", '120c120a080312020800120208011a0712050a014110031a0712050a01421003'],
  ["OutOf(0, 'A.peer')", '12061204120208001a0712050a01411003'],
  ["OR('A..peer')", '120812060801120208001a0812060a02412e1003'],
  [" OR( 'A.peer' ) ", '120812060801120208001a0712050a01411003'],
];

describe('the text of a signature policy', () => {
  it.each(FABRIC_BYTES)('%s gives the bytes that Fabric gives', (text, bytes) => {
    expect(toHex(encodeSignaturePolicy(parseSignaturePolicy(text)))).toBe(bytes);
  });

  it.each([
    '',
    "'A.peer'",
    'OR()',
    "OR('A.peer'",
    "OR('A.peer' 'B.peer')",
    "OR('A.peer', 'A_B.peer')",
    "OR('A.Peer')",
    "OR('.peer')",
    "OutOf(4, 'A.peer', 'B.peer')",
    "OutOf(-1, 'A.peer', 'B.peer')",
    "OutOf(1.5, 'A.peer', 'B.peer')",
    "XOR('A.peer')",
    "OR('A.peer') OR('B.peer')",
    "OR('A.peer')\u0000",
    `${'OR('.repeat(40)}'A.peer'${')'.repeat(40)}`,
  ])('%j is refused', (text) => {
    expect(() => parseSignaturePolicy(text)).toThrow('POLICY_TEXT_INVALID');
  });

  it('comes back from its rendering and from its bytes', () => {
    const principal = fc
      .tuple(fc.constantFrom('A', 'B.c', 'D-1'), fc.constantFrom('peer', 'member', 'admin', 'client', 'orderer'))
      .map(([mspId, role]) => `'${mspId}.${role}'`);
    const text = fc.letrec<{ gate: string; argument: string }>((tie) => ({
      argument: fc.oneof({ depthSize: 'small' }, principal, tie('gate')),
      gate: fc
        .tuple(fc.constantFrom('AND', 'OR', 'OutOf(2'), fc.array(tie('argument'), { minLength: 1, maxLength: 4 }))
        .map(([gate, args]) => `${gate}${gate.startsWith('OutOf') ? ', ' : '('}${args.join(', ')})`),
    })).gate;
    fc.assert(
      fc.property(text, (source) => {
        const policy = parseSignaturePolicy(source);
        expect(decodeSignaturePolicy(encodeSignaturePolicy(policy))).toEqual(policy);
        const rendered = renderSignaturePolicy(policy);
        expect(renderSignaturePolicy(parseSignaturePolicy(rendered))).toBe(rendered);
      }),
    );
  });

  it('is only there for principals that are roles', () => {
    const policy = { ...parseSignaturePolicy("OR('A.peer')"), principals: [] };
    expect(() => renderSignaturePolicy(policy)).toThrow('POLICY_NOT_TEXTUAL');
  });
});

describe('the bytes of a policy', () => {
  it('come back for organisational units, identities and references', () => {
    const certifiersIdentifier = Uint8Array.of(1, 2);
    const policy = {
      version: 0,
      rule: { kind: 'signedBy', principalIndex: 1 },
      principals: [
        { kind: 'organizationUnit', mspId: 'A', unit: 'sales', certifiersIdentifier },
        { kind: 'identity', serializedIdentity: Uint8Array.of(3) },
      ],
    } as const;
    expect(decodeApplicationPolicy(encodeApplicationPolicy({ kind: 'signature', policy }))).toEqual({
      kind: 'signature',
      policy,
    });
    const reference = { kind: 'channel', reference: '/Channel/Application/Endorsement' } as const;
    expect(decodeApplicationPolicy(encodeApplicationPolicy(reference))).toEqual(reference);
  });

  it('without a rule, or damaged, are refused', () => {
    expect(() => decodeSignaturePolicy(new Uint8Array(0))).toThrow('POLICY_INVALID');
    expect(() => decodeApplicationPolicy(new Uint8Array(0))).toThrow('POLICY_INVALID');
    expect(() => decodeSignaturePolicy(Uint8Array.of(0x12, 0x7f))).toThrow('POLICY_INVALID');
    // A principal of class ANONYMITY (3).
    const anonymous = Uint8Array.from([0x12, 0x02, 0x08, 0x00, 0x1a, 0x02, 0x08, 0x03]);
    expect(() => decodeSignaturePolicy(anonymous)).toThrow('POLICY_PRINCIPAL_UNSUPPORTED');
  });
});
