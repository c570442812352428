import fc from 'fast-check';

import { common } from '@hyperledger/fabric-protos';

import { newBlock } from '../block/block';
import { hashKeyHex, sha256, utf8 } from '../common/bytes';
import { implicitCollection, type ChaincodeDefinition, type CollectionDefinition } from '../lifecycle/types';
import { parseSignaturePolicy } from '../policy/text';
import { encodeReadWriteSet } from '../rwset/encode';
import type { NamespaceReadWriteSet } from '../rwset/types';
import { TransactionSimulator } from '../simulation/transaction-simulator';
import { MemoryState } from '../state/memory-state';
import { mirrored } from '../testing/test-authority';
import { testChannel, testConfig, testDefinition, testOrganization, testTransaction } from '../testing/test-network';
import { parseTransaction } from '../transaction/envelope';
import { buildEnvelope } from '../transaction/response';
import { validationCodeName } from './codes';
import { privateUpdatesOf } from './private-updates';
import { validateBlock, type BlockValidation } from './validate-block';

const organizations = ['A', 'B', 'C'].map(testOrganization);
const [a, b, c] = organizations as [(typeof organizations)[0], (typeof organizations)[0], (typeof organizations)[0]];
const config = testChannel(organizations);
const client = { mspId: 'A', identity: a.client };
const peerA = { mspId: 'A', identity: a.peer };
const peerB = { mspId: 'B', identity: b.peer };
const peerC = { mspId: 'C', identity: c.peer };
const counts = { requiredPeerCount: 0, maxPeerCount: 0, blockToLive: 0, memberOnlyRead: false, memberOnlyWrite: false };
const shared: CollectionDefinition = {
  ...counts,
  name: 'shared',
  memberPolicy: parseSignaturePolicy("OR('A.member')"),
};
const strict: CollectionDefinition = {
  ...shared,
  name: 'strict',
  endorsementPolicy: { kind: 'signature', policy: parseSignaturePolicy("AND('A.peer', 'C.peer')") },
};
const loose: CollectionDefinition = {
  ...shared,
  name: 'loose',
  endorsementPolicy: { kind: 'signature', policy: parseSignaturePolicy("OR('A.peer')") },
};
const basic = testDefinition({ collections: [shared, strict, loose] });

function setOf(namespace: string, change: Partial<NamespaceReadWriteSet> = {}): NamespaceReadWriteSet {
  return { namespace, reads: [], rangeQueries: [], writes: [], metadataWriteCount: 0, collections: [], ...change };
}

function writing(key: string, namespace = 'basic'): NamespaceReadWriteSet {
  return setOf(namespace, { writes: [{ key, value: utf8('v') }] });
}

function into(collection: string): NamespaceReadWriteSet {
  const writes = [{ keyHashHex: hashKeyHex('k'), valueHash: sha256(utf8('v')), purge: false }];
  return setOf('basic', {
    collections: [{ collection, reads: [], writes, metadataWriteCount: 0, privateSetHash: undefined }],
  });
}

function transaction(namespaces: readonly NamespaceReadWriteSet[], endorsers = [peerA, peerB]): Uint8Array {
  return testTransaction('test', client, endorsers, encodeReadWriteSet({ namespaces })).envelope;
}

function validate(
  envelopes: readonly Uint8Array[],
  state = freshState(),
  transactionKnown: (transactionId: string) => boolean = () => false,
): BlockValidation {
  const definitionOf = (name: string): ChaincodeDefinition | undefined => (name === 'basic' ? basic : undefined);
  return validateBlock({
    block: newBlock(state.height, sha256(), envelopes),
    config,
    state,
    transactionKnown,
    definitionOf,
  });
}

function freshState(): MemoryState {
  const state = new MemoryState();
  state.applyUpdates(0, { publicUpdates: [], hashedUpdates: [] }, []);
  return state;
}

