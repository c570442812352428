import { common, peer } from '@hyperledger/fabric-protos';

/** What the gateway reads of a proposal before anybody checks it. */
export interface ProposalView {
  readonly channel: string;
  readonly chaincodeName: string;
  readonly hasTransientData: boolean;
}

/** Decodes what the gateway needs of a signed proposal. @throws Error with Fabric's text. */
export function readProposal(signed: peer.SignedProposal | undefined): ProposalView {
  const bytes = signed?.getProposalBytes_asU8() ?? new Uint8Array(0);
  if (bytes.length === 0) throw new Error('a signed proposal is required');
  const proposal = peer.Proposal.deserializeBinary(bytes);
  const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
  const channel = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8()).getChannelId();
  const payload = peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8());
  const spec = peer.ChaincodeInvocationSpec.deserializeBinary(payload.getInput_asU8()).getChaincodeSpec();
  if (channel === '') throw new Error('no channel id provided');
  if (spec === undefined) throw new Error(`no chaincode spec is provided, channel id [${channel}]`);
  const id = spec.getChaincodeId();
  if (id === undefined) throw new Error(`no chaincode id is provided, channel id [${channel}]`);
  if (id.getName() === '') throw new Error(`no chaincode name is provided, channel id [${channel}]`);
  return { channel, chaincodeName: id.getName(), hasTransientData: payload.getTransientmapMap().getLength() > 0 };
}
