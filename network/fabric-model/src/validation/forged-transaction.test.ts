import { common, peer } from '@hyperledger/fabric-protos';

import { newBlock } from '../block/block';
import { concatBytes, fromUtf8, sha256, utf8 } from '../common/bytes';
import { encodeReadWriteSet } from '../rwset/encode';
import type { KeyWrite } from '../rwset/types';
import { MemoryState } from '../state/memory-state';
import { testChannel, testDefinition, testOrganization, testTransaction } from '../testing/test-network';
import { buildEnvelope, endorsementMessage } from '../transaction/response';
import { validationCodeName } from './codes';
import { effectOf } from './repeated-writes';
import { validateBlock, type BlockValidation } from './validate-block';

const organizations = ['A', 'B'].map(testOrganization);
const [a, b] = organizations as [(typeof organizations)[0], (typeof organizations)[0]];
const config = testChannel(organizations);
const client = { mspId: 'A', identity: a.client };
const endorsers = [
  { mspId: 'A', identity: a.peer },
  { mspId: 'B', identity: b.peer },
];

function writing(writes: readonly KeyWrite[]): Uint8Array {
  const set = { namespace: 'basic', reads: [], rangeQueries: [], writes, metadataWriteCount: 0, collections: [] };
  return encodeReadWriteSet({ namespaces: [set] });
}

/** What is changed of a transaction before its endorsers and its creator sign it. */
interface Change {
  readonly proposalPayload?: Uint8Array;
  readonly extension?: (bytes: Uint8Array) => Uint8Array;
}

function forged(change: Change): Uint8Array {
  const { envelope } = testTransaction('test', client, endorsers, writing([{ key: 'k', value: utf8('v') }]));
  const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(envelope).getPayload_asU8());
  const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
  const action = transaction.getActionsList()[0]!;
  const content = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
  const endorsed = content.getAction()!;
  const response = peer.ProposalResponsePayload.deserializeBinary(endorsed.getProposalResponsePayload_asU8());
  content.setChaincodeProposalPayload(change.proposalPayload ?? content.getChaincodeProposalPayload_asU8());
  const header = payload.getHeader()!.getChannelHeader_asU8();
  const bound = sha256(header, action.getHeader_asU8(), content.getChaincodeProposalPayload_asU8());
  response.setProposalHash(bound);
  response.setExtension$(change.extension?.(response.getExtension_asU8()) ?? response.getExtension_asU8());
  endorsed.setProposalResponsePayload(response.serializeBinary());
  for (const endorsement of endorsed.getEndorsementsList()) {
    const serialized = endorsement.getEndorser_asU8();
    const { identity } = endorsers.find((one) => fromUtf8(serialized).includes(fromUtf8(one.identity.pem)))!;
    endorsement.setSignature(identity.sign(endorsementMessage(response.serializeBinary(), serialized)));
  }
  action.setPayload(content.serializeBinary());
  payload.setData(transaction.serializeBinary());
  const bytes = payload.serializeBinary();
  return buildEnvelope(bytes, a.client.sign(bytes));
}

function stateWith(keys: readonly string[]): MemoryState {
  const state = new MemoryState();
  const version = { block: 0, transaction: 0 };
  const publicUpdates = keys.map((key) => ({ namespace: 'basic', key, value: utf8('old'), version }));
  state.applyUpdates(0, { publicUpdates, hashedUpdates: [] }, []);
  return state;
}

function validate(envelopes: readonly Uint8Array[], state = stateWith([])): BlockValidation {
  return validateBlock({
    block: newBlock(state.height, sha256(), envelopes),
    config,
    state,
    transactionKnown: () => false,
    definitionOf: () => testDefinition(),
  });
}

describe('a transaction that no peer would make, endorsed and signed by all', () => {
  it.each<readonly [string, string, Change]>([
    ['VALID', 'nothing is changed', {}],
    ['VALID', 'a proposal that nobody can read', { proposalPayload: utf8('no proposal') }],
    ['INVALID_ENDORSER_TRANSACTION', 'no proposal', { proposalPayload: new Uint8Array(0) }],
    ['BAD_RESPONSE_PAYLOAD', 'no chaincode action', { extension: () => new Uint8Array(0) }],
    ['BAD_RESPONSE_PAYLOAD', 'an action that is none', { extension: () => utf8('no action') }],
    [
      'VALID',
      'a group in the action that no release knows',
      { extension: (bytes) => concatBytes(bytes, Buffer.from('a3060801a406', 'hex')) },
    ],
    [
      'BAD_RESPONSE_PAYLOAD',
      'the end of a group that never began',
      { extension: (bytes) => concatBytes(bytes, Buffer.from('a406', 'hex')) },
    ],
    [
      'VALID',
      'the name of the chaincode in two parts',
      { extension: (bytes) => concatBytes(bytes, Buffer.from('22051a03312e31', 'hex')) },
    ],
    [
      'VALID',
      'a number where the read-write set would be',
      { extension: (bytes) => concatBytes(bytes, Buffer.from('0801', 'hex')) },
    ],
  ])('is %s: %s', (expected, _, change) => {
    expect(validate([forged(change)]).codes.map(validationCodeName)).toEqual([expected]);
  });
});

describe('several writes of one key in one read-write set', () => {
  const writes = (values: readonly (string | undefined)[]): KeyWrite[] =>
    values.map((value) => ({ key: 'k', value: value === undefined ? undefined : utf8(value) }));

  it.each<readonly [string, readonly (string | undefined)[], readonly string[], readonly (string | undefined)[]]>([
    ['one gives its value', ['1'], [], ['1']],
    ['two of a new key write nothing', ['1', '2'], [], []],
    ['two of a key that is there write its old value anew', ['1', '2'], ['k'], ['old']],
    ['three give the last value', ['1', '2', '3'], ['k'], ['3']],
    ['eight delete', ['1', '2', '3', '4', '5', '6', '7', '8'], ['k'], [undefined]],
    ['a delete among them wins', [undefined, '1'], ['k'], [undefined]],
  ])('%s', (_, values, before, after) => {
    const { envelope } = testTransaction('test', client, endorsers, writing(writes(values)));
    const { codes, updates } = validate([envelope], stateWith(before));
    expect(codes.map(validationCodeName)).toEqual(['VALID']);
    const written = updates.publicUpdates.map(({ value }) => (value === undefined ? undefined : fromUtf8(value)));
    expect(written).toEqual(after);
  });

  it('are counted in a byte', () => {
    const effect = (puts: number, deletes = 0) => effectOf({ puts, deletes, value: undefined });
    expect([effect(256), effect(257), effect(0, 1), effect(0, 2), effect(2, 2)]).toEqual([
      'put',
      'put',
      'delete',
      'renew',
      'renew',
    ]);
  });
});
