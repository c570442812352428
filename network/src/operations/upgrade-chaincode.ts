import { memberOrganizations, type Chaincode, type Channel } from '@flexledger/topology';
import { recordTopology } from '../native/applied-topology';
import { createChaincodePackage } from '../native/chaincode-package';
import { chaincodeServiceName, chaincodeServices, isServiceOf } from '../native/chaincode-services';
import {
  approveDefinition,
  commitDefinition,
  committedDefinition,
  installPackage,
  isCommitted,
  isDefinitionOf,
  retryUntil,
} from '../native/lifecycle';
import { firstOfEach, openMemberPeers, type MemberPeer } from '../native/member-peers';
import { waitForChaincode, waitForMembership } from '../native/ready';
import { NetworkError } from '../network-error';
import { findRunningNetwork, memberChanges, type OperationOptions, type RunningNetwork } from './running-network';

/**
 * Brings the chaincode of a running network to the definition that the description has: a new version, policy or
 * collection under the next sequence. The processes of the new definition start beside those of the old one; every
 * organisation installs and approves; once the definition is committed and every peer answers with it, the old processes
 * stop. The state stays. Repeating it goes on where an earlier attempt ended, and changes nothing when all is done.
 *
 * @param name which chaincode; default: all.
 * @throws NetworkError NETWORK_REFUSED, NETWORK_NOT_READY, NETWORK_TOPOLOGY_UNSUITABLE. Before the commit nothing has
 *   changed for anybody then, and the new processes are stopped.
 */
export async function upgradeNetworkChaincode(options: OperationOptions, name?: string): Promise<void> {
  const network = await findRunningNetwork(options);
  const chosen = network.topology.channels.flatMap((channel) =>
    channel.chaincodes
      .filter((chaincode) => name === undefined || chaincode.name === name)
      .map((chaincode) => ({ channel, chaincode })),
  );
  if (chosen.length === 0) {
    throw new NetworkError('NETWORK_REFUSED', `${options.topologyFile} has no chaincode ${name ?? ''}.`);
  }
  for (const { channel } of chosen) {
    const { added, removed } = memberChanges(network, channel);
    if (added.length + removed.length > 0) {
      const names = [...added, ...removed].join(', ');
      throw new NetworkError(
        'NETWORK_REFUSED',
        `the description also changes the members of ${channel.name} (${names}); add or remove them first, which ` +
          'upgrades the chaincode too.',
      );
    }
  }
  for (const { channel, chaincode } of chosen) {
    await upgradeChaincode(network, channel, chaincode);
  }
  recordTopology(network.dataDirectory, network.topology);
}

/**
 * Refuses what `upgradeChaincode` could not bring a channel to, before anything is changed.
 *
 * @param newcomer a member of the description whose peers do not run yet.
 */
export async function assertUpgradable(network: RunningNetwork, channel: Channel, newcomer?: string): Promise<void> {
  const running = channel.memberOrganizations.filter((name) => name !== newcomer);
  const peers = openMemberPeers({ ...network, channel: { ...channel, memberOrganizations: running } });
  try {
    for (const chaincode of channel.chaincodes) {
      await isDescribed(peers, channel, chaincode);
    }
  } finally {
    peers.forEach(({ client }) => client.close());
  }
}

/**
 * Brings one chaincode to the definition of the description; its members are those of the description.
 *
 * @param newcomer a member that has not approved the committed definition, should that stay.
 */
export async function upgradeChaincode(
  network: RunningNetwork,
  channel: Channel,
  chaincode: Chaincode,
  newcomer?: string,
): Promise<void> {
  const { progress, deadline } = network;
  const peers = openMemberPeers({ ...network, channel });
  try {
    const isDone = await isDescribed(peers, channel, chaincode);
    if (isDone) {
      progress(`chaincode ${chaincode.name}: sequence ${chaincode.sequence} is committed`);
      await startServices(network, channel, chaincode);
      const own = peers.filter(({ organization }) => organization.name === newcomer);
      await installAndApprove(network, channel, chaincode, own);
    } else {
      await commitNext(network, channel, chaincode, peers);
    }
    progress(`chaincode ${chaincode.name}: waiting until every peer answers with sequence ${chaincode.sequence}`);
    await Promise.all(
      peers.map(async ({ name, client }) => {
        await retryUntil(deadline, `the definition of ${chaincode.name} on ${name}`, async () => {
          if (!(await isCommitted(client, channel, chaincode))) {
            throw new NetworkError('NETWORK_NOT_READY', 'it has an earlier one.');
          }
        });
        await waitForMembership(client, channel, memberOrganizations(network.topology, channel), deadline);
        await waitForChaincode(client, channel.name, chaincode.name, deadline);
      }),
    );
    await stopServices(network, chaincode, isOld(network, channel, chaincode));
  } finally {
    peers.forEach(({ client }) => client.close());
  }
}

