import { loadTopology, memberOrganizations, type Channel, type Topology } from '@flexledger/topology';
import type { common } from '@hyperledger/fabric-protos';
import type { IdentityPlace } from '../identities';
import { addValue, anchorPeers, batchSize, batchTimeout } from '../native/channel-groups';
import { updateChannel, type ChannelUpdate } from '../native/channel-update';

const TIMEOUT_MS = 60_000;

/**
 * Brings the settings of the running channels to what the description says: batch size and timeout, and the anchor peers
 * of the organisations that are members already. Members come and go by operations of their own.
 *
 * @returns by name of channel what became of it.
 * @throws TopologyError, NetworkError.
 */
export async function updateNetworkChannels(
  { topologyFile, cryptoDirectory }: IdentityPlace,
  timeoutMs = TIMEOUT_MS,
): Promise<ReadonlyMap<string, ChannelUpdate>> {
  const topology = loadTopology(topologyFile);
  const updates = new Map<string, ChannelUpdate>();
  for (const channel of topology.channels) {
    const change = (group: common.ConfigGroup): void => setChannelSettings(group, topology, channel);
    const update = await updateChannel({ topology, channel, cryptoDirectory }, change, Date.now() + timeoutMs);
    updates.set(channel.name, update);
  }
  return updates;
}

/** Writes batch settings and anchor peers into a channel group; equal ones leave it as it is. */
export function setChannelSettings(channelGroup: common.ConfigGroup, topology: Topology, channel: Channel): void {
  const orderer = channelGroup.getGroupsMap().get('Orderer');
  if (orderer !== undefined) {
    addValue(orderer, 'BatchSize', batchSize(channel));
    addValue(orderer, 'BatchTimeout', batchTimeout(channel));
  }
  const application = channelGroup.getGroupsMap().get('Application');
  for (const organization of memberOrganizations(topology, channel)) {
    const group = application?.getGroupsMap().get(organization.mspId);
    if (group !== undefined) {
      addValue(group, 'AnchorPeers', anchorPeers(organization));
    }
  }
}
