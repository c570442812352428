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
    ['VALID', 'two of three organisations', [writing('k')], [peerA, peerB]],
    ['VALID', 'all organisations', [writing('k')], [peerA, peerB, peerC]],
    ['ENDORSEMENT_POLICY_FAILURE', 'one organisation', [writing('k')], [peerA]],
    ['ENDORSEMENT_POLICY_FAILURE', 'nobody', [writing('k')], []],
    ['ENDORSEMENT_POLICY_FAILURE', 'one peer twice', [writing('k')], [peerA, peerA]],
    ['ENDORSEMENT_POLICY_FAILURE', 'a client', [writing('k')], [peerA, { mspId: 'B', identity: b.client }]],
    [
      'ENDORSEMENT_POLICY_FAILURE',
      'a stranger to the organisation it names',
      [writing('k')],
      [peerA, { mspId: 'B', identity: c.peer }],
    ],
    ['ENDORSEMENT_POLICY_FAILURE', 'too few, where nothing is written', [], [peerA]],
    ['VALID', 'enough, where nothing is written', [], [peerA, peerC]],
    [
      'INVALID_CHAINCODE',
      'a chaincode without definition beside',
      [writing('k'), writing('k', 'unheard')],
      [peerA, peerB],
    ],
    [
      'VALID',
      'reads of a chaincode without definition',
      [writing('k'), setOf('unheard', { reads: [{ key: 'k', version: undefined }] })],
      [peerA, peerB],
    ],
    ['ILLEGAL_WRITESET', 'a namespace that appears twice', [writing('k'), writing('l')], [peerA, peerB]],
    ['VALID', 'a collection without a policy of its own', [into('shared')], [peerA, peerB]],
    ['ENDORSEMENT_POLICY_FAILURE', 'too few for a collection', [into('shared')], [peerA]],
    ['VALID', 'a collection with a stricter policy', [into('strict')], [peerA, peerC]],
    ['ENDORSEMENT_POLICY_FAILURE', 'too few for a stricter collection', [into('strict')], [peerA, peerB]],
    ['VALID', 'a collection with a looser policy', [into('loose')], [peerA]],
    ['ENDORSEMENT_POLICY_FAILURE', 'the wrong peer for a looser collection', [into('loose')], [peerB, peerC]],
    [
      'ENDORSEMENT_POLICY_FAILURE',
      'a looser collection beside public writes',
      [{ ...into('loose'), writes: writing('k').writes }],
      [peerA],
    ],
    ['ENDORSEMENT_POLICY_FAILURE', 'an undefined collection', [into('unheard')], [peerA, peerB]],
    ['VALID', 'the implicit collection of its own organisation', [into(implicitCollection('C').name)], [peerC]],
    [
      'ENDORSEMENT_POLICY_FAILURE',
      'the implicit collection of another organisation',
      [into(implicitCollection('C').name)],
      [peerA, peerB],
    ],
    [
      'ENDORSEMENT_POLICY_FAILURE',
      'the implicit collection of a stranger',
      [into(implicitCollection('D').name)],
      [peerA, peerB],
    ],
    ['VALID', 'rows of the lifecycle', [writing('k'), writing('x', '_lifecycle')], [peerA, peerB]],
    [
      'ENDORSEMENT_POLICY_FAILURE',
      'too few for rows of the lifecycle',
      [writing('x', '_lifecycle'), into('loose')],
      [peerA],
    ],
  ] as const)('%s: %s', (expected, _, namespaces, endorsers) => {
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
    ['VALID', 'as it should be', good],
    ['BAD_COMMON_HEADER', 'no bytes', new Uint8Array(0)],
    ['INVALID_OTHER_REASON', 'bytes that are no envelope', utf8('no envelope')],
    ['BAD_PAYLOAD', 'a payload that is none', buildEnvelope(utf8('no payload'), new Uint8Array(0))],
    ['BAD_COMMON_HEADER', 'another epoch', changed((header) => header.setEpoch(1))],
    ['BAD_COMMON_HEADER', 'another header type', changed((header) => header.setType(common.HeaderType.MESSAGE))],
    ['BAD_COMMON_HEADER', 'no nonce', changed((_, signature) => signature.setNonce(''))],
    ['BAD_COMMON_HEADER', 'no creator', changed((_, signature) => signature.setCreator(''))],
    [
      'UNSUPPORTED_TX_PAYLOAD',
      'a configuration update',
      changed((header) => header.setType(common.HeaderType.CONFIG_UPDATE)),
    ],
    ['BAD_CREATOR_SIGNATURE', 'signed by another', buildEnvelope(payloadOf(good), a.peer.sign(payloadOf(good)))],
    [
      'BAD_CREATOR_SIGNATURE',
      'a signature in its high form',
      buildEnvelope(payloadOf(good), mirrored(a.client.sign(payloadOf(good)))),
    ],
    ['BAD_CREATOR_SIGNATURE', 'no signature', buildEnvelope(payloadOf(good), new Uint8Array(0))],
    [
      'BAD_CREATOR_SIGNATURE',
      'the creator is of another organisation',
      changed((_, signature) => signature.setCreator(b.client.serialized('B'))),
    ],
    [
      'BAD_CREATOR_SIGNATURE',
      'the creator is of an unknown organisation',
      changed((_, signature) => signature.setCreator(a.client.serialized('Z'))),
    ],
    ['BAD_PROPOSAL_TXID', 'another transaction id', changed((header) => header.setTxId('0'.repeat(64)))],
    [
      'INVALID_ENDORSER_TRANSACTION',
      'another channel than the endorsed one',
      changed((header) => header.setChannelId('other')),
    ],
    ['INVALID_ENDORSER_TRANSACTION', 'no transaction', changed((_h, _s, payload) => payload.setData(''))],
    [
      'INVALID_CONFIG_TRANSACTION',
      'a configuration that does not follow',
      changed((header, _s, payload) => {
        const envelope = new common.ConfigEnvelope();
        envelope.setConfig(testConfig(organizations, 7));
        payload.setData(envelope.serializeBinary());
        header.setType(common.HeaderType.CONFIG);
      }),
    ],
  ] as const)('%s: %s', (expected, _, envelope) => {
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
  it('of private keys conflict with writes of their block and with later versions', () => {
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
