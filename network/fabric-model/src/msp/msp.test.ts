import fc from 'fast-check';

import type { PrincipalRole } from '../policy/types';
import { mirrored, testAuthority, TEST_TIME_SECONDS, type TestIdentity } from '../testing/test-authority';
import { testMspConfig } from '../testing/test-network';
import { derToPem } from './certificate';
import { decodeMspConfig, encodeMspConfig, type MspConfig } from './config';
import { serializeIdentity } from './identity';
import { isLowS, toLowS } from './low-s';
import { Msp } from './msp';
import { assertNotExpired, MspSet } from './msp-set';

jest.setTimeout(60_000);

const root = testAuthority();
const peer = root.issue({ units: ['peer'] });

function mspWith(change: Partial<MspConfig> = {}): Msp {
  return new Msp(testMspConfig('A', root, change));
}

function validate(identity: TestIdentity, msp = mspWith()): void {
  msp.validate(msp.deserialize(identity.serialized('A')));
}

describe('an identity', () => {
  it('is valid with a chain to the root and one role', () => {
    expect(() => {
      validate(peer);
    }).not.toThrow();
  });

  it('of another MSP, or of no MSP, is refused', () => {
    expect(() => mspWith().deserialize(peer.serialized('B'))).toThrow('MSP_ID_MISMATCH');
    expect(() => new MspSet([mspWith()]).deserialize(peer.serialized('B'))).toThrow('MSP_UNKNOWN');
    expect(() => mspWith().deserialize(Uint8Array.of(0x0a, 0x05))).toThrow('MSP_IDENTITY_UNREADABLE');
    expect(() => mspWith().deserialize(serializeIdentity('A', 'no certificate'))).toThrow('CERTIFICATE_UNREADABLE');
  });

  it('signed by a stranger with the same name is refused', () => {
    const stranger = testAuthority();
    expect(() => {
      validate(stranger.issue({ units: ['peer'] }));
    }).toThrow('MSP_CHAIN_INVALID');
  });

  it('that is an authority is refused', () => {
    expect(() => {
      validate(root);
    }).toThrow('MSP_CHAIN_INVALID');
    expect(() => {
      validate(root.issue({ units: ['peer'], isCa: true }));
    }).toThrow('is a certificate authority');
  });

  it('with an unknown critical extension, or issued before its authority was valid, is refused', () => {
    expect(() => {
      validate(root.issue({ units: ['peer'], unknownCritical: true }));
    }).toThrow('MSP_CHAIN_INVALID');
    expect(() => {
      validate(root.issue({ units: ['peer'], notBeforeSeconds: TEST_TIME_SECONDS - 100 }));
    }).toThrow('MSP_CHAIN_INVALID');
  });

  it('needs exactly one role when roles are enforced', () => {
    for (const units of [[], ['sales'], ['peer', 'client'], ['client', 'client']]) {
      expect(() => {
        validate(root.issue({ units }));
      }).toThrow(/has [02] roles/);
    }
    expect(() => {
      validate(root.issue({ units: ['sales', 'client'] }));
    }).not.toThrow();
  });

  it('needs no role when roles are not enforced', () => {
    const msp = new Msp({
      ...testMspConfig('A', root),
      nodeOus: { enabled: false },
      adminCertificates: [root.issue({ units: [] }).pem],
    });
    expect(() => {
      validate(root.issue({ units: [] }), msp);
    }).not.toThrow();
  });

  it('is known by its certificate whichever form the signature of the authority has', () => {
    const msp = mspWith();
    const low = root.issue({ units: ['peer'], commonName: 'twin', serial: 7 });
    const high = low.reissuedBy(root, { units: ['peer'], commonName: 'twin', serial: 7, highS: true });
    const identity = msp.deserialize(high.serialized('A'));
    expect(identity.certificateDer).not.toEqual(high.der);
    expect(msp.deserialize(serializeIdentity('A', identity.certificatePem)).identifier).toBe(identity.identifier);
    const canonical = msp.deserialize(serializeIdentity('A', derToPem(identity.certificateDer)));
    expect(canonical.identifier).toBe(identity.identifier);
    expect(msp.deserialize(low.serialized('A')).identifier).not.toBe(identity.identifier);
  });

  it('shows its attributes, units and term', () => {
    const identity = mspWith().deserialize(
      root.issue({ units: ['client'], attributes: { role: 'dso' } }).serialized('A'),
    );
    expect(identity.attributes).toEqual({ role: 'dso' });
    expect(identity.organizationalUnits).toEqual(['client']);
    expect(identity.notBeforeSeconds).toBe(TEST_TIME_SECONDS);
    expect(mspWith().deserialize(peer.serialized('A')).attributes).toEqual({});
  });

  it('that has expired stays valid for old blocks and is refused for new proposals', () => {
    const identity = mspWith().deserialize(
      root.issue({ units: ['client'], notAfterSeconds: TEST_TIME_SECONDS + 60 }).serialized('A'),
    );
    expect(() => {
      mspWith().validate(identity);
    }).not.toThrow();
    expect(() => {
      assertNotExpired(identity, TEST_TIME_SECONDS + 60);
    }).not.toThrow();
    expect(() => {
      assertNotExpired(identity, TEST_TIME_SECONDS + 61);
    }).toThrow('MSP_IDENTITY_EXPIRED');
    expect(() => {
      assertNotExpired(identity, TEST_TIME_SECONDS - 1);
    }).toThrow('MSP_IDENTITY_NOT_YET_VALID');
  });
});