/** Whether the definition is committed already. @throws NetworkError when it cannot follow the committed one. */
async function isDescribed([first]: readonly MemberPeer[], channel: Channel, chaincode: Chaincode): Promise<boolean> {
  const { name, sequence } = chaincode;
  const committed = first === undefined ? undefined : await committedDefinition(first.client, channel, name);
  if (committed === undefined) {
    throw new NetworkError('NETWORK_REFUSED', `${name} is not committed on ${channel.name}, so it cannot be upgraded.`);
  }
  if (isDefinitionOf(committed, chaincode)) {
    return true;
  }
  const next = committed.getSequence() + 1;
  if (sequence !== next) {
    throw new NetworkError(
      'NETWORK_REFUSED',
      `the description of ${name} differs from sequence ${committed.getSequence()}, which is committed; give it ` +
        `sequence ${next}, not ${sequence}.`,
    );
  }
  if (chaincode.service.kind !== 'command') {
    throw new NetworkError(
      'NETWORK_TOPOLOGY_UNSUITABLE',
      `${name} runs outside of this network, where its new processes cannot be started.`,
    );
  }
  return false;
}

async function commitNext(
  network: RunningNetwork,
  channel: Channel,
  chaincode: Chaincode,
  peers: readonly MemberPeer[],
): Promise<void> {
  const [first] = peers;
  try {
    await startServices(network, channel, chaincode);
    await installAndApprove(network, channel, chaincode, peers);
    network.progress(`chaincode ${chaincode.name}: committing sequence ${chaincode.sequence}`);
    if (first !== undefined) {
      await commitDefinition(first.client, channel, chaincode, network.deadline);
    }
  } catch (error) {
    if (first === undefined || !(await isCommitted(first.client, channel, chaincode))) {
      const old = isOld(network, channel, chaincode);
      await stopServices(network, chaincode, (one) => !old(one));
    }
    throw error;
  }
}

async function installAndApprove(
  { progress, deadline }: RunningNetwork,
  channel: Channel,
  chaincode: Chaincode,
  peers: readonly MemberPeer[],
): Promise<void> {
  if (peers.length === 0) {
    return;
  }
  const names = peers.map(({ name }) => name).join(', ');
  progress(`chaincode ${chaincode.name}: installing and approving ${chaincode.version} on ${names}`);
  const chaincodePackage = createChaincodePackage(chaincode);
  await Promise.all(peers.map(async ({ client }) => installPackage(client, chaincodePackage)));
  await Promise.all(
    firstOfEach(peers).map(async ({ client }) =>
      approveDefinition(client, channel, chaincode, chaincodePackage.packageId, deadline),
    ),
  );
}

async function startServices(network: RunningNetwork, channel: Channel, chaincode: Chaincode): Promise<void> {
  const names = serviceNames(network, channel, chaincode);
  const { packageId } = createChaincodePackage(chaincode);
  const specs = chaincodeServices(network.topology, network.topologyFile, network.cryptoDirectory, () => packageId);
  const running = await network.processes.names();
  const missing = specs.filter(({ name }) => names.includes(name) && !running.includes(name));
  if (missing.length > 0) {
    network.progress(`chaincode ${chaincode.name}: starting ${missing.map(({ name }) => name).join(', ')}`);
    await Promise.all(missing.map(async (spec) => network.processes.start(spec)));
  }
}

/** The processes of other definitions of a chaincode than the one described. */
function isOld(network: RunningNetwork, channel: Channel, chaincode: Chaincode): (processName: string) => boolean {
  const names = serviceNames(network, channel, chaincode);
  return (processName) => !names.includes(processName);
}

async function stopServices(
  { processes, progress }: RunningNetwork,
  chaincode: Chaincode,
  isChosen: (processName: string) => boolean,
): Promise<void> {
  const chosen = (await processes.names()).filter((name) => isServiceOf(name, chaincode.name) && isChosen(name));
  if (chosen.length > 0) {
    progress(`chaincode ${chaincode.name}: stopping ${chosen.join(', ')}`);
    await Promise.all(chosen.map(async (name) => processes.stop(name)));
  }
}

function serviceNames({ topology }: RunningNetwork, channel: Channel, chaincode: Chaincode): string[] {
  return memberOrganizations(topology, channel).map((organization) => chaincodeServiceName(chaincode, organization));
}
