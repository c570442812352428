import { parseSignaturePolicy, policyMspIds } from './signature-policy';
import type { Channel, Organization, PeerNode, Topology } from './topology-types';

/** Ports of a second peer stand this far behind those of the first one, inside the organisation's own block. */
const PORT_STEP = 3;

/**
 * The same network with no single peer that the channel's business cannot do without: every organisation that is the
 * only one to share a private collection with those that order gets a second peer. (Of those that order there are
 * several, and each of them can be missing.) In the consortium that is two peers for Community and Market.
 *
 * @throws RangeError when such an organisation has no peer from which the second one could follow.
 */
export function faultTolerantProfile(topology: Topology): Topology {
  const needed = new Set(topology.channels.flatMap((channel) => soleSharers(topology, channel)));
  return {
    ...topology,
    name: `${topology.name}-fault-tolerant`,
    organizations: topology.organizations.map((organization) =>
      needed.has(organization.mspId) && organization.peers.length < 2 ? withSecondPeer(organization) : organization,
    ),
  };
}

function soleSharers(topology: Topology, channel: Channel): string[] {
  const mspIdOf = new Map(topology.organizations.map(({ name, mspId }) => [name, mspId]));
  const ordering = new Set(channel.ordererOrganizations.map((name) => mspIdOf.get(name)));
  return channel.chaincodes.flatMap(({ collections }) =>
    collections.flatMap(({ policy }) => {
      const others = [...new Set(policyMspIds(parseSignaturePolicy(policy)))].filter((mspId) => !ordering.has(mspId));
      return others.length === 1 ? others : [];
    }),
  );
}

function withSecondPeer(organization: Organization): Organization {
  const [first] = organization.peers;
  if (first === undefined) {
    throw new RangeError(`${organization.name} has no peer that a second one could follow`);
  }
  const second: PeerNode = {
    name: 'peer1',
    host: first.host,
    port: first.port + PORT_STEP,
    operationsPort: first.operationsPort + PORT_STEP,
    chaincodeListenPort: first.chaincodeListenPort + PORT_STEP,
  };
  return { ...organization, peers: [first, second] };
}
