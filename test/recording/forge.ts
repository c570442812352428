/**
 * Transactions that no honest client sends: endorsed with the peers' own keys, so that a real peer has to find the
 * fault that is left in them. Used only while recording.
 */
import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** Certificate and key of an MSP folder. */
export function signatoryOf(mspId: string, folder: string): Signatory {
  const only = (name: string): string => {
    const [file] = readdirSync(join(folder, name));
    return readFileSync(join(folder, name, file ?? ''), 'utf8');
  };
  const key = createPrivateKey(only('keystore'));
  return {
    serialized: serializeIdentity(mspId, only('signcerts')),
    sign: (message) => toLowS(sign('sha256', message, key)),
  };
}

/** What a forged transaction leaves wrong; everything else is as it should be. */
export interface Forgery {
  readonly namespaces?: readonly NamespaceReadWriteSet[];
  readonly readWriteSetBytes?: Uint8Array;
  readonly headerChaincode?: string;
  readonly actionChaincode?: { readonly name: string; readonly version: string };
  readonly eventOf?: string;
  readonly endorsers: readonly Signatory[];
  readonly changeProposal?: (proposal: ParsedProposal) => ParsedProposal;
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
  const built = buildProposal({
    channelId,
    chaincodeName: name,
    args: [Buffer.from('forged')],
    creator: client.serialized,
    nonce: randomBytes(24),
    timestamp: { seconds: Math.floor(now / 1000), nanos: (now % 1000) * 1_000_000 },
  });
  const honest = parseProposal(built.bytes);
  const proposal = forgery.changeProposal?.(honest) ?? honest;
  const event = { chaincodeName: forgery.eventOf ?? '', transactionId: built.transactionId, eventName: 'e' };
  const payload = buildProposalResponsePayload({
    proposalHash: honest.proposalHash,
    readWriteSetBytes: forgery.readWriteSetBytes ?? encodeReadWriteSet({ namespaces: forgery.namespaces ?? [] }),
    eventBytes:
      forgery.eventOf === undefined
        ? new Uint8Array(0)
        : encodeChaincodeEvent({ ...event, payload: Buffer.from('payload') }),
    response: { status: 200, message: '', payload: new Uint8Array(0) },
    chaincode: forgery.actionChaincode ?? { name, version: '1.0.0' },
  });
  const endorsements = forgery.endorsers.map((endorser) => ({
    endorser: endorser.serialized,
    signature: endorser.sign(endorsementMessage(payload, endorser.serialized)),
  }));
  const transaction = buildTransactionPayload({
    proposal,
    proposalResponsePayload: payload,
    endorsements: forgery.changeEndorsements?.(endorsements) ?? endorsements,
  });
  const signature = client.sign(transaction);
  return {
    envelope: buildEnvelope(transaction, forgery.changeSignature?.(signature) ?? signature),
    transactionId: built.transactionId,
  };
}