function namesOf(validation: BlockValidation): string[] {
  return validation.codes.map(validationCodeName);
}

describe('the endorsements of a transaction', () => {
  it.each([
    ['VALID', [writing('k')], [peerA, peerB]],
    ['VALID', [writing('k')], [peerA, peerB, peerC]],
    ['ENDORSEMENT_POLICY_FAILURE', [writing('k')], [peerA]],
    ['ENDORSEMENT_POLICY_FAILURE', [writing('k')], []],
    ['ENDORSEMENT_POLICY_FAILURE', [writing('k')], [peerA, peerA]],
    ['ENDORSEMENT_POLICY_FAILURE', [writing('k')], [peerA, { mspId: 'B', identity: b.client }]],
    ['ENDORSEMENT_POLICY_FAILURE', [writing('k')], [peerA, { mspId: 'B', identity: c.peer }]],
    ['ENDORSEMENT_POLICY_FAILURE', [], [peerA]],
    ['VALID', [], [peerA, peerC]],
    ['INVALID_CHAINCODE', [writing('k'), writing('k', 'unheard')], [peerA, peerB]],
    ['VALID', [writing('k'), setOf('unheard', { reads: [{ key: 'k', version: undefined }] })], [peerA, peerB]],
    ['ILLEGAL_WRITESET', [writing('k'), writing('l')], [peerA, peerB]],
    ['VALID', [into('shared')], [peerA, peerB]],
    ['ENDORSEMENT_POLICY_FAILURE', [into('shared')], [peerA]],
    ['VALID', [into('strict')], [peerA, peerC]],
    ['ENDORSEMENT_POLICY_FAILURE', [into('strict')], [peerA, peerB]],
    ['VALID', [into('loose')], [peerA]],
    ['ENDORSEMENT_POLICY_FAILURE', [into('loose')], [peerB, peerC]],
    ['ENDORSEMENT_POLICY_FAILURE', [{ ...into('loose'), writes: writing('k').writes }], [peerA]],
    ['ENDORSEMENT_POLICY_FAILURE', [into('unheard')], [peerA, peerB]],
    ['VALID', [into(implicitCollection('C').name)], [peerC]],
    ['ENDORSEMENT_POLICY_FAILURE', [into(implicitCollection('C').name)], [peerA, peerB]],
    ['ENDORSEMENT_POLICY_FAILURE', [into(implicitCollection('D').name)], [peerA, peerB]],
    ['VALID', [writing('k'), writing('x', '_lifecycle')], [peerA, peerB]],
    ['ENDORSEMENT_POLICY_FAILURE', [writing('x', '_lifecycle'), into('loose')], [peerA]],
  ] as const)('%s for %j', (expected, namespaces, endorsers) => {
    const validation = validate([transaction(namespaces, [...endorsers])]);
    expect(namesOf(validation)).toEqual([expected]);
    expect(validation.transactions[0]?.reason === '').toBe(expected === 'VALID');
    expect(validation.updates.publicUpdates.length === 0 || expected === 'VALID').toBe(true);
  });

  it('of a transaction that invokes the lifecycle follow the policy for definitions', () => {
    const bytes = encodeReadWriteSet({ namespaces: [writing('x', '_lifecycle')] });
    const invoke = (endorsers: (typeof peerA)[]) =>
      testTransaction('test', client, endorsers, bytes, { name: '_lifecycle', version: 'syscc' }).envelope;
    expect(namesOf(validate([invoke([peerA, peerC]), invoke([peerA])]))).toEqual([
      'VALID',
      'ENDORSEMENT_POLICY_FAILURE',
    ]);
  });
});

