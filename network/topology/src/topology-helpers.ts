import { TopologyLookupError } from './topology-error';
import type { Chaincode, Channel, OrdererNode, Organization, PeerNode, Topology } from './topology-types';

/** The organisation with this name. @throws TopologyLookupError (TOPOLOGY_UNKNOWN_NAME). */
export function findOrganization(topology: Topology, name: string): Organization {
  return find(topology.organizations, 'organisation', name);
}

/** The organisation with this MSP id. @throws TopologyLookupError (TOPOLOGY_UNKNOWN_NAME). */
export function findOrganizationByMsp(topology: Topology, mspId: string): Organization {
  const organization = topology.organizations.find((one) => one.mspId === mspId);
  if (organization === undefined) {
    throw new TopologyLookupError(
      'organisation with MSP id',
      mspId,
      topology.organizations.map((one) => one.mspId),
    );
  }
  return organization;
}

/** The channel with this name. @throws TopologyLookupError (TOPOLOGY_UNKNOWN_NAME). */
export function findChannel(topology: Topology, name: string): Channel {
  return find(topology.channels, 'channel', name);
}

/** The chaincode with this name on a channel. @throws TopologyLookupError (TOPOLOGY_UNKNOWN_NAME). */
export function findChaincode(channel: Channel, name: string): Chaincode {
  return find(channel.chaincodes, 'chaincode', name);
}

/** The organisation's peer number `index`, counted from 0. @throws TopologyLookupError (TOPOLOGY_UNKNOWN_NAME). */
export function findPeer(organization: Organization, index = 0): PeerNode {
  const peer = organization.peers[index];
  if (peer === undefined) {
    throw new TopologyLookupError(
      `peer of ${organization.name}`,
      String(index),
      organization.peers.map(({ name }) => name),
    );
  }
  return peer;
}

/** The member organisations of a channel, in the order of the channel. */
export function memberOrganizations(topology: Topology, channel: Channel): Organization[] {
  return channel.memberOrganizations.map((name) => findOrganization(topology, name));
}

/** The ordering organisations of a channel, in the order of the channel. */
export function ordererOrganizations(topology: Topology, channel: Channel): Organization[] {
  return channel.ordererOrganizations.map((name) => findOrganization(topology, name));
}

/** The full DNS name of a node, for example `peer0.tso.flexledger.example`. */
export function nodeFullName(organization: Organization, node: PeerNode | OrdererNode): string {
  return `${node.name}.${organization.domain}`;
}

/** `host:port` of a node's gRPC service. */
export function nodeAddress(node: PeerNode | OrdererNode): string {
  return `${node.host}:${node.port}`;
}

/** Ports of one chaincode in one organisation: one for definitions with an odd sequence, one for those with an even one. */
export const PORTS_PER_CHAINCODE = 2;

/**
 * `host:port` of an organisation's chaincode service: from the file for `external`, else the organisation's port base
 * plus two for each chaincode before it, counted over all channels in their order, plus one when the sequence of the
 * definition is even. So the services of a definition and of the next one can run side by side while it is upgraded.
 *
 * @param sequence of the definition; default: the one that the topology has.
 */
export function chaincodeAddress(
  topology: Topology,
  organization: Organization,
  chaincodeName: string,
  sequence?: number,
): string {
  const all = topology.channels.flatMap((channel) => channel.chaincodes);
  const index = all.findIndex((chaincode) => chaincode.name === chaincodeName);
  const chaincode = all[index];
  if (chaincode === undefined) {
    throw new TopologyLookupError(
      'chaincode',
      chaincodeName,
      all.map(({ name }) => name),
    );
  }
  const external = chaincode.service.addresses[organization.name];
  if (chaincode.service.kind === 'external' && external !== undefined) {
    return external;
  }
  const isEven = (sequence ?? chaincode.sequence) % 2 === 0;
  const port = organization.chaincodePortBase + PORTS_PER_CHAINCODE * index + (isEven ? 1 : 0);
  return `${organization.peers[0]?.host ?? '127.0.0.1'}:${port}`;
}

function find<T extends { readonly name: string }>(items: readonly T[], kind: string, name: string): T {
  const item = items.find((one) => one.name === name);
  if (item === undefined) {
    throw new TopologyLookupError(
      kind,
      name,
      items.map((one) => one.name),
    );
  }
  return item;
}
