import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  nodeFullName,
  ordererOrganizations,
  readIdentity,
  readPeerEndpoint,
  type Channel,
  type Organization,
  type PeerNode,
  type Topology,
} from '@flexledger/topology';
import type { NodeFaults } from '../handle';
import { NetworkError } from '../network-error';
import { createChaincodePackage } from './chaincode-package';
import { installPackage, joinPeer } from './lifecycle';
import type { NativeNetwork } from './native-network';
import { genesisBlockFile } from './node-processes';
import { findLeader, joinOrderer, ordererHeight, type OrdererReference } from './orderer-admin';
import { PeerClient } from './peer-client';
import type { ProcessSpec } from './process-set';

/** The network whose nodes are to be harmed. */
export type HarmedNetwork = Pick<NativeNetwork, 'cryptoDirectory' | 'processes'> & {
  readonly topology: Topology;
  readonly dataDirectory: string;
};

const JOIN_TIMEOUT_MS = 30_000;
/** Everything that a node writes itself; its configuration stays. */
const STORES = ['ledger', 'raft', 'snapshots'] as const;
const STATE_DATABASE = join('ledger', 'ledgersData', 'stateLeveldb');

/** The faults of a network of real Fabric that need more than a signal. */
export function nodeFaults(network: HarmedNetwork): NodeFaults {
  const { topology, dataDirectory, processes } = network;
  const originals = new Map<string, ProcessSpec>();
  const orderersOf = (channel: Channel): OrdererReference[] =>
    ordererOrganizations(topology, channel).flatMap((organization) =>
      organization.orderers.map((node) => ({ cryptoDirectory: network.cryptoDirectory, organization, node })),
    );
  const [channel] = topology.channels;
  if (channel === undefined) {
    throw new NetworkError('NETWORK_TOPOLOGY_UNSUITABLE', `topology ${topology.name} has no channel.`);
  }
  return {
    leader: async () => {
      const leader = await findLeader(orderersOf(channel), channel.name);
      return leader === undefined ? undefined : nodeFullName(leader.organization, leader.node);
    },
    ordererHeight: async (name) => ordererHeight(named(orderersOf(channel), name), channel.name),
    wipe: (name, what) => {
      assertDown(network, name);
      const folders = what === 'state' ? [STATE_DATABASE] : STORES;
      folders.forEach((folder) => rmSync(join(dataDirectory, 'nodes', name, folder), { recursive: true, force: true }));
    },
    rejoin: async (name) => rejoin(network, orderersOf, name),
    startServiceWith: async (name, parameters) => {
      const original = originals.get(name) ?? processes.specification(name);
      originals.set(name, original);
      await processes.kill(name);
      processes.start({ ...original, parameters: [...parameters, ...original.parameters] });
      await processes.restart(name);
    },
  };
}

async function rejoin(
  network: HarmedNetwork,
  orderersOf: (channel: Channel) => OrdererReference[],
  name: string,
): Promise<void> {
  const { topology, dataDirectory } = network;
  const deadline = Date.now() + JOIN_TIMEOUT_MS;
  const peer = findPeerNamed(topology, name);
  for (const channel of topology.channels) {
    const block = readFileSync(genesisBlockFile(dataDirectory, channel.name));
    if (peer === undefined) {
      await joinOrderer(named(orderersOf(channel), name), block, deadline);
    } else if (channel.memberOrganizations.includes(peer.organization.name)) {
      await rejoinPeer(network, peer, channel, block);
    }
  }
}

interface OwnedPeer {
  readonly organization: Organization;
  readonly node: PeerNode;
}

async function rejoinPeer(
  { cryptoDirectory }: HarmedNetwork,
  { organization, node }: OwnedPeer,
  channel: Channel,
  genesisBlock: Uint8Array,
): Promise<void> {
  const client = new PeerClient(
    readPeerEndpoint(cryptoDirectory, organization, organization.peers.indexOf(node)),
    readIdentity(cryptoDirectory, organization, 'Admin'),
  );
  try {
    await client.waitUntilReady(JOIN_TIMEOUT_MS);
    // The packages first: the peer then starts a chaincode as soon as it reads of its definition.
    for (const chaincode of channel.chaincodes) {
      await installPackage(client, createChaincodePackage(chaincode));
    }
    await joinPeer(client, genesisBlock);
  } finally {
    client.close();
  }
}

function findPeerNamed(topology: Topology, name: string): OwnedPeer | undefined {
  const all = topology.organizations.flatMap((organization) =>
    organization.peers.map((node) => ({ organization, node })),
  );
  return all.find(({ organization, node }) => nodeFullName(organization, node) === name);
}

function named(orderers: readonly OrdererReference[], name: string): OrdererReference {
  const orderer = orderers.find(({ organization, node }) => nodeFullName(organization, node) === name);
  if (orderer === undefined) {
    throw new NetworkError('NETWORK_UNKNOWN_PROCESS', `there is no orderer ${name} on this channel.`);
  }
  return orderer;
}

/** What a running process has open must not be removed under it. */
function assertDown({ processes }: HarmedNetwork, name: string): void {
  processes.specification(name);
  if (processes.isRunning(name)) {
    throw new NetworkError('NETWORK_UNKNOWN_PROCESS', `${name} still runs; kill it before its data is removed.`);
  }
}