describe('the form of an envelope', () => {
  const payloadOf = (envelope: Uint8Array) => common.Envelope.deserializeBinary(envelope).getPayload_asU8();
  const good = transaction([writing('k')]);

  /** The same transaction with a changed header or data, signed again. */
  function changed(
    change: (header: common.ChannelHeader, signature: common.SignatureHeader, payload: common.Payload) => void,
  ) {
    const payload = common.Payload.deserializeBinary(payloadOf(good));
    const header = payload.getHeader()!;
    const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
    const signatureHeader = common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8());
    change(channelHeader, signatureHeader, payload);
    header.setChannelHeader(channelHeader.serializeBinary());
    header.setSignatureHeader(signatureHeader.serializeBinary());
    const bytes = payload.serializeBinary();
    return buildEnvelope(bytes, a.client.sign(bytes));
  }

  it.each([
    ['VALID', good],
    ['BAD_COMMON_HEADER', new Uint8Array(0)],
    ['INVALID_OTHER_REASON', utf8('no envelope')],
    ['BAD_PAYLOAD', buildEnvelope(utf8('no payload'), new Uint8Array(0))],
    ['BAD_COMMON_HEADER', changed((header) => header.setEpoch(1))],
    ['BAD_COMMON_HEADER', changed((header) => header.setType(common.HeaderType.MESSAGE))],
    ['BAD_COMMON_HEADER', changed((_, signature) => signature.setNonce(''))],
    ['BAD_COMMON_HEADER', changed((_, signature) => signature.setCreator(''))],
    ['UNSUPPORTED_TX_PAYLOAD', changed((header) => header.setType(common.HeaderType.CONFIG_UPDATE))],
    ['BAD_CREATOR_SIGNATURE', buildEnvelope(payloadOf(good), a.peer.sign(payloadOf(good)))],
    ['BAD_CREATOR_SIGNATURE', buildEnvelope(payloadOf(good), mirrored(a.client.sign(payloadOf(good))))],
    ['BAD_CREATOR_SIGNATURE', buildEnvelope(payloadOf(good), new Uint8Array(0))],
    ['BAD_CREATOR_SIGNATURE', changed((_, signature) => signature.setCreator(b.client.serialized('B')))],
    ['BAD_CREATOR_SIGNATURE', changed((_, signature) => signature.setCreator(a.client.serialized('Z')))],
    ['BAD_PROPOSAL_TXID', changed((header) => header.setTxId('0'.repeat(64)))],
    ['INVALID_ENDORSER_TRANSACTION', changed((header) => header.setChannelId('other'))],
    ['INVALID_ENDORSER_TRANSACTION', changed((_h, _s, payload) => payload.setData(''))],
    [
      'INVALID_CONFIG_TRANSACTION',
      changed((header, _s, payload) => {
        const envelope = new common.ConfigEnvelope();
        envelope.setConfig(testConfig(organizations, 7));
        payload.setData(envelope.serializeBinary());
        header.setType(common.HeaderType.CONFIG);
      }),
    ],
  ] as const)('%s', (expected, envelope) => {
    expect(namesOf(validate([envelope]))).toEqual([expected]);
  });

  it('a configuration that follows takes effect after its block', () => {
    const update = changed((header, _s, payload) => {
      const envelope = new common.ConfigEnvelope();
      envelope.setConfig(testConfig([a, b], 1));
      payload.setData(envelope.serializeBinary());
      header.setType(common.HeaderType.CONFIG);
    });
    const validation = validate([update]);
    expect(namesOf(validation)).toEqual(['VALID']);
    expect(validation.config.applicationMspIds).toEqual(['A', 'B']);
    expect(validation.updates.publicUpdates).toEqual([]);
    expect(validate([good]).config).toBe(config);
  });

  it('a broken envelope does not keep its neighbours from being valid', () => {
    expect(namesOf(validate([utf8('no envelope'), good, new Uint8Array(0)]))).toEqual([
      'INVALID_OTHER_REASON',
      'VALID',
      'BAD_COMMON_HEADER',
    ]);
  });
});

