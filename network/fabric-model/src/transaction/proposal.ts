import { common, peer } from '@hyperledger/fabric-protos';

import { fromUtf8, sha256, toHex } from '../common/bytes';
import { decodeOr, FabricModelError, messageOf } from '../common/errors';
import { WireWriter } from '../common/wire';
import type { Identity } from '../msp/identity';
import { readSerializedIdentity } from '../msp/msp';
import type { MspSet } from '../msp/msp-set';
import type { ParsedProposal, Timestamp } from './types';

/** What a client puts into a proposal. */
export interface ProposalInput {
  readonly channelId: string;
  readonly chaincodeName: string;
  readonly args: readonly Uint8Array[];
  readonly transient?: Readonly<Record<string, Uint8Array>>;
  /** SerializedIdentity bytes. */
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
  readonly timestamp: Timestamp;
}

function refuse(code: string, sentence: string): never {
  throw new FabricModelError(`PROPOSAL_${code}`, sentence);
}

/** Transaction id: SHA-256 over nonce and creator, as hex. */
export function computeTransactionId(nonce: Uint8Array, creator: Uint8Array): string {
  return toHex(sha256(nonce, creator));
}

/** A channel header with its timestamp, whose message class belongs to no package that this one may import. */
function channelHeaderAt(time: Timestamp): common.ChannelHeader {
  const timestamp = new WireWriter().numberField(1, time.seconds).numberField(2, time.nanos).finish();
  return common.ChannelHeader.deserializeBinary(new WireWriter().messageField(3, timestamp).finish());
}

/** Builds the bytes of a chaincode proposal, ready to be signed. */
export function buildProposal(input: ProposalInput): { readonly bytes: Uint8Array; readonly transactionId: string } {
  const transactionId = computeTransactionId(input.nonce, input.creator);
  const chaincodeId = new peer.ChaincodeID();
  chaincodeId.setName(input.chaincodeName);
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId);
  const channelHeader = channelHeaderAt(input.timestamp);
  channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
  channelHeader.setChannelId(input.channelId);
  channelHeader.setTxId(transactionId);
  channelHeader.setExtension$(extension.serializeBinary());
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(input.creator);
  signatureHeader.setNonce(input.nonce);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const chaincodeInput = new peer.ChaincodeInput();
  chaincodeInput.setArgsList([...input.args]);
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.NODE);
  spec.setChaincodeId(chaincodeId);
  spec.setInput(chaincodeInput);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  for (const [name, value] of Object.entries(input.transient ?? {})) {
    payload.getTransientmapMap().set(name, value);
  }
  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payload.serializeBinary());
  return { bytes: proposal.serializeBinary(), transactionId };
}

/** Seconds and nanoseconds of a protobuf timestamp; zero when it is absent. */
export function timestampOf(message: { getSeconds(): number; getNanos(): number } | undefined): Timestamp {
  return { seconds: message?.getSeconds() ?? 0, nanos: message?.getNanos() ?? 0 };
}

function chaincodeNameOf(extensionBytes: Uint8Array): string {
  const chaincodeId = peer.ChaincodeHeaderExtension.deserializeBinary(extensionBytes).getChaincodeId();
  return chaincodeId?.getName() ?? refuse('CHAINCODE_MISSING', 'The header names no chaincode.');
}

function decodeProposal(bytes: Uint8Array): ParsedProposal {
  const proposal = peer.Proposal.deserializeBinary(bytes);
  const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
  const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
  const signatureHeader = common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8());
  const payload = peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8());
  const spec = peer.ChaincodeInvocationSpec.deserializeBinary(payload.getInput_asU8()).getChaincodeSpec();
  const input = spec?.getInput() ?? refuse('INPUT_MISSING', 'The proposal carries no chaincode input.');
  const transient = new Map<string, Uint8Array>();
  payload.getTransientmapMap().forEach((value, name) => {
    transient.set(name, typeof value === 'string' ? Buffer.from(value, 'base64') : value);
  });
  const bare = new peer.ChaincodeProposalPayload();
  bare.setInput(payload.getInput_asU8());
  const payloadWithoutTransientBytes = bare.serializeBinary();
  const channelHeaderBytes = header.getChannelHeader_asU8();
  const signatureHeaderBytes = header.getSignatureHeader_asU8();
  return {
    bytes,
    headerBytes: proposal.getHeader_asU8(),
    channelHeaderBytes,
    signatureHeaderBytes,
    channelId: channelHeader.getChannelId(),
    transactionId: channelHeader.getTxId(),
    headerType: channelHeader.getType(),
    epoch: channelHeader.getEpoch(),
    timestamp: timestampOf(channelHeader.getTimestamp()),
    creator: signatureHeader.getCreator_asU8(),
    nonce: signatureHeader.getNonce_asU8(),
    chaincodeName: chaincodeNameOf(channelHeader.getExtension_asU8()),
    args: input.getArgsList_asU8(),
    isInit: input.getIsInit(),
    transient,
    payloadWithoutTransientBytes,
    proposalHash: sha256(channelHeaderBytes, signatureHeaderBytes, payloadWithoutTransientBytes),
  };
}

/**
 * Decodes a proposal and checks what needs no channel: header type, epoch, nonce, creator, transaction id, chaincode
 * name. Throws PROPOSAL_* with the sentences of a real endorser where it has them.
 */
export function parseProposal(bytes: Uint8Array): ParsedProposal {
  const proposal = decodeOr('PROPOSAL_UNREADABLE', 'The proposal', () => decodeProposal(bytes));
  if (proposal.headerType !== common.HeaderType.ENDORSER_TRANSACTION) {
    refuse('TYPE_INVALID', `invalid header type ${proposal.headerType}`);
  }
  if (proposal.epoch !== 0) {
    refuse('EPOCH_INVALID', 'epoch is non-zero');
  }
  if (proposal.nonce.length === 0) {
    refuse('NONCE_MISSING', 'nonce is empty');
  }
  if (proposal.creator.length === 0) {
    refuse('CREATOR_MISSING', 'creator is empty');
  }
  if (proposal.chaincodeName === '') {
    refuse('CHAINCODE_MISSING', 'ChaincodeHeaderExtension.ChaincodeId.Name is empty');
  }
  const expected = computeTransactionId(proposal.nonce, proposal.creator);
  if (proposal.transactionId !== expected) {
    refuse('TXID_INVALID', `incorrectly computed txid '${proposal.transactionId}' -- expected '${expected}'`);
  }
  return proposal;
}

/** The creator is known to the channel, valid, and signed the proposal bytes; throws PROPOSAL_ACCESS_DENIED. */
export function checkProposalSignature(
  signed: { readonly proposalBytes: Uint8Array; readonly signature: Uint8Array },
  creator: Uint8Array,
  msps: MspSet,
): Identity {
  let organization = 'unknown, creator is malformed';
  try {
    organization = `[${readSerializedIdentity(creator).mspId}]`;
    const identity = msps.deserialize(creator);
    msps.validate(identity);
    if (identity.verify(signed.proposalBytes, signed.signature)) {
      return identity;
    }
  } catch (error) {
    throw new FabricModelError(
      'PROPOSAL_ACCESS_DENIED',
      `access denied: creator org ${organization} (${messageOf(error)})`,
      error,
    );
  }
  return refuse('ACCESS_DENIED', `access denied: creator org ${organization} (the signature does not verify)`);
}

/** Text arguments of a proposal, for logs. */
export function argsAsText(args: readonly Uint8Array[]): readonly string[] {
  return args.map(fromUtf8);
}
