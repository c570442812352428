import {
  memberOrganizations,
  nodeFullName,
  readIdentity,
  readPeerEndpoint,
  type Channel,
  type Organization,
  type Topology,
} from '@flexledger/topology';
import { PeerClient } from './peer-client';

/** A channel whose administrators' keys are at hand. */
export interface GovernedChannel {
  readonly topology: Topology;
  readonly channel: Channel;
  /** Holds `organizations/`. */
  readonly cryptoDirectory: string;
}

/** A peer of a member organisation, with its administrator's connection. */
export interface MemberPeer {
  /** Full name of the peer. */
  readonly name: string;
  readonly organization: Organization;
  readonly client: PeerClient;
}

/** Connections to all peers of a channel's members, in the order of the channel; the caller closes them. */
export function openMemberPeers({ topology, channel, cryptoDirectory }: GovernedChannel): MemberPeer[] {
  return memberOrganizations(topology, channel).flatMap((organization) =>
    organization.peers.map((node, index) => ({
      name: nodeFullName(organization, node),
      organization,
      client: new PeerClient(
        readPeerEndpoint(cryptoDirectory, organization, index),
        readIdentity(cryptoDirectory, organization, 'Admin'),
      ),
    })),
  );
}

/** One peer of each organisation. */
export function firstOfEach(peers: readonly MemberPeer[]): MemberPeer[] {
  return peers.filter(
    ({ organization }, index) => peers.findIndex((one) => one.organization === organization) === index,
  );
}