describe('intermediate authorities', () => {
  const middle = root.issue({ commonName: 'middle', isCa: true });
  const below = middle.issue({ units: ['peer'] });

  it('certify identities when the MSP lists them', () => {
    expect(() => {
      validate(below, mspWith({ intermediateCertificates: [middle.pem] }));
    }).not.toThrow();
    expect(() => {
      validate(below);
    }).toThrow('MSP_CHAIN_INVALID');
  });

  it('take from the authority above them the right to certify identities', () => {
    expect(() => {
      validate(peer, mspWith({ intermediateCertificates: [middle.pem] }));
    }).toThrow('authorities below it');
  });

  it('obey the path length of the root', () => {
    const short = testAuthority({ pathLengthMax: 0 });
    const tooDeep = short.issue({ commonName: 'too deep', isCa: true });
    const msp = new Msp(testMspConfig('A', short, { intermediateCertificates: [tooDeep.pem] }));
    expect(() => msp.deserialize(tooDeep.issue({ units: ['peer'] }).serialized('A'))).toThrow('MSP_CHAIN_INVALID');
  });
});

describe('revocation', () => {
  it('refuses the certificates on the list of their authority, and no others', () => {
    const msp = mspWith({ revocationLists: [root.revoke([peer.serial])] });
    expect(() => {
      validate(peer, msp);
    }).toThrow('has been revoked');
    expect(() => {
      validate(root.issue({ units: ['peer'] }), msp);
    }).not.toThrow();
    expect(() => {
      validate(peer, mspWith({ revocationLists: [root.revoke([])] }));
    }).not.toThrow();
  });

  it('does not believe a list that the authority did not sign, or the list of another authority', () => {
    const stranger = testAuthority();
    for (const list of [root.revoke([peer.serial], stranger), stranger.revoke([peer.serial])]) {
      expect(() => {
        validate(peer, mspWith({ revocationLists: [list] }));
      }).not.toThrow();
    }
  });

  it('reads PEM too, and refuses what is no list', () => {
    const text = Buffer.from(root.revoke([peer.serial])).toString('base64');
    const pem = Buffer.from(`-----BEGIN X509 CRL-----\n${text}\n-----END X509 CRL-----\n`);
    expect(() => {
      validate(peer, mspWith({ revocationLists: [pem] }));
    }).toThrow('has been revoked');
    expect(() => mspWith({ revocationLists: [Buffer.from('no list')] })).toThrow('CRL_UNREADABLE');
  });
});

describe('roles and principals', () => {
  const msp = mspWith();
  const role = (identity: TestIdentity, wanted: PrincipalRole, mspId = 'A'): boolean =>
    msp.satisfies(msp.deserialize(identity.serialized('A')), { kind: 'role', mspId, role: wanted });

  it.each(['peer', 'client', 'admin', 'orderer'] as const)('a certificate of unit %s has that role only', (unit) => {
    const identity = root.issue({ units: [unit] });
    expect(msp.rolesOf(msp.deserialize(identity.serialized('A')))).toEqual(['member', unit]);
    expect(role(identity, unit, 'B')).toBe(false);
  });

  it('an invalid identity has no role', () => {
    expect(role(root.issue({ units: ['peer', 'client'] }), 'member')).toBe(false);
  });

  it('an administrator can be named by certificate', () => {
    const named = root.issue({ units: ['client'] });
    const withAdmin = mspWith({ adminCertificates: [named.pem] });
    expect(withAdmin.rolesOf(withAdmin.deserialize(named.serialized('A')))).toEqual(['member', 'client', 'admin']);
    expect(role(named, 'admin')).toBe(false);
  });

  it('an organisational unit counts with the authority that certified it', () => {
    const identity = msp.deserialize(root.issue({ units: ['peer', 'sales'] }).serialized('A'));
    const unit = { kind: 'organizationUnit', mspId: 'A', unit: 'sales' } as const;
    const { certifiersIdentifier } = identity;
    expect(msp.satisfies(identity, { ...unit, certifiersIdentifier })).toBe(true);
    expect(msp.satisfies(identity, { ...unit, certifiersIdentifier: new Uint8Array(32) })).toBe(false);
    expect(msp.satisfies(identity, { ...unit, unit: 'other', certifiersIdentifier })).toBe(false);
  });

  it('an identity principal is that certificate and no other', () => {
    const set = new MspSet([msp]);
    const identity = set.deserialize(peer.serialized('A'));
    expect(set.satisfies(identity, { kind: 'identity', serializedIdentity: peer.serialized('A') })).toBe(true);
    const other = root.issue({ units: ['peer'] }).serialized('A');
    expect(set.satisfies(identity, { kind: 'identity', serializedIdentity: other })).toBe(false);
    expect(set.satisfies(identity, { kind: 'identity', serializedIdentity: Uint8Array.of(1) })).toBe(false);
  });

  it('a role can be bound to one authority', () => {
    const config = testMspConfig('A', root);
    const bound = new Msp({
      ...config,
      rootCertificates: [root.pem, testAuthority({ commonName: 'second' }).pem],
      nodeOus: { enabled: true, peer: 'peer', admin: 'admin', certificates: { peer: root.pem } },
    });
    expect(bound.rolesOf(bound.deserialize(peer.serialized('A')))).toContain('peer');
    const second = testAuthority({ commonName: 'second root' });
    const other = new Msp({
      ...config,
      rootCertificates: [root.pem, second.pem],
      nodeOus: { enabled: true, peer: 'peer', admin: 'admin', certificates: { peer: root.pem } },
    });
    expect(() => {
      validate(second.issue({ units: ['peer'] }), other);
    }).toThrow('from another authority');
  });

  it('identities of an MSP with required units must belong to one of them', () => {
    const demanding = mspWith({ organizationalUnits: [{ unit: 'sales', certificate: root.pem }] });
    expect(() => {
      validate(root.issue({ units: ['peer', 'sales'] }), demanding);
    }).not.toThrow();
    expect(() => {
      validate(peer, demanding);
    }).toThrow('none of the organisational units');
  });
});

