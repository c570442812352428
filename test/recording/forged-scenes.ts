/** Scenes of transactions that no honest client sends: one fault is left in each. */
import { createHash, randomBytes } from 'node:crypto';
import { common, type peer } from '@hyperledger/fabric-protos';
import { encodeReadWriteSet, hashKeyHex, type Endorsement, type ParsedProposal } from '@flexledger/fabric-model';
import { submit } from '../conformance/support/party';
import { sendRaw, type Cast } from './cast';
import { forge, writing, type Forgery } from './forge';
import { hiddenFaults } from './hidden-faults';

/** One envelope several times, in one block and again later. */
export async function duplicates(cast: Cast): Promise<void> {
  const forged = forge(cast.channelId, cast.client, {
    namespaces: [writing('conformance', 'twice')],
    endorsers: [cast.peers[0], cast.peers[1]],
  });
  await Promise.all([0, 1, 2].map(() => sendRaw(cast, forged.envelope, forged.transactionId)));
  await submit(cast.one, 'put', ['between', 'x']);
  await sendRaw(cast, forged.envelope, forged.transactionId);
}

/** Signatures, names and read-write sets that a peer has to refuse, between some that it has to take. */
export async function endorsements(cast: Cast): Promise<void> {
  await submit(cast.one, 'put', ['alone', 'x'], { endorsingOrganizations: ['OneMSP'] });
  const [one, two, three] = cast.peers;
  const namespaces = [writing('conformance', 'forged')];
  const broken = (list: readonly Endorsement[]): readonly Endorsement[] =>
    list.map((entry, index) => (index === 0 ? { ...entry, signature: entry.signature.slice(0, -1) } : entry));
  const forgeries: Forgery[] = [
    { namespaces, endorsers: [one, two] },
    { namespaces, endorsers: [one, two, three] },
    { namespaces, endorsers: [one, cast.client] },
    { namespaces, endorsers: [] },
    { namespaces, endorsers: [one, two], changeEndorsements: broken },
    { namespaces, endorsers: [one, two, three], changeEndorsements: broken },
    { namespaces, endorsers: [one, two], changeEndorsements: (list) => list.map(highS) },
    { endorsers: [one] },
    { endorsers: [one, two] },
    { endorsers: [one, two], headerChaincode: 'unheard' },
    { endorsers: [one, two], actionChaincode: { name: 'other', version: '1.0.0' } },
    { endorsers: [one, two], actionChaincode: { name: 'conformance', version: '' } },
    { endorsers: [one, two], eventOf: 'other' },
    { endorsers: [one, two], eventOf: 'conformance' },
    { endorsers: [one, two], readWriteSetBytes: Buffer.from('this is no read-write set') },
    { endorsers: [one, two], namespaces: [...namespaces, ...namespaces] },
    { endorsers: [one, two], namespaces: [...namespaces, writing('unheard', 'key')] },
    { endorsers: [one], namespaces: [writing('_lifecycle', 'stray')] },
    ...collectionForgeries(cast),
  ];
  for (const forgery of forgeries) {
    const forged = forge(cast.channelId, cast.client, forgery);
    await sendRaw(cast, forged.envelope, forged.transactionId);
  }
}

/** Writes to collections, which may have rules of their own. */
function collectionForgeries({ peers: [one, two, three] }: Cast): Forgery[] {
  const into = (collection: string): Forgery['namespaces'] => {
    const valueHash = createHash('sha256').update('value').digest();
    const writes = [{ keyHashHex: hashKeyHex('forged'), valueHash, purge: false }];
    const set = { collection, reads: [], writes, metadataWriteCount: 0, privateSetHash: undefined };
    return [{ ...writing('conformance', 'x'), writes: [], collections: [set] }];
  };
  return [
    { endorsers: [one, three], namespaces: into('secrets')! },
    { endorsers: [one], namespaces: into('secrets')! },
    { endorsers: [two], namespaces: into('_implicit_org_TwoMSP')! },
    { endorsers: [one], namespaces: into('_implicit_org_TwoMSP')! },
    { endorsers: [one, two], namespaces: into('_implicit_org_FourMSP')! },
  ];
}

/** The second valid form of a signature, which Fabric refuses. */
function highS(endorsement: Endorsement): Endorsement {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const bytes = Buffer.from(endorsement.signature);
  const lengthR = bytes[3] ?? 0;
  const r = bytes.subarray(2, 4 + lengthR);
  const s = BigInt(`0x${bytes.subarray(6 + lengthR).toString('hex')}`);
  const digits = Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex');
  const content = (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits;
  const body = Buffer.concat([r, Buffer.of(2, content.length), content]);
  return { ...endorsement, signature: Buffer.concat([Buffer.of(0x30, body.length), body]) };
}

/** Envelopes whose form is wrong; an orderer takes them as long as the client's signature holds. */
export async function forms(cast: Cast): Promise<void> {
  const [one, two] = cast.peers;
  const base = { namespaces: [writing('conformance', 'formed')], endorsers: [one, two] };
  const withHeader = (change: (header: common.ChannelHeader) => void) => (proposal: ParsedProposal) => {
    const header = common.ChannelHeader.deserializeBinary(proposal.channelHeaderBytes);
    change(header);
    return { ...proposal, channelHeaderBytes: header.serializeBinary() };
  };
  const forgeries: Forgery[] = [
    { ...base, changeProposal: withHeader((header) => header.setTxId('0'.repeat(64))) },
    { ...base, changeProposal: withHeader((header) => header.setEpoch(1)) },
    { ...base, changeProposal: withHeader((header) => header.setType(common.HeaderType.MESSAGE)) },
    { ...base, changeProposal: withHeader((header) => header.setTlsCertHash('AAAA')) },
    {
      ...base,
      changeProposal: (p) => ({ ...p, payloadWithoutTransientBytes: encodeReadWriteSet({ namespaces: [] }) }),
    },
  ];
  for (const forgery of forgeries) {
    const forged = forge(cast.channelId, cast.client, forgery);
    await sendRaw(cast, forged.envelope, forged.transactionId, false);
  }
}

/** What lies inside of a well-formed, well-endorsed transaction; each in a block of its own. */
export async function hidden(cast: Cast): Promise<void> {
  for (const forgery of hiddenFaults(cast.peers, cast.adminKeys[1])) {
    const forged = forge(cast.channelId, cast.client, forgery);
    await sendRaw(cast, forged.envelope, forged.transactionId);
  }
}

/** An id that a malformed envelope has used up. */
export async function spentId(cast: Cast): Promise<void> {
  const [one, two] = cast.peers;
  const nonce = randomBytes(24);
  const base = { nonce, namespaces: [writing('conformance', 'spent')], endorsers: [one, two] };
  const malformed = forge(cast.channelId, cast.client, { ...base, bound: true, changeTransaction: withoutHeader });
  await sendRaw(cast, malformed.envelope, malformed.transactionId);
  const good = forge(cast.channelId, cast.client, base);
  await sendRaw(cast, good.envelope, good.transactionId, false);
  await submit(cast.one, 'put', ['after the spent id', 'x']);
}

function withoutHeader(transaction: peer.Transaction): void {
  transaction.getActionsList()[0]?.setHeader('');
}
