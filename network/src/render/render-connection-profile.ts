import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findOrganization,
  memberOrganizations,
  nodeAddress,
  nodeFullName,
  ordererFolders,
  ordererOrganizations,
  peerFolders,
  type OrdererNode,
  type Organization,
  type PeerNode,
  type Topology,
} from '@flexledger/topology';

/** Which connection profile to render. */
export interface ConnectionProfileOptions {
  /** Whose clients will use it. */
  readonly organization: string;
  /** The folder that holds `organizations/`; the TLS roots found there are written into the profile, others as paths. */
  readonly cryptoDirectory: string;
}

/**
 * A common connection profile in JSON, as Fabric's older client libraries and tools read it. It holds public
 * certificates and no key.
 *
 * @throws TopologyLookupError.
 */
export function renderConnectionProfile(topology: Topology, options: ConnectionProfileOptions): string {
  const { cryptoDirectory } = options;
  const client = findOrganization(topology, options.organization);
  const peers = topology.organizations.flatMap((organization) =>
    organization.peers.map((node) => {
      const folder = peerFolders(cryptoDirectory, organization, node).tls;
      return [nodeFullName(organization, node), endpoint(organization, node, folder)] as const;
    }),
  );
  const orderers = topology.organizations.flatMap((organization) =>
    organization.orderers.map((node) => {
      const folder = ordererFolders(cryptoDirectory, organization, node).tls;
      return [nodeFullName(organization, node), endpoint(organization, node, folder)] as const;
    }),
  );
  const profile = {
    name: `${topology.name}-${client.name}`,
    version: '1.0.0',
    client: { organization: client.name, connection: { timeout: { peer: { endorser: '300' }, orderer: '300' } } },
    channels: Object.fromEntries(channelEntries(topology)),
    organizations: Object.fromEntries(
      topology.organizations.map((organization) => [
        organization.name,
        { mspid: organization.mspId, peers: organization.peers.map((node) => nodeFullName(organization, node)) },
      ]),
    ),
    orderers: Object.fromEntries(orderers),
    peers: Object.fromEntries(peers),
  };
  return `${JSON.stringify(profile, null, 2)}\n`;
}

function channelEntries(topology: Topology): (readonly [string, object])[] {
  return topology.channels.map((channel) => [
    channel.name,
    {
      orderers: ordererOrganizations(topology, channel).flatMap((organization) =>
        organization.orderers.map((node) => nodeFullName(organization, node)),
      ),
      peers: Object.fromEntries(
        memberOrganizations(topology, channel).flatMap((organization) =>
          organization.peers.map((node) => [nodeFullName(organization, node), { eventSource: true }] as const),
        ),
      ),
    },
  ]);
}

function endpoint(organization: Organization, node: PeerNode | OrdererNode, tlsFolder: string): object {
  const name = nodeFullName(organization, node);
  const root = join(tlsFolder, 'ca.crt');
  return {
    url: `grpcs://${nodeAddress(node)}`,
    tlsCACerts: existsSync(root) ? { pem: readFileSync(root, 'utf8') } : { path: root },
    grpcOptions: { 'ssl-target-name-override': name, hostnameOverride: name },
  };
}