describe('transaction ids', () => {
  it('count once in a block and once in a chain', () => {
    const first = transaction([writing('k')]);
    const failed = transaction([writing('k')], [peerA]);
    expect(namesOf(validate([first, first, failed, failed]))).toEqual([
      'VALID',
      'DUPLICATE_TXID',
      'ENDORSEMENT_POLICY_FAILURE',
      'ENDORSEMENT_POLICY_FAILURE',
    ]);
    const { transactionId } = parseTransaction(first);
    expect(namesOf(validate([first], freshState(), (id) => id === transactionId))).toEqual(['DUPLICATE_TXID']);
  });
});

describe('writes', () => {
  it('of endorsement policies for keys are not supported', () => {
    const plain = Buffer.from(encodeReadWriteSet({ namespaces: [setOf('basic')] }));
    // KVRWSet { metadata_writes { key: "k" } } as the rwset of namespace basic.
    const metadata = Buffer.from([0x0a + 0x08, 5, 0x22, 3, 0x0a, 1, 0x6b]);
    const bytes = Buffer.concat([
      Buffer.of(0x12, plain.length - 2 + metadata.length),
      plain.subarray(2),
      metadata.fill(0x12, 0, 1),
    ]);
    const { envelope } = testTransaction('test', client, [peerA, peerB], bytes);
    expect(parseTransaction(envelope).readWriteSet.namespaces[0]?.metadataWriteCount).toBe(1);
    const validation = validate([envelope]);
    expect(namesOf(validation)).toEqual(['INVALID_OTHER_REASON']);
    expect(validation.transactions[0]?.reason).toContain('not supported');
  });

  it('to private collections become values only where their hash is the endorsed one', () => {
    const run = new TransactionSimulator({ transactionId: 't', state: freshState(), hasCollection: () => true });
    run.putPrivateData('basic', 'shared', 'k', utf8('secret'));
    run.putPrivateData('basic', 'loose', 'l', utf8('other'));
    const { readWriteSetBytes, privateWriteSetBytes } = run.result();
    const { envelope, transactionId } = testTransaction('test', client, [peerA, peerB], readWriteSetBytes);
    const validation = validate([envelope]);
    expect(namesOf(validation)).toEqual(['VALID']);
    const held = privateUpdatesOf(validation, 1, (id) => (id === transactionId ? privateWriteSetBytes : undefined));
    expect(held.missing).toEqual([]);
    expect(held.updates.map(({ collection, key }) => [collection, key])).toEqual([
      ['loose', 'l'],
      ['shared', 'k'],
    ]);
    const none = privateUpdatesOf(validation, 1, () => undefined);
    expect(none.updates).toEqual([]);
    expect(none.missing.map(({ collection }) => collection)).toEqual(['loose', 'shared']);
    const forged = Buffer.from(privateWriteSetBytes!);
    forged.write('Secret', forged.indexOf('secret'));
    expect(privateUpdatesOf(validation, 1, () => forged).missing.map(({ collection }) => collection)).toEqual([
      'shared',
    ]);
    expect(privateUpdatesOf(validation, 1, () => utf8('no set')).updates).toEqual([]);
  });
});