describe('an MSP configuration', () => {
  it('comes back from its bytes', () => {
    const config = testMspConfig('A', root, {
      intermediateCertificates: [root.pem],
      revocationLists: [root.revoke([1])],
      organizationalUnits: [{ unit: 'sales', certificate: root.pem }],
      tlsRootCertificates: [root.pem],
      nodeOus: { enabled: true, client: 'client', peer: 'peer', certificates: { peer: root.pem } },
    });
    const decoded = decodeMspConfig(encodeMspConfig(config));
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_, v: unknown) => bytesAsHex(v)));
    expect(plain(decoded)).toEqual(plain(config));
  });

  it('without a root, with a root that is none, or without administrators is refused', () => {
    expect(() => mspWith({ rootCertificates: [] })).toThrow('MSP_CONFIG_INVALID');
    expect(() => mspWith({ rootCertificates: [testAuthority({ isCa: false }).pem] })).toThrow('MSP_CONFIG_INVALID');
    expect(() => mspWith({ rootCertificates: [testAuthority({ withoutKeyIdentifier: true }).pem] })).toThrow(
      'MSP_CONFIG_INVALID',
    );
    expect(() => mspWith({ nodeOus: { enabled: true, peer: 'peer' } })).toThrow('names no administrators');
    expect(() => decodeMspConfig(Uint8Array.of(0x08, 0x01))).toThrow('MSP_TYPE_UNSUPPORTED');
    expect(() => decodeMspConfig(Uint8Array.of(0x12, 0x7f))).toThrow('MSP_CONFIG_UNREADABLE');
  });
});

function bytesAsHex(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}

describe('a signature', () => {
  const identity = mspWith().deserialize(peer.serialized('A'));
  const message = Buffer.from('message');

  it('verifies in its low form only, over its own message only', () => {
    const signature = peer.sign(message);
    expect(identity.verify(message, signature)).toBe(true);
    expect(identity.verify(message, mirrored(signature))).toBe(false);
    expect(identity.verify(message, toLowS(mirrored(signature)))).toBe(true);
    expect(identity.verify(Buffer.from('other'), signature)).toBe(false);
    expect(identity.verify(message, root.sign(message))).toBe(false);
  });

  it('that is damaged, padded or empty is not low and does not verify', () => {
    const signature = Buffer.from(peer.sign(message));
    const padded = Buffer.concat([
      Buffer.of(0x30, (signature[1] ?? 0) + 1, 0x02, (signature[3] ?? 0) + 1, 0),
      signature.subarray(4),
    ]);
    for (const bad of [new Uint8Array(0), signature.subarray(0, -1), Buffer.concat([signature, Buffer.of(0)])]) {
      expect(isLowS(bad)).toBe(false);
      expect(identity.verify(message, bad)).toBe(false);
      expect(() => toLowS(bad)).toThrow('SIGNATURE_MALFORMED');
    }
    expect(isLowS(padded) && (signature[4] ?? 0) < 0x80).toBe(false);
  });

  it('of any message has exactly one low form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const low = peer.sign(bytes);
        expect(isLowS(low)).toBe(true);
        expect(isLowS(mirrored(low))).toBe(false);
        expect(Buffer.from(toLowS(mirrored(low)))).toEqual(Buffer.from(low));
      }),
      { numRuns: 20 },
    );
  });
});

describe('a set of MSPs', () => {
  it('parses an identity once', () => {
    const set = new MspSet([mspWith()]);
    expect(set.deserialize(peer.serialized('A'))).toBe(set.deserialize(peer.serialized('A')));
    expect(set.ids()).toEqual(['A']);
  });
});
