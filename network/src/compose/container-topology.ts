import { createHash } from 'node:crypto';
import { chaincodeAddress, nodeFullName, type Chaincode, type Topology } from '@flexledger/topology';
import { NetworkError } from '../network-error';

/** The DNS name of an organisation's chaincode container; its certificate carries the same name. */
export function chaincodeHost(organization: { readonly domain: string }): string {
  return `chaincode.${organization.domain}`;
}

/**
 * The same network as its containers see it: every node is reached by its full DNS name instead of a loopback address,
 * and every organisation's chaincode runs in a container of its own. The ports stay, so that a published port has one
 * number everywhere.
 *
 * @throws NetworkError NETWORK_TOPOLOGY_UNSUITABLE for chaincode that cannot run so.
 */
export function containerTopology(topology: Topology): Topology {
  assertSuitable(topology);
  return {
    ...topology,
    organizations: topology.organizations.map((organization) => ({
      ...organization,
      peers: organization.peers.map((node) => ({ ...node, host: nodeFullName(organization, node) })),
      orderers: organization.orderers.map((node) => ({ ...node, host: nodeFullName(organization, node) })),
    })),
    channels: topology.channels.map((channel) => ({
      ...channel,
      chaincodes: channel.chaincodes.map((chaincode) => inContainers(topology, chaincode)),
    })),
  };
}

/** What tells two descriptions of a network apart, whatever their layout and comments: a compose file and an image have to fit. */
export function topologyDigest(topology: Topology): string {
  return createHash('sha256').update(JSON.stringify(topology)).digest('hex');
}

/** The port of an organisation's chaincode service. */
export function chaincodePort(topology: Topology, organizationName: string, chaincodeName: string): number {
  const organization = topology.organizations.find(({ name }) => name === organizationName);
  const address = organization === undefined ? '' : chaincodeAddress(topology, organization, chaincodeName);
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 10);
}

function inContainers(topology: Topology, chaincode: Chaincode): Chaincode {
  if (chaincode.service.kind !== 'command') {
    return chaincode;
  }
  const addresses: Record<string, string> = {};
  for (const organization of topology.organizations) {
    const port = chaincodePort(topology, organization.name, chaincode.name);
    addresses[organization.name] = `${chaincodeHost(organization)}:${port}`;
  }
  return { ...chaincode, service: { ...chaincode.service, kind: 'external', addresses } };
}

function assertSuitable(topology: Topology): void {
  const chaincodes = topology.channels.flatMap((channel) => channel.chaincodes);
  const dialling = chaincodes.find(({ service }) => service.kind === 'peer');
  if (dialling !== undefined) {
    throw new NetworkError(
      'NETWORK_TOPOLOGY_UNSUITABLE',
      `chaincode ${dialling.name} dials its peer, which real peers only allow in development mode; run it as a service.`,
    );
  }
  const started = chaincodes.filter(({ service }) => service.kind === 'command');
  if (started.length > 1) {
    throw new NetworkError(
      'NETWORK_TOPOLOGY_UNSUITABLE',
      `containers run one chaincode per organisation, but there are ${started.map(({ name }) => name).join(', ')}; run ` +
        'the others yourself and give their addresses (kind: external).',
    );
  }
}