describe('reads', () => {
  it('of a block of simulated transactions hold exactly when a run one after the other would have read the same', () => {
    const keys = ['a', 'b', 'c', 'd'];
    const step = fc.oneof(
      fc.record({ kind: fc.constant('read' as const), key: fc.constantFrom(...keys) }),
      fc.record({ kind: fc.constant('write' as const), key: fc.constantFrom(...keys) }),
      fc.record({ kind: fc.constant('delete' as const), key: fc.constantFrom(...keys) }),
      fc.record({
        kind: fc.constant('range' as const),
        key: fc.constantFrom('', ...keys),
        end: fc.constantFrom('', 'c', 'd', 'e'),
        rows: fc.integer({ min: 1, max: 5 }),
      }),
    );
    type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

    /** Plays the steps; gives what was seen. */
    const play = (run: TransactionSimulator, steps: readonly Step[]): unknown[] =>
      steps.map((one) => {
        switch (one.kind) {
          case 'read':
            return Buffer.from(run.getState('basic', one.key) ?? []).toString();
          case 'write':
            run.putState('basic', one.key, utf8(JSON.stringify(steps)));
            return '';
          case 'delete':
            run.deleteState('basic', one.key);
            return '';
          case 'range': {
            const cursor = run.openRange('basic', one.key, one.end);
            return Array.from({ length: one.rows }, () => cursor.next()?.key);
          }
        }
      });

    fc.assert(
      fc.property(fc.array(fc.array(step, { maxLength: 4 }), { minLength: 1, maxLength: 5 }), (transactions) => {
        const state = freshState();
        const version = { block: 1, transaction: 0 };
        const rows = ['a', 'c'].map((key) => ({ namespace: 'basic', key, value: utf8('0'), version }));
        state.applyUpdates(1, { publicUpdates: rows, hashedUpdates: [] }, []);
        const simulate = (steps: readonly Step[], on: MemoryState) => {
          const run = new TransactionSimulator({ transactionId: 't', state: on });
          play(run, steps);
          return run.result().readWriteSetBytes;
        };
        const envelopes = transactions.map(
          (steps) => testTransaction('test', client, [peerA, peerB], simulate(steps, state)).envelope,
        );
        const validation = validate(envelopes, state);
        // The law: replay one by one on a second state; a transaction is valid exactly if its read set is unchanged.
        const serial = MemoryState.restore(2, {
          publicEntries: state.publicEntries(),
          hashedEntries: [],
          privateEntries: [],
        });
        transactions.forEach((steps, index) => {
          const readsOf = (bytes: Uint8Array) => {
            const parsed = parseTransaction(testTransaction('test', client, [], bytes).envelope).readWriteSet;
            return JSON.stringify(parsed.namespaces.map(({ reads, rangeQueries }) => ({ reads, rangeQueries })));
          };
          const unchanged = readsOf(simulate(steps, state)) === readsOf(simulate(steps, serial));
          expect(validation.transactions[index]?.code === 0).toBe(unchanged);
          const own = validation.updates;
          expect(own.publicUpdates.every((update) => update.version.block === 2)).toBe(true);
          const writes = unchanged ? parseTransaction(envelopes[index]!).readWriteSet.namespaces : [];
          const updates = writes.flatMap(({ namespace, writes: list }) =>
            list.map((write) => ({ ...write, namespace, version: { block: 2, transaction: index } })),
          );
          serial.applyUpdates(serial.height, { publicUpdates: updates, hashedUpdates: [] }, []);
        });
        state.applyUpdates(2, validation.updates, []);
        expect(Buffer.from(state.digest()).toString('hex')).toBe(Buffer.from(serial.digest()).toString('hex'));
      }),
      { numRuns: 60 },
    );
  });

  it('of private keys and their versions hold in the same way', () => {
    const state = freshState();
    const simulate = (work: (run: TransactionSimulator) => void) => {
      const run = new TransactionSimulator({ transactionId: 't', state, hasCollection: () => true });
      work(run);
      return testTransaction('test', client, [peerA, peerB], run.result().readWriteSetBytes).envelope;
    };
    const read = (key: string) =>
      simulate((run) => {
        run.getPrivateDataHash('basic', 'shared', key);
      });
    const write = simulate((run) => {
      run.putPrivateData('basic', 'shared', 'k', utf8('1'));
    });
    const validation = validate([read('k'), write, read('k'), read('other')], state);
    expect(namesOf(validation)).toEqual(['VALID', 'VALID', 'MVCC_READ_CONFLICT', 'VALID']);
    const stale = read('k');
    state.applyUpdates(1, validation.updates, []);
    expect(namesOf(validate([stale, read('k')], state))).toEqual(['MVCC_READ_CONFLICT', 'VALID']);
  });
});
