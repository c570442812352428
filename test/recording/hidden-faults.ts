/** Forgeries whose endorsements and bindings hold: what is wrong, or only odd, lies inside of what was endorsed. */
import { common, ledger, peer } from '@hyperledger/fabric-protos';
import { serializeIdentity, readSerializedIdentity, type ParsedProposal } from '@flexledger/fabric-model';
import { writing, type Forgery, type Signatory } from './forge';

type Keys = readonly [Signatory, Signatory, Signatory];
type KeyValueSet = ledger.rwset.kvrwset.KVRWSet;

function header(change: (header: common.ChannelHeader) => void): (proposal: ParsedProposal) => ParsedProposal {
  return (proposal) => {
    const changed = common.ChannelHeader.deserializeBinary(proposal.channelHeaderBytes);
    change(changed);
    return { ...proposal, channelHeaderBytes: changed.serializeBinary() };
  };
}

function action(change: (action: peer.ChaincodeAction) => void): (response: peer.ProposalResponsePayload) => void {
  return (response) => {
    const changed = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
    change(changed);
    response.setExtension$(changed.serializeBinary());
  };
}

/** Bytes put behind those of an action; protobuf reads both as one message. */
function appended(...bytes: number[]): (response: peer.ProposalResponsePayload) => void {
  return (response) => {
    response.setExtension$(Buffer.concat([response.getExtension_asU8(), Buffer.from(bytes)]));
  };
}

/** The extension of the channel header, which names the chaincode; an orderer does not look at it. */
function headerExtensions(base: Forgery): Forgery[] {
  const extension = (id: peer.ChaincodeID | undefined) => {
    const message = new peer.ChaincodeHeaderExtension();
    message.setChaincodeId(id);
    return header((changed) => changed.setExtension$(message.serializeBinary()));
  };
  return [
    { ...base, changeProposal: header((changed) => changed.setExtension$(Buffer.from('no extension'))) },
    { ...base, changeProposal: extension(undefined) },
    { ...base, changeProposal: extension(new peer.ChaincodeID()) },
    { ...base, changeProposal: header((changed) => changed.clearTimestamp()) },
    { ...base, changeProposal: header((changed) => changed.setVersion(7)) },
  ];
}

/** What the endorsers answered. */
function responses(base: Forgery): Forgery[] {
  return [
    { ...base, changeResponse: (response) => response.setExtension$('') },
    { ...base, changeResponse: (response) => response.setExtension$(Buffer.from('no action')) },
    { ...base, changeResponse: action((changed) => changed.clearChaincodeId()) },
    { ...base, changeResponse: action((changed) => changed.clearResponse()) },
    { ...base, changeResponse: action((changed) => changed.getResponse()?.setStatus(500)) },
    { ...base, changeResponse: action((changed) => changed.setEvents(Buffer.from('no event'))) },
    // Field 2, the event, is there and has no bytes.
    { ...base, changeResponse: appended(0x12, 0) },
    // Field 100, which no release has: a group with one number in it.
    { ...base, changeResponse: appended(0xa3, 0x06, 0x08, 0x01, 0xa4, 0x06) },
    // Field 4, the chaincode, a second time: another version, which joins the name of the first.
    { ...base, changeResponse: appended(0x22, 5, 0x1a, 3, 0x31, 0x2e, 0x31) },
    // Field 1, the read-write set, as a number.
    { ...base, changeResponse: appended(0x08, 0x01) },
    // The end of a group that never began.
    { ...base, changeResponse: appended(0xa4, 0x06) },
  ];
}

/** The payload with its header in two parts, which protobuf reads as one. */
function inTwoParts(bytes: Uint8Array): Uint8Array {
  const [first, second] = [common.Payload.deserializeBinary(bytes), new common.Payload()];
  const part = new common.Header();
  part.setSignatureHeader(first.getHeader()!.getSignatureHeader_asU8());
  first.getHeader()!.setSignatureHeader('');
  second.setHeader(part);
  return Buffer.concat([first.serializeBinary(), second.serializeBinary()]);
}

/** The actions of the transaction and what they say of the proposal. */
function actions(base: Forgery): Forgery[] {
  const payload = (bytes: Uint8Array) => (proposal: ParsedProposal) => ({
    ...proposal,
    payloadWithoutTransientBytes: bytes,
  });
  const actionHeader = (bytes: Uint8Array): NonNullable<Forgery['changeTransaction']> => {
    return (transaction) => transaction.getActionsList()[0]?.setHeader(bytes);
  };
  const other = new common.SignatureHeader();
  other.setNonce('AAAA');
  return [
    { ...base, changePayload: inTwoParts },
    { ...base, changeProposal: payload(Buffer.from('no proposal')) },
    { ...base, changeProposal: payload(Buffer.alloc(0)) },
    { ...base, changeTransaction: (transaction) => transaction.clearActionsList() },
    { ...base, changeTransaction: (transaction) => transaction.addActions(transaction.getActionsList()[0]) },
    { ...base, changeTransaction: actionHeader(Buffer.from('no header')) },
    { ...base, changeTransaction: actionHeader(other.serializeBinary()) },
  ];
}

