import { common, peer } from '@hyperledger/fabric-protos';

import { decodeOr, FabricModelError } from '../common/errors';
import { decodeStrict } from '../common/schemas';
import { decodeReadWriteSet } from '../rwset/decode';
import { timestampOf } from './proposal';
import type { ChaincodeEvent, ChaincodeResponse, EnvelopeHeader, ParsedTransaction } from './types';

function refuse(code: string, sentence: string): never {
  throw new FabricModelError(`ENVELOPE_${code}`, sentence);
}

/** Reads the header of any envelope; throws ENVELOPE_UNREADABLE or ENVELOPE_HEADER_MISSING. */
export function parseEnvelopeHeader(envelope: Uint8Array): EnvelopeHeader {
  return decodeOr('ENVELOPE_UNREADABLE', 'The envelope', () => {
    const message = decodeStrict('envelope', common.Envelope, envelope);
    const payload = decodeStrict('payload', common.Payload, message.getPayload_asU8());
    const header = payload.getHeader() ?? refuse('HEADER_MISSING', 'The payload has no header.');
    const channelHeader = decodeStrict('channelHeader', common.ChannelHeader, header.getChannelHeader_asU8());
    const signatureHeader = decodeStrict('signatureHeader', common.SignatureHeader, header.getSignatureHeader_asU8());
    return {
      headerType: channelHeader.getType(),
      channelId: channelHeader.getChannelId(),
      transactionId: channelHeader.getTxId(),
      epoch: channelHeader.getEpoch(),
      timestamp: timestampOf(channelHeader.getTimestamp()),
      creator: signatureHeader.getCreator_asU8(),
      nonce: signatureHeader.getNonce_asU8(),
      channelHeaderBytes: header.getChannelHeader_asU8(),
      signatureHeaderBytes: header.getSignatureHeader_asU8(),
      extensionBytes: channelHeader.getExtension_asU8(),
      payloadBytes: message.getPayload_asU8(),
      dataBytes: payload.getData_asU8(),
      signature: message.getSignature_asU8(),
    };
  });
}

/** The single action of an endorser transaction, decoded down to the chaincode action. */
export interface ActionParts {
  readonly actionHeaderBytes: Uint8Array;
  readonly chaincodeProposalPayload: Uint8Array;
  readonly endorsed: peer.ChaincodeEndorsedAction;
  readonly responsePayload: peer.ProposalResponsePayload;
}

/** Reads the action of an endorser transaction; throws ENVELOPE_TRANSACTION_INVALID. */
export function readAction(dataBytes: Uint8Array): ActionParts {
  return decodeOr('ENVELOPE_TRANSACTION_INVALID', 'The transaction', () => {
    const actions = decodeStrict('transaction', peer.Transaction, dataBytes).getActionsList();
    const [action] = actions;
    if (action === undefined || actions.length !== 1) {
      return refuse('TRANSACTION_INVALID', `Exactly one action is needed, the transaction has ${actions.length}.`);
    }
    const payload = decodeStrict('actionPayload', peer.ChaincodeActionPayload, action.getPayload_asU8());
    const endorsed = payload.getAction() ?? refuse('TRANSACTION_INVALID', 'The action was not endorsed.');
    return {
      actionHeaderBytes: action.getHeader_asU8(),
      chaincodeProposalPayload: payload.getChaincodeProposalPayload_asU8(),
      endorsed,
      responsePayload: decodeStrict(
        'responsePayload',
        peer.ProposalResponsePayload,
        endorsed.getProposalResponsePayload_asU8(),
      ),
    };
  });
}

/** A chaincode event from its bytes; undefined for no bytes. */
export function readChaincodeEvent(bytes: Uint8Array): ChaincodeEvent | undefined {
  if (bytes.length === 0) {
    return undefined;
  }
  const event = decodeStrict('chaincodeEvent', peer.ChaincodeEvent, bytes);
  return {
    chaincodeName: event.getChaincodeId(),
    transactionId: event.getTxId(),
    eventName: event.getEventName(),
    payload: event.getPayload_asU8(),
  };
}

/** No peer reads the proposal of a transaction again, so one that cannot be read has no arguments and may be valid. */
function argsOf(chaincodeProposalPayload: Uint8Array): readonly Uint8Array[] {
  try {
    const input = peer.ChaincodeProposalPayload.deserializeBinary(chaincodeProposalPayload).getInput_asU8();
    const spec = peer.ChaincodeInvocationSpec.deserializeBinary(input).getChaincodeSpec();
    return spec?.getInput()?.getArgsList_asU8() ?? [];
  } catch {
    return [];
  }
}

function responseOf(message: peer.Response): ChaincodeResponse {
  return { status: message.getStatus(), message: message.getMessage(), payload: message.getPayload_asU8() };
}

/** A parsed header and its action as a whole transaction; throws ENVELOPE_* or RWSET_UNREADABLE. */
export function assembleTransaction(header: EnvelopeHeader, parts: ActionParts): ParsedTransaction {
  return decodeOr('ENVELOPE_TRANSACTION_INVALID', 'The chaincode action', () => {
    const action = decodeStrict('chaincodeAction', peer.ChaincodeAction, parts.responsePayload.getExtension_asU8());
    const chaincodeId = action.getChaincodeId() ?? new peer.ChaincodeID();
    const readWriteSetBytes = action.getResults_asU8();
    return {
      transactionId: header.transactionId,
      channelId: header.channelId,
      creator: header.creator,
      nonce: header.nonce,
      timestamp: header.timestamp,
      chaincodeName: chaincodeId.getName(),
      chaincodeVersion: chaincodeId.getVersion(),
      args: argsOf(parts.chaincodeProposalPayload),
      response: responseOf(action.getResponse() ?? new peer.Response()),
      readWriteSetBytes,
      readWriteSet: decodeReadWriteSet(readWriteSetBytes),
      event: readChaincodeEvent(action.getEvents_asU8()),
      proposalResponsePayload: parts.endorsed.getProposalResponsePayload_asU8(),
      proposalHash: parts.responsePayload.getProposalHash_asU8(),
      endorsements: parts.endorsed.getEndorsementsList().map((endorsement) => ({
        endorser: endorsement.getEndorser_asU8(),
        signature: endorsement.getSignature_asU8(),
      })),
    };
  });
}

/** An endorser transaction in full; throws ENVELOPE_* for anything else. */
export function parseTransaction(envelope: Uint8Array): ParsedTransaction {
  const header = parseEnvelopeHeader(envelope);
  if (header.headerType !== common.HeaderType.ENDORSER_TRANSACTION) {
    refuse('NOT_A_TRANSACTION', `The envelope has type ${header.headerType}, not that of an endorser transaction.`);
  }
  return assembleTransaction(header, readAction(header.dataBytes));
}
