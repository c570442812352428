import { discovery, gossip } from '@hyperledger/fabric-protos';

/** What one peer knows of the other peers of a channel: MSP id -> chaincodes of each peer. */
export type ChannelMembership = ReadonlyMap<string, readonly (readonly string[])[]>;

/** The request that asks a peer's discovery service for the peers of a channel; the caller signs its bytes. */
export function membershipRequest(channelName: string, clientIdentity: Uint8Array): Uint8Array {
  const authentication = new discovery.AuthInfo();
  authentication.setClientIdentity(clientIdentity);
  const query = new discovery.Query();
  query.setChannel(channelName);
  query.setPeerQuery(new discovery.PeerMembershipQuery());
  const request = new discovery.Request();
  request.setAuthentication(authentication);
  request.setQueriesList([query]);
  return request.serializeBinary();
}

/** Reads the answer to a membership request; an error in it is thrown with the peer's words. */
export function readMembership(answer: discovery.Response): ChannelMembership {
  const result = answer.getResultsList()[0];
  const refusal = result?.getError();
  if (refusal !== undefined) {
    throw new Error(`discovery: ${refusal.getContent()}`);
  }
  const members = result?.getMembers()?.getPeersByOrgMap();
  return new Map(
    [...(members?.entries() ?? [])].map(([mspId, peers]) => [mspId, peers.getPeersList().map(chaincodesOf)]),
  );
}

function chaincodesOf(one: discovery.Peer): string[] {
  const bytes = one.getStateInfo()?.getPayload_asU8();
  if (bytes === undefined) {
    return [];
  }
  const properties = gossip.GossipMessage.deserializeBinary(bytes).getStateInfo()?.getProperties();
  return properties?.getChaincodesList().map((chaincode) => chaincode.getName()) ?? [];
}
