import { readFileSync } from 'node:fs';
import {
  ensureCryptoMaterial,
  findOrganization,
  readIdentity,
  readPeerEndpoint,
  type Channel,
  type Organization,
} from '@flexledger/topology';
import type { common } from '@hyperledger/fabric-protos';
import { recordTopology } from '../native/applied-topology';
import { findFabricBinaries, type FabricRelease } from '../native/binaries';
import { memberGroup } from '../native/channel-groups';
import { readChannelConfig, updateChannel, type ChannelUpdate } from '../native/channel-update';
import { joinPeer, retryUntil } from '../native/lifecycle';
import { genesisBlockFile, peerProcess, recordedRelease } from '../native/node-processes';
import { PeerClient } from '../native/peer-client';
import { assertPortsFree } from '../native/ports';
import { NetworkError } from '../network-error';
import {
  assertOnlyChange,
  assertTakesNoOrders,
  findRunningNetwork,
  type OperationOptions,
  type RunningNetwork,
} from './running-network';
import { assertUpgradable, upgradeChaincode } from './upgrade-chaincode';

/**
 * Takes a new member organisation of the description into the channels of a running network: makes its keys, adds it to
 * the channel configuration with its anchor peers, starts its peers and joins them from block 0, installs and approves the
 * chaincode for it and starts its chaincode processes. Where the description also has the next sequence of a chaincode (a
 * policy that names the new organisation, say), that definition is committed. Repeating it goes on where an earlier attempt
 * ended.
 *
 * @returns by name of channel what became of its configuration.
 * @throws NetworkError, TopologyError, TopologyLookupError. What the description cannot lead to is refused before anything
 *   has changed.
 */
export async function addNetworkOrganization(
  options: OperationOptions,
  name: string,
): Promise<ReadonlyMap<string, ChannelUpdate>> {
  const network = await findRunningNetwork(options);
  const organization = findOrganization(network.topology, name);
  const channels = network.topology.channels.filter(({ memberOrganizations }) => memberOrganizations.includes(name));
  if (channels.length === 0) {
    throw new NetworkError('NETWORK_REFUSED', `${options.topologyFile} lists ${name} as a member of no channel.`);
  }
  assertTakesNoOrders(network.topology, name);
  assertOnlyChange(network, 'added', name);
  for (const channel of channels) {
    await assertUpgradable(network, channel, name);
  }
  await assertOwnPortsFree(network, organization);
  await ensureCryptoMaterial({ ...network.topology, organizations: [organization] }, network.cryptoDirectory);
  const updates = new Map<string, ChannelUpdate>();
  for (const channel of channels) {
    network.progress(`channel ${channel.name}: adding ${name}`);
    updates.set(channel.name, await admit(network, channel, organization));
  }
  await startPeers(network, organization);
  for (const channel of channels) {
    network.progress(`channel ${channel.name}: joining the peers of ${name} from block 0`);
    const sequence = updates.get(channel.name)?.config.sequence ?? 0;
    await Promise.all(
      organization.peers.map(async (_, index) => join(network, channel, organization, index, sequence)),
    );
    for (const chaincode of channel.chaincodes) {
      await upgradeChaincode(network, channel, chaincode, name);
    }
  }
  recordTopology(network.dataDirectory, network.topology);
  return updates;
}

/** The members so far decide; the new organisation's peer cannot be asked yet. */
async function admit(network: RunningNetwork, channel: Channel, organization: Organization): Promise<ChannelUpdate> {
  const membersSoFar = channel.memberOrganizations.filter((one) => one !== organization.name);
  const place = { ...network, channel: { ...channel, memberOrganizations: membersSoFar } };
  const change = (group: common.ConfigGroup): void => {
    const members = group.getGroupsMap().get('Application')?.getGroupsMap();
    if (members?.get(organization.mspId) === undefined) {
      members?.set(organization.mspId, memberGroup(organization, network.cryptoDirectory));
    }
  };
  return updateChannel(place, change, network.deadline);
}

/** Its own processes may run already when the operation is repeated; they are not in the way. */
async function assertOwnPortsFree({ topology, processes }: RunningNetwork, organization: Organization): Promise<void> {
  const running = await processes.names();
  if (!running.some((one) => one.endsWith(`.${organization.domain}`))) {
    await assertPortsFree({ ...topology, organizations: [organization] });
  }
}

async function startPeers(network: RunningNetwork, organization: Organization): Promise<void> {
  const release = recordedRelease(network.dataDirectory) as FabricRelease;
  const binaries = findFabricBinaries(process.env, release);
  for (const node of organization.peers) {
    const specification = peerProcess({ ...network, binaries }, organization, node);
    network.progress(`starting ${specification.name}`);
    await network.processes.start(specification);
  }
}

async function join(
  { cryptoDirectory, dataDirectory, deadline }: RunningNetwork,
  channel: Channel,
  organization: Organization,
  index: number,
  sequence: number,
): Promise<void> {
  const client = new PeerClient(
    readPeerEndpoint(cryptoDirectory, organization, index),
    readIdentity(cryptoDirectory, organization, 'Admin'),
  );
  try {
    await client.waitUntilReady(Math.max(deadline - Date.now(), 1000));
    await joinPeer(client, readFileSync(genesisBlockFile(dataDirectory, channel.name)));
    await retryUntil(deadline, `the blocks of ${channel.name} on the peer of ${organization.name}`, async () => {
      const config = await readChannelConfig(client, channel.name);
      if (config.sequence < sequence) {
        throw new NetworkError('NETWORK_NOT_READY', `it has come to configuration ${config.sequence}.`);
      }
    });
  } finally {
    client.close();
  }
}
