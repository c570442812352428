import { equalBytes, sha256, toHex, utf8 } from '../common/bytes';
import { Msp } from '../msp/msp';
import { MspSet } from '../msp/msp-set';
import { encodeReadWriteSet } from '../rwset/encode';
import { TEST_TIME_SECONDS } from '../testing/test-authority';
import { testOrganization, testTransaction } from '../testing/test-network';
import { parseEnvelopeHeader, parseTransaction } from './envelope';
import {
  buildProposal,
  checkProposalSignature,
  computeTransactionId,
  parseProposal,
  type ProposalInput,
} from './proposal';
import {
  buildProposalResponsePayload,
  buildTransactionPayload,
  buildEnvelope,
  encodeChaincodeEvent,
  endorsementMessage,
} from './response';

const organization = testOrganization('A');
const msps = new MspSet([new Msp(organization.config)]);
const creator = organization.client.serialized('A');

function input(change: Partial<ProposalInput> = {}): ProposalInput {
  return {
    channelId: 'channel',
    chaincodeName: 'basic',
    args: [utf8('put'), utf8('k')],
    transient: { secret: utf8('hidden value') },
    creator,
    nonce: utf8('nonce'),
    timestamp: { seconds: TEST_TIME_SECONDS, nanos: 7 },
    ...change,
  };
}

describe('a proposal', () => {
  it('comes back from its bytes', () => {
    const { bytes, transactionId } = buildProposal(input());
    const proposal = parseProposal(bytes);
    expect(proposal).toMatchObject({ channelId: 'channel', chaincodeName: 'basic', transactionId, epoch: 0 });
    expect(proposal.timestamp).toEqual({ seconds: TEST_TIME_SECONDS, nanos: 7 });
    expect(proposal.args.map((arg) => Buffer.from(arg).toString())).toEqual(['put', 'k']);
    expect(Buffer.from(proposal.transient.get('secret')!).toString()).toBe('hidden value');
    expect(transactionId).toBe(toHex(sha256(utf8('nonce'), creator)));
    expect(computeTransactionId(utf8('other'), creator)).not.toBe(transactionId);
  });

  it('has a hash that covers headers and input but not the transient map', () => {
    const hashOf = (change: Partial<ProposalInput>) =>
      toHex(parseProposal(buildProposal(input(change)).bytes).proposalHash);
    expect(hashOf({ transient: { secret: utf8('another') } })).toBe(hashOf({}));
    expect(hashOf({ args: [utf8('put'), utf8('l')] })).not.toBe(hashOf({}));
    expect(hashOf({ channelId: 'other' })).not.toBe(hashOf({}));
    const { payloadWithoutTransientBytes } = parseProposal(buildProposal(input()).bytes);
    expect(Buffer.from(payloadWithoutTransientBytes).includes('hidden value')).toBe(false);
  });

  it.each([
    ['PROPOSAL_NONCE_MISSING', { nonce: new Uint8Array(0) }],
    ['PROPOSAL_CREATOR_MISSING', { creator: new Uint8Array(0) }],
    ['PROPOSAL_CHAINCODE_MISSING', { chaincodeName: '' }],
  ] as const)('is refused with %s', (code, change) => {
    expect(() => parseProposal(buildProposal(input(change)).bytes)).toThrow(code);
  });

  it('whose id is not that of its nonce and creator, or that is damaged, is refused', () => {
    const { bytes, transactionId } = buildProposal(input());
    const text = Buffer.from(bytes);
    text.write(transactionId.startsWith('0') ? '1' : '0', text.indexOf(transactionId));
    expect(() => parseProposal(text)).toThrow('PROPOSAL_TXID_INVALID');
    expect(() => parseProposal(bytes.subarray(0, -3))).toThrow('PROPOSAL_UNREADABLE');
  });

  it('must be signed by its creator, who must be valid on the channel', () => {
    const proposalBytes = buildProposal(input()).bytes;
    const signature = organization.client.sign(proposalBytes);
    expect(checkProposalSignature({ proposalBytes, signature }, creator, msps).mspId).toBe('A');
    const denied = 'PROPOSAL_ACCESS_DENIED: access denied: creator org [A]';
    const wrong = { proposalBytes, signature: organization.peer.sign(proposalBytes) };
    expect(() => checkProposalSignature(wrong, creator, msps)).toThrow(denied);
    const roleless = organization.authority.issue({ units: [] });
    const own = { proposalBytes, signature: roleless.sign(proposalBytes) };
    expect(() => checkProposalSignature(own, roleless.serialized('A'), msps)).toThrow(denied);
    const foreign = testOrganization('B').client;
    const other = { proposalBytes, signature: foreign.sign(proposalBytes) };
    expect(() => checkProposalSignature(other, foreign.serialized('B'), msps)).toThrow('creator org [B]');
    expect(() => checkProposalSignature(wrong, Uint8Array.of(9), msps)).toThrow('unknown, creator is malformed');
  });
});