function readWriteSet(namespace: string, change: (set: KeyValueSet) => void): Uint8Array {
  const set = new ledger.rwset.kvrwset.KVRWSet();
  change(set);
  const inner = new ledger.rwset.NsReadWriteSet();
  inner.setNamespace(namespace);
  inner.setRwset(set.serializeBinary());
  const outer = new ledger.rwset.TxReadWriteSet();
  outer.addNsRwset(inner);
  return outer.serializeBinary();
}

function write(key: string, value: string, isDelete: boolean): ledger.rwset.kvrwset.KVWrite {
  const message = new ledger.rwset.kvrwset.KVWrite();
  message.setKey(key);
  message.setValue(Buffer.from(value));
  message.setIsDelete(isDelete);
  return message;
}

/** Several writes of one key, each with a value of its own. */
function repeated(key: string, times: number): (set: KeyValueSet) => void {
  return (set) => {
    for (let index = 0; index < times; index += 1) {
      set.addWrites(write(key, `value ${index}`, false));
    }
  };
}

/** Read-write sets that no peer makes. */
function readWriteSets({ endorsers }: Forgery): Forgery[] {
  const { KVRead, RangeQueryInfo, QueryReads, Version } = ledger.rwset.kvrwset;
  const version = new Version();
  version.setBlockNum(1);
  const read = (key: string, of?: ledger.rwset.kvrwset.Version): ledger.rwset.kvrwset.KVRead => {
    const message = new KVRead();
    message.setKey(key);
    message.setVersion(of);
    return message;
  };
  const range = (reads: ledger.rwset.kvrwset.KVRead[] | undefined) => (set: KeyValueSet) => {
    const message = new RangeQueryInfo();
    message.setStartKey('few');
    message.setEndKey('few~');
    message.setItrExhausted(true);
    if (reads !== undefined) {
      const raw = new QueryReads();
      raw.setKvReadsList(reads);
      message.setRawReads(raw);
    }
    set.addRangeQueriesInfo(message);
  };
  const sets = [
    readWriteSet('conformance', (set) => set.addWrites(write('emptied', '', false))),
    readWriteSet('conformance', (set) => set.addWrites(write('deleted', 'with a value', true))),
    readWriteSet('conformance', (set) => set.addWrites(write('', 'a key without a name', false))),
    ...[
      ['new twice', 2],
      ['few0000', 2],
      ['few0000', 3],
      ['few0000', 8],
    ].map(([key, times]) => readWriteSet('conformance', repeated(String(key), Number(times)))),
    readWriteSet('conformance', (set) => set.addReads(read('never written'))),
    readWriteSet('conformance', (set) => set.addReads(read('never written', version))),
    readWriteSet('unheard', (set) => set.addReads(read('never written'))),
    readWriteSet('unheard', (set) => set.addReads(read('never written', version))),
    readWriteSet('conformance', range(undefined)),
    readWriteSet('conformance', range([])),
    readWriteSet('conformance', range([read('few0000', version)])),
    readWriteSet('none', range(undefined)),
    ...['lscc', 'cscc', 'qscc', ''].map((name) => readWriteSet(name, (set) => set.addWrites(write('k', 'v', false)))),
    readWriteSet('conformance', (set) => set.addWrites(write('x', 'y', false))).map((byte) =>
      byte === 'x'.charCodeAt(0) ? 0xff : byte,
    ),
  ];
  return sets.map((readWriteSetBytes) => ({ readWriteSetBytes, endorsers }));
}

/** Endorsements by those who may not, or under another name. */
function endorsers(keys: Keys, admin: Signatory): Forgery[] {
  const [one, two] = keys;
  const namespaces = [writing('conformance', 'endorsed')];
  const { pem } = readSerializedIdentity(one.serialized);
  const masked = { ...one, serialized: serializeIdentity('TwoMSP', Buffer.from(pem).toString()) };
  return [
    { namespaces, endorsers: [one, admin] },
    { namespaces, endorsers: [one, masked] },
    { namespaces, endorsers: [one, { ...two, serialized: Buffer.from('nobody') }] },
    { namespaces, endorsers: [one, two], changeEndorsements: ([first, second]) => [first!, second!, first!, second!] },
    { namespaces: [writing('_lifecycle', 'stray too')], headerChaincode: '_lifecycle', endorsers: [one] },
    { namespaces: [writing('_lifecycle', 'stray')], headerChaincode: '_lifecycle', endorsers: [one, two] },
    { headerChaincode: 'lscc', endorsers: [one, two] },
  ];
}

/** All forgeries of this file; each is for a block as a peer has to judge it. */
export function hiddenFaults(keys: Keys, admin: Signatory): Forgery[] {
  const base: Forgery = { namespaces: [writing('conformance', 'hidden')], endorsers: keys.slice(0, 2), bound: true };
  return [
    ...headerExtensions(base),
    ...responses(base),
    ...actions(base),
    ...readWriteSets(base),
    ...endorsers(keys, admin),
  ];
}
