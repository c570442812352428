import { readFileSync } from 'node:fs';
import {
  memberOrganizations,
  ordererOrganizations,
  readIdentity,
  readPeerEndpoint,
  type Chaincode,
  type Channel,
  type Organization,
  type Topology,
} from '@flexledger/topology';
import { createChaincodePackage } from '../native/chaincode-package';
import { approveDefinition, commitDefinition, installPackage, isCommitted, joinPeer } from '../native/lifecycle';
import { joinOrderer } from '../native/orderer-admin';
import { PeerClient } from '../native/peer-client';
import { waitForMembership } from '../native/ready';
import { genesisFile } from './make-material';
import { waitUntilOrdered } from './orderer-leader';

/** What `deploy` brings to the state that the topology describes. */
export interface DeployOptions {
  /** As containers see it. */
  readonly topology: Topology;
  /** Administrators, public certificates and genesis blocks. */
  readonly directory: string;
  /** Only this organisation's nodes; the others do the same on their hosts. */
  readonly organization?: string;
  readonly deadline: number;
  readonly progress: (line: string) => void;
}

interface Administrator {
  readonly organization: Organization;
  readonly client: PeerClient;
}

/**
 * Joins orderers and peers to their channels, installs and approves the chaincode, commits its definition once every
 * member has approved, and waits until every peer knows the others. Chaincode need not run yet. A second run changes nothing.
 *
 * @throws NetworkError NETWORK_NOT_READY, NETWORK_REFUSED.
 */
export async function deployNetwork(options: DeployOptions): Promise<void> {
  for (const channel of options.topology.channels) {
    const administrators = openAdministrators(options, channel);
    try {
      await joinChannel(options, channel, administrators);
      for (const chaincode of channel.chaincodes) {
        await deployChaincode(options, channel, chaincode, administrators);
      }
      options.progress(`channel ${channel.name}: waiting until every peer knows the others`);
      const members = memberOrganizations(options.topology, channel);
      await Promise.all(
        administrators.map(({ client }) => waitForMembership(client, channel, members, options.deadline)),
      );
    } finally {
      administrators.forEach(({ client }) => client.close());
    }
  }
}

function isOurs({ organization: only }: DeployOptions, { name }: Organization): boolean {
  return only === undefined || only === name;
}

function openAdministrators(options: DeployOptions, channel: Channel): Administrator[] {
  const { topology, directory } = options;
  return memberOrganizations(topology, channel)
    .filter((organization) => isOurs(options, organization))
    .flatMap((organization) =>
      organization.peers.map((_, index) => ({
        organization,
        client: new PeerClient(
          readPeerEndpoint(directory, organization, index),
          readIdentity(directory, organization, 'Admin'),
        ),
      })),
    );
}

async function joinChannel(
  options: DeployOptions,
  channel: Channel,
  administrators: readonly Administrator[],
): Promise<void> {
  const { topology, directory, deadline, progress } = options;
  const block = readFileSync(genesisFile(directory, channel));
  const orderers = ordererOrganizations(topology, channel)
    .filter((organization) => isOurs(options, organization))
    .flatMap((organization) =>
      organization.orderers.map((node) => ({ cryptoDirectory: directory, organization, node })),
    );
  progress(`channel ${channel.name}: joining ${orderers.length} orderers and ${administrators.length} peers`);
  await Promise.all([
    ...orderers.map(async (orderer) => joinOrderer(orderer, block, deadline)),
    ...administrators.map(async ({ client }) => {
      await client.waitUntilReady(Math.max(deadline - Date.now(), 1000));
      await joinPeer(client, block);
    }),
  ]);
  progress(`channel ${channel.name}: waiting until every orderer knows the leader`);
  await waitUntilOrdered(orderers, channel.name, deadline);
}

async function deployChaincode(
  { deadline, progress }: DeployOptions,
  channel: Channel,
  chaincode: Chaincode,
  administrators: readonly Administrator[],
): Promise<void> {
  const [first] = administrators;
  if (first === undefined) {
    return;
  }
  const chaincodePackage = createChaincodePackage(chaincode);
  await Promise.all(administrators.map(({ client }) => installPackage(client, chaincodePackage)));
  if (await isCommitted(first.client, channel, chaincode)) {
    progress(`chaincode ${chaincode.name} ${chaincode.version} is committed`);
    return;
  }
  progress(`chaincode ${chaincode.name} ${chaincode.version}: approve and commit`);
  const approvers = administrators.filter(
    ({ organization }, index) => administrators.findIndex((one) => one.organization === organization) === index,
  );
  await Promise.all(
    approvers.map(({ client }) => approveDefinition(client, channel, chaincode, chaincodePackage.packageId, deadline)),
  );
  await commitDefinition(first.client, channel, chaincode, deadline);
}
