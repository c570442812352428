import { common, peer } from '@hyperledger/fabric-protos';

import { concatBytes } from '../common/bytes';
import type { ChaincodeEvent, ChaincodeResponse, Endorsement, ParsedProposal } from './types';

/** What an endorser signs about a simulation. */
export interface ProposalResponsePayloadInput {
  readonly proposalHash: Uint8Array;
  readonly readWriteSetBytes: Uint8Array;
  /** ChaincodeEvent bytes; empty when the contract set no event. */
  readonly eventBytes: Uint8Array;
  readonly response: ChaincodeResponse;
  readonly chaincode: { readonly name: string; readonly version: string };
}

/** Bytes of a ChaincodeEvent. */
export function encodeChaincodeEvent(event: ChaincodeEvent): Uint8Array {
  const message = new peer.ChaincodeEvent();
  message.setChaincodeId(event.chaincodeName);
  message.setTxId(event.transactionId);
  message.setEventName(event.eventName);
  message.setPayload(event.payload);
  return message.serializeBinary();
}

/** Bytes of the ProposalResponsePayload: what every endorser must agree on to the byte. */
export function buildProposalResponsePayload(input: ProposalResponsePayloadInput): Uint8Array {
  const response = new peer.Response();
  response.setStatus(input.response.status);
  response.setMessage(input.response.message);
  response.setPayload(input.response.payload);
  const chaincodeId = new peer.ChaincodeID();
  chaincodeId.setName(input.chaincode.name);
  chaincodeId.setVersion(input.chaincode.version);
  const action = new peer.ChaincodeAction();
  action.setResults(input.readWriteSetBytes);
  action.setEvents(input.eventBytes);
  action.setResponse(response);
  action.setChaincodeId(chaincodeId);
  const payload = new peer.ProposalResponsePayload();
  payload.setProposalHash(input.proposalHash);
  payload.setExtension$(action.serializeBinary());
  return payload.serializeBinary();
}

/** What an endorser's signature covers: the payload followed by its serialised identity. */
export function endorsementMessage(proposalResponsePayload: Uint8Array, endorser: Uint8Array): Uint8Array {
  return concatBytes(proposalResponsePayload, endorser);
}

/** Payload bytes of the envelope that the client signs; each endorser is taken once. */
export function buildTransactionPayload(input: {
  readonly proposal: ParsedProposal;
  readonly proposalResponsePayload: Uint8Array;
  readonly endorsements: readonly Endorsement[];
}): Uint8Array {
  const distinct = new Map(
    [...input.endorsements].reverse().map((entry) => [Buffer.from(entry.endorser).toString('hex'), entry]),
  );
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(input.proposalResponsePayload);
  for (const endorsement of input.endorsements.filter((entry) => [...distinct.values()].includes(entry))) {
    const message = new peer.Endorsement();
    message.setEndorser(endorsement.endorser);
    message.setSignature(endorsement.signature);
    endorsed.addEndorsements(message);
  }
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(input.proposal.payloadWithoutTransientBytes);
  actionPayload.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setHeader(input.proposal.signatureHeaderBytes);
  action.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.addActions(action);
  const header = new common.Header();
  header.setChannelHeader(input.proposal.channelHeaderBytes);
  header.setSignatureHeader(input.proposal.signatureHeaderBytes);
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(transaction.serializeBinary());
  return payload.serializeBinary();
}

/** Bytes of an envelope. */
export function buildEnvelope(payload: Uint8Array, signature: Uint8Array): Uint8Array {
  const envelope = new common.Envelope();
  envelope.setPayload(payload);
  envelope.setSignature(signature);
  return envelope.serializeBinary();
}
