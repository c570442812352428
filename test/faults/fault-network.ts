import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  openNetwork,
  type FabricRelease,
  type NetworkFaults,
  type NetworkHandle,
  type NodeFaults,
} from '@flexledger/network';
import { faultTolerantProfile, findOrganization, loadTopology, type Topology } from '@flexledger/topology';

/** A network of real Fabric whose processes can be harmed. */
export interface FaultNetwork {
  readonly handle: NetworkHandle;
  readonly faults: NetworkFaults;
  readonly nodes: NodeFaults;
}

/** How the network of a run is made. */
export interface FaultNetworkOptions {
  readonly dataDirectory: string;
  readonly release?: FabricRelease;
  readonly say: (line: string) => void;
}

/** Away from the consortium's own ports, so that a network that is up does not matter. */
const PORT_SHIFT = 4_000;
const START_TIMEOUT_MS = 300_000;

/** The top folder of the repository, be it for this file or for what was compiled from it. */
export const repositoryRoot = findRoot(__dirname);

/** Starts the fault-tolerant profile of the consortium on ports of its own. */
export async function openFaultNetwork(options: FaultNetworkOptions): Promise<FaultNetwork> {
  const source = join(repositoryRoot, 'network', 'consortium.yaml');
  const topology = shiftPorts(faultTolerantProfile(loadTopology(source)), PORT_SHIFT, dirname(source));
  mkdirSync(options.dataDirectory, { recursive: true, mode: 0o700 });
  const topologyFile = join(options.dataDirectory, 'topology.json');
  writeFileSync(topologyFile, `${JSON.stringify(topology, null, 2)}\n`);
  const handle = await openNetwork({
    mode: 'native',
    topologyFile,
    dataDirectory: join(options.dataDirectory, 'network'),
    ...(options.release === undefined ? {} : { release: options.release }),
    progress: options.say,
    timeoutMs: START_TIMEOUT_MS,
  });
  const { faults } = handle;
  if (faults?.nodes === undefined) {
    await handle.stop();
    throw new Error('this network has no nodes that can be harmed');
  }
  return { handle, faults, nodes: faults.nodes };
}

/** The same network on other ports, with working directories that do not depend on where its file lies. */
export function shiftPorts(topology: Topology, by: number, folder: string): Topology {
  return {
    ...topology,
    organizations: topology.organizations.map((organization) => ({
      ...organization,
      peers: organization.peers.map((peer) => ({
        ...peer,
        port: peer.port + by,
        operationsPort: peer.operationsPort + by,
        chaincodeListenPort: peer.chaincodeListenPort + by,
      })),
      orderers: organization.orderers.map((orderer) => ({
        ...orderer,
        port: orderer.port + by,
        adminPort: orderer.adminPort + by,
        operationsPort: orderer.operationsPort + by,
      })),
      chaincodePortBase: organization.chaincodePortBase + by,
    })),
    channels: topology.channels.map((channel) => ({
      ...channel,
      chaincodes: channel.chaincodes.map((chaincode) => ({
        ...chaincode,
        service: { ...chaincode.service, workingDirectory: resolve(folder, chaincode.service.workingDirectory) },
      })),
    })),
  };
}

/** Full name of an organisation's peer number `index`. */
export function peerName({ topology }: NetworkHandle, organization: string, index = 0): string {
  const { domain, peers } = findOrganization(topology, organization);
  const peer = peers[index];
  if (peer === undefined) {
    throw new RangeError(`${organization} has no peer ${index}`);
  }
  return `${peer.name}.${domain}`;
}

/** Full name of an organisation's orderer. */
export function ordererName({ topology }: NetworkHandle, organization: string): string {
  const { domain, orderers } = findOrganization(topology, organization);
  return `${orderers[0]?.name ?? ''}.${domain}`;
}

/** All orderers, by full name. */
export function ordererNames(handle: NetworkHandle): string[] {
  return handle.topology.organizations
    .filter(({ orderers }) => orderers.length > 0)
    .map(({ name }) => ordererName(handle, name));
}

/** The name of an organisation's chaincode service. */
export function serviceName({ topology, chaincodeName }: NetworkHandle, organization: string): string {
  return `${chaincodeName}.chaincode.${findOrganization(topology, organization).domain}`;
}

/** Every peer of the network: organisation and number. */
export function allPeers({ topology }: NetworkHandle): { readonly organization: string; readonly index: number }[] {
  return topology.organizations.flatMap(({ name, peers }) => peers.map((_, index) => ({ organization: name, index })));
}

function findRoot(from: string): string {
  let folder = from;
  while (!existsSync(join(folder, 'network', 'consortium.yaml'))) {
    const parent = dirname(folder);
    if (parent === folder) {
      throw new Error('the repository of this file was not found');
    }
    folder = parent;
  }
  return folder;
}
