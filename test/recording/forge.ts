/**
 * Transactions that no honest client sends: endorsed with the peers' own keys, so that a real peer has to find the
 * fault that is left in them. Used only while recording.
 */
import { createHash, createPrivateKey, randomBytes, sign } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { common, peer } from '@hyperledger/fabric-protos';
import {
  buildEnvelope,
  buildProposal,
  buildProposalResponsePayload,
  buildTransactionPayload,
  encodeChaincodeEvent,
  encodeReadWriteSet,
  endorsementMessage,
  parseProposal,
  serializeIdentity,
  toLowS,
  type Endorsement,
  type NamespaceReadWriteSet,
  type ParsedProposal,
} from '@flexledger/fabric-model';

/** A certificate with its key. */
export interface Signatory {
  readonly serialized: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** A certificate and its key, both PEM, of a member of this MSP. */
export function signatory(mspId: string, certificatePem: string, privateKeyPem: string): Signatory {
  const key = createPrivateKey(privateKeyPem);
  return {
    serialized: serializeIdentity(mspId, certificatePem),
    sign: (message) => toLowS(sign('sha256', message, key)),
  };
}

/** Certificate and key of an MSP folder. */
export function signatoryOf(mspId: string, folder: string): Signatory {
  const only = (name: string): string => {
    const [file] = readdirSync(join(folder, name));
    return readFileSync(join(folder, name, file ?? ''), 'utf8');
  };
  return signatory(mspId, only('signcerts'), only('keystore'));
}

/** What a forged transaction leaves wrong; everything else is as it should be. */
export interface Forgery {
  readonly namespaces?: readonly NamespaceReadWriteSet[];
  readonly readWriteSetBytes?: Uint8Array;
  readonly headerChaincode?: string;
  readonly actionChaincode?: { readonly name: string; readonly version: string };
  readonly eventOf?: string;
  readonly endorsers: readonly Signatory[];
  /** Default: random; the same for two forgeries gives them the same transaction id. */
  readonly nonce?: Uint8Array;
  readonly changeProposal?: (proposal: ParsedProposal) => ParsedProposal;
  /** What is endorsed is the proposal as it was changed, so that only the change itself is wrong. */
  readonly bound?: boolean;
  readonly changeResponse?: (response: peer.ProposalResponsePayload) => void;
  readonly changeTransaction?: (transaction: peer.Transaction) => void;
  /** Changes the payload that the client signs. */
  readonly changePayload?: (payload: Uint8Array) => Uint8Array;
  readonly changeEndorsements?: (endorsements: readonly Endorsement[]) => readonly Endorsement[];
  readonly changeSignature?: (signature: Uint8Array) => Uint8Array;
}

/** A namespace set that writes one key. */
export function writing(namespace: string, key: string, value = 'forged'): NamespaceReadWriteSet {
  const writes = [{ key, value: Buffer.from(value) }];
  return { namespace, reads: [], rangeQueries: [], writes, metadataWriteCount: 0, collections: [] };
}

/** The envelope of a forged transaction and its id. */
export function forge(
  channelId: string,
  client: Signatory,
  forgery: Forgery,
): { readonly envelope: Uint8Array; readonly transactionId: string } {
  const name = forgery.headerChaincode ?? 'conformance';
  const now = Date.now();
  const proposed = buildProposal({
    channelId,
    chaincodeName: name,
    args: [Buffer.from('forged')],
    creator: client.serialized,
    nonce: forgery.nonce ?? randomBytes(24),
    timestamp: { seconds: Math.floor(now / 1000), nanos: (now % 1000) * 1_000_000 },
  });
  const honest = parseProposal(proposed.bytes);
  const proposal = forgery.changeProposal?.(honest) ?? honest;
  const endorsed = responseOf(forgery, name, forgery.bound === true ? hashOf(proposal) : honest.proposalHash);
  const endorsements = forgery.endorsers.map((endorser) => ({
    endorser: endorser.serialized,
    signature: endorser.sign(endorsementMessage(endorsed, endorser.serialized)),
  }));
  const built = buildTransactionPayload({
    proposal,
    proposalResponsePayload: endorsed,
    endorsements: forgery.changeEndorsements?.(endorsements) ?? endorsements,
  });
  const changed = withTransaction(built, forgery.changeTransaction);
  const payload = forgery.changePayload?.(changed) ?? changed;
  const signature = client.sign(payload);
  return {
    envelope: buildEnvelope(payload, forgery.changeSignature?.(signature) ?? signature),
    transactionId: honest.transactionId,
  };
}

function hashOf(proposal: ParsedProposal): Uint8Array {
  const { channelHeaderBytes, signatureHeaderBytes, payloadWithoutTransientBytes } = proposal;
  const hash = createHash('sha256').update(channelHeaderBytes).update(signatureHeaderBytes);
  return hash.update(payloadWithoutTransientBytes).digest();
}

/** What the endorsers of a forgery sign. */
function responseOf(forgery: Forgery, name: string, proposalHash: Uint8Array): Uint8Array {
  const event = { chaincodeName: forgery.eventOf ?? '', transactionId: '', eventName: 'e' };
  const payload = buildProposalResponsePayload({
    proposalHash,
    readWriteSetBytes: forgery.readWriteSetBytes ?? encodeReadWriteSet({ namespaces: forgery.namespaces ?? [] }),
    eventBytes:
      forgery.eventOf === undefined
        ? new Uint8Array(0)
        : encodeChaincodeEvent({ ...event, payload: Buffer.from('payload') }),
    response: { status: 200, message: '', payload: new Uint8Array(0) },
    chaincode: forgery.actionChaincode ?? { name, version: '1.0.0' },
  });
  if (forgery.changeResponse === undefined) {
    return payload;
  }
  const response = peer.ProposalResponsePayload.deserializeBinary(payload);
  forgery.changeResponse(response);
  return response.serializeBinary();
}

function withTransaction(bytes: Uint8Array, change: Forgery['changeTransaction']): Uint8Array {
  if (change === undefined) {
    return bytes;
  }
  const payload = common.Payload.deserializeBinary(bytes);
  const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
  change(transaction);
  payload.setData(transaction.serializeBinary());
  return payload.serializeBinary();
}
