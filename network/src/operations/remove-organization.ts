import { findOrganization, type Channel, type Organization } from '@flexledger/topology';
import type { common } from '@hyperledger/fabric-protos';
import { recordTopology } from '../native/applied-topology';
import { updateChannel, type ChannelUpdate } from '../native/channel-update';
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
 * Takes an organisation that the description no longer lists as a member out of the channels of a running network: out of
 * the configuration, so that orderers and peers refuse it from then on, and out of the chaincode definitions whose next
 * sequence the description has; then its processes stop. Its data and keys stay in their folders.
 *
 * @returns by name of channel what became of its configuration.
 * @throws NetworkError, TopologyError, TopologyLookupError. What the description cannot lead to is refused before anything
 *   has changed.
 */
export async function removeNetworkOrganization(
  options: OperationOptions,
  name: string,
): Promise<ReadonlyMap<string, ChannelUpdate>> {
  const network = await findRunningNetwork(options);
  const organization = findOrganization(network.before, name);
  assertTakesNoOrders(network.before, name);
  const still = network.topology.channels.find(({ memberOrganizations }) => memberOrganizations.includes(name));
  if (still !== undefined) {
    throw new NetworkError(
      'NETWORK_REFUSED',
      `${options.topologyFile} still lists ${name} as a member of ${still.name}; take it out of memberOrganizations and ` +
        'of the policies first.',
    );
  }
  assertOnlyChange(network, 'removed', name);
  const left = network.before.channels.filter(({ memberOrganizations }) => memberOrganizations.includes(name));
  const channels = network.topology.channels.filter((channel) => left.some((one) => one.name === channel.name));
  for (const channel of channels) {
    await assertUpgradable(network, channel);
  }
  const updates = new Map<string, ChannelUpdate>();
  for (const channel of channels) {
    network.progress(`channel ${channel.name}: removing ${name}`);
    updates.set(channel.name, await dismiss(network, channel, organization));
    for (const chaincode of channel.chaincodes) {
      await upgradeChaincode(network, channel, chaincode);
    }
  }
  await stopProcesses(network, organization);
  recordTopology(network.dataDirectory, network.topology);
  if (network.topology.organizations.some((one) => one.name === name)) {
    network.progress(`${name} still stands under organizations; delete it there, or its peers start at the next up`);
  }
  return updates;
}

/** Where the signatures of the others do not suffice, the organisation that leaves signs too: it is still a member. */
async function dismiss(network: RunningNetwork, channel: Channel, organization: Organization): Promise<ChannelUpdate> {
  const others = network.topology.organizations.filter(({ name }) => name !== organization.name);
  const topology = { ...network.topology, organizations: [...others, organization] };
  const change = (group: common.ConfigGroup): void => {
    group.getGroupsMap().get('Application')?.getGroupsMap().del(organization.mspId);
  };
  return updateChannel({ ...network, topology, channel }, change, network.deadline);
}

async function stopProcesses({ processes, progress }: RunningNetwork, { domain }: Organization): Promise<void> {
  const own = (await processes.names()).filter((name) => name.endsWith(`.${domain}`));
  if (own.length > 0) {
    progress(`stopping ${own.join(', ')}`);
    await Promise.all(own.map(async (name) => processes.stop(name)));
  }
}