describe('a transaction', () => {
  it('comes back from its envelope, with who asked, what it does and who endorsed', () => {
    const proposal = parseProposal(buildProposal(input()).bytes);
    const event = {
      chaincodeName: 'basic',
      transactionId: proposal.transactionId,
      eventName: 'done',
      payload: utf8('p'),
    };
    const writes = [{ key: 'k', value: utf8('v') }];
    const set = { namespace: 'basic', reads: [], rangeQueries: [], writes, metadataWriteCount: 0, collections: [] };
    const payload = buildProposalResponsePayload({
      proposalHash: proposal.proposalHash,
      readWriteSetBytes: encodeReadWriteSet({ namespaces: [set] }),
      eventBytes: encodeChaincodeEvent(event),
      response: { status: 200, message: 'OK', payload: utf8('answer') },
      chaincode: { name: 'basic', version: '1.0' },
    });
    const endorser = organization.peer.serialized('A');
    const signature = organization.peer.sign(endorsementMessage(payload, endorser));
    const endorsement = { endorser, signature };
    const bytes = buildTransactionPayload({
      proposal,
      proposalResponsePayload: payload,
      endorsements: [endorsement, { endorser, signature: utf8('again') }],
    });
    const transaction = parseTransaction(buildEnvelope(bytes, organization.client.sign(bytes)));
    expect(transaction).toMatchObject({ chaincodeName: 'basic', chaincodeVersion: '1.0', channelId: 'channel' });
    expect(transaction.response).toMatchObject({ status: 200, message: 'OK' });
    expect(transaction.event).toMatchObject({ eventName: 'done', transactionId: proposal.transactionId });
    expect(transaction.readWriteSet.namespaces[0]?.writes).toHaveLength(1);
    expect(transaction.endorsements).toHaveLength(1);
    expect(equalBytes(transaction.endorsements[0]!.signature, signature)).toBe(true);
    expect(equalBytes(transaction.proposalHash, proposal.proposalHash)).toBe(true);
    expect(transaction.args).toHaveLength(2);
  });

  it('that is damaged is refused with the code of what is damaged', () => {
    const client = { mspId: 'A', identity: organization.client };
    const { envelope } = testTransaction('channel', client, [], encodeReadWriteSet({ namespaces: [] }));
    expect(parseEnvelopeHeader(envelope).channelId).toBe('channel');
    expect(() => parseEnvelopeHeader(envelope.subarray(0, -1))).toThrow('ENVELOPE_UNREADABLE');
    expect(() => parseEnvelopeHeader(new Uint8Array(0))).toThrow('ENVELOPE_HEADER_MISSING');
    const broken = testTransaction('channel', client, [], utf8('this is no read-write set'));
    expect(() => parseTransaction(broken.envelope)).toThrow('RWSET_UNREADABLE');
  });
});
