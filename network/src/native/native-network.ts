import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  assertCertificatesUsable,
  ensureCryptoMaterial,
  memberOrganizations,
  ordererOrganizations,
  readIdentity,
  readPeerEndpoint,
  topologyWarnings,
  type Channel,
  type Organization,
  type Topology,
} from '@flexledger/topology';
import { NetworkError } from '../network-error';
import { recordedTopology, recordTopology } from './applied-topology';
import { findFabricBinaries, type FabricBinaries, type FabricRelease } from './binaries';
import { createChaincodePackage } from './chaincode-package';
import { chaincodeServices } from './chaincode-services';
import { createGenesisBlock } from './genesis-block';
import { approveDefinition, commitDefinition, installPackage, isCommitted, joinPeer } from './lifecycle';
import { genesisBlockFile, ordererProcess, peerProcess, releaseFile, type NodeSurroundings } from './node-processes';
import { keepAlive } from './keep-alive';
import { joinOrderer, waitForLeader } from './orderer-admin';
import { PeerClient } from './peer-client';
import { assertPortsFree } from './ports';
import { serveProcessControl } from './process-control';
import { ProcessSet, stopRecordedProcesses } from './process-set';
import { prepareFolder, watchProcesses } from './supervision';
import { waitForChaincode, waitForMembership } from './ready';

/** How to bring up a network of real Fabric processes. */
export interface NativeOptions {
  readonly topology: Topology;
  readonly topologyFile: string;
  readonly dataDirectory: string;
  /** Default: the newest that is found. */
  readonly release?: FabricRelease;
  readonly environment: NodeJS.ProcessEnv;
  /** Told one line at each step. */
  readonly progress: (line: string) => void;
  /** How long all steps together may take. */
  readonly timeoutMs: number;
  /** Told when a command in another process has stopped the network. */
  readonly onStopped?: () => void;
}

/** A running network of real Fabric processes. */
export interface NativeNetwork {
  readonly version: string;
  readonly cryptoDirectory: string;
  readonly processes: ProcessSet;
  /** Stops all processes. */
  stop(): Promise<void>;
}

/**
 * Starts orderers, peers and chaincode services as plain processes and brings them to the state that the topology
 * describes: channels joined, chaincode approved by every member and committed, every peer able to plan and to answer.
 * Repeating it on the same data directory continues where the last run ended.
 *
 * @throws NetworkError; whatever was started is stopped before it is thrown.
 */
export async function startNativeNetwork(options: NativeOptions): Promise<NativeNetwork> {
  const { topology, dataDirectory, progress } = options;
  assertSuitable(topology);
  topologyWarnings(topology).forEach((warning) => progress(`warning: ${warning}`));
  const binaries = findFabricBinaries(options.environment, options.release);
  prepareFolder(dataDirectory);
  const left = await stopRecordedProcesses(dataDirectory);
  if (left.length > 0) {
    progress(`stopped ${left.length} processes that an earlier run left behind`);
  }
  await assertPortsFree(topology);
  assertSameRelease(dataDirectory, binaries);
  assertSameMembers(dataDirectory, topology);
  progress(`Fabric ${binaries.version}: certificates`);
  const cryptoDirectory = join(dataDirectory, 'crypto');
  await ensureCryptoMaterial(topology, cryptoDirectory);
  assertCertificatesUsable(topology, cryptoDirectory);
  const processes = new ProcessSet(dataDirectory);
  try {
    await bringUp(options, binaries, cryptoDirectory, processes);
    // Not before: while a network starts, a service that ends is a mistake to be told at once.
    keepAlive(processes, (name) => processes.specification(name).keptAlive === true, progress);
    recordTopology(dataDirectory, topology);
    const endControl = await serveProcessControl(dataDirectory, processes, options.onStopped);
    const stop = async (): Promise<void> => {
      await endControl();
      await processes.stopAll();
    };
    return { version: binaries.version, cryptoDirectory, processes, stop };
  } catch (error) {
    await processes.stopAll();
    throw error;
  }
}

/** Removes everything that a network of this data directory has written; its processes must have been stopped. */
export function wipeNativeData(dataDirectory: string): void {
  for (const name of ['crypto', 'nodes', 'channels', 'logs', 'release.json', 'processes.json', 'topology.json']) {
    rmSync(join(dataDirectory, name), { recursive: true, force: true });
  }
}

async function bringUp(
  options: NativeOptions,
  binaries: FabricBinaries,
  cryptoDirectory: string,
  processes: ProcessSet,
): Promise<void> {
  const { topology, dataDirectory, progress } = options;
  const deadline = Date.now() + options.timeoutMs;
  const genesis = new Map(
    topology.channels.map((channel) => [
      channel.name,
      ensureGenesisBlock(topology, channel, cryptoDirectory, dataDirectory),
    ]),
  );
  progress('orderers, peers and chaincode');
  startNodes({ topology, dataDirectory, cryptoDirectory, binaries }, processes);
  const packages = new Map(
    topology.channels.flatMap((channel) =>
      channel.chaincodes.map((chaincode) => [chaincode, createChaincodePackage(chaincode)] as const),
    ),
  );
  chaincodeServices(
    topology,
    options.topologyFile,
    cryptoDirectory,
    (chaincode) => packages.get(chaincode)?.packageId ?? '',
  ).forEach((spec) => processes.start(spec));
  const clients = openClients(topology, cryptoDirectory);
  try {
    await watchProcesses(
      processes,
      (async () => {
        for (const channel of topology.channels) {
          const block = genesis.get(channel.name) ?? new Uint8Array();
          await joinChannel(topology, channel, block, cryptoDirectory, clients, deadline, progress);
          await deploy(topology, channel, packages, clients, deadline, progress);
        }
      })(),
    );
  } finally {
    clients.forEach(({ client }) => client.close());
  }
}

interface AdminClient {
  readonly organization: Organization;
  readonly client: PeerClient;
}

function openClients(topology: Topology, cryptoDirectory: string): AdminClient[] {
  return topology.organizations.flatMap((organization) =>
    organization.peers.map((_, index) => ({
      organization,
      client: new PeerClient(
        readPeerEndpoint(cryptoDirectory, organization, index),
        readIdentity(cryptoDirectory, organization, 'Admin'),
      ),
    })),
  );
}

async function joinChannel(
  topology: Topology,
  channel: Channel,
  block: Uint8Array,
  cryptoDirectory: string,
  clients: readonly AdminClient[],
  deadline: number,
  progress: (line: string) => void,
): Promise<void> {
  progress(`channel ${channel.name}: joining orderers and peers`);
  const orderers = ordererOrganizations(topology, channel).flatMap((organization) =>
    organization.orderers.map((node) => ({ cryptoDirectory, organization, node })),
  );
  const joining = orderers.map(async (orderer) => joinOrderer(orderer, block, deadline));
  const peers = membersOf(channel, clients).map(async ({ client }) => {
    await client.waitUntilReady(Math.max(deadline - Date.now(), 1000));
    await joinPeer(client, block);
  });
  await Promise.all([...joining, ...peers]);
  progress(`channel ${channel.name}: waiting for a Raft leader`);
  await waitForLeader(orderers, channel.name, deadline);
}

async function deploy(
  topology: Topology,
  channel: Channel,
  packages: ReadonlyMap<Channel['chaincodes'][number], { readonly packageId: string; readonly bytes: Uint8Array }>,
  clients: readonly AdminClient[],
  deadline: number,
  progress: (line: string) => void,
): Promise<void> {
  const members = membersOf(channel, clients);
  for (const chaincode of channel.chaincodes) {
    const chaincodePackage = packages.get(chaincode);
    const first = members[0];
    if (chaincodePackage === undefined || first === undefined) {
      continue;
    }
    progress(`chaincode ${chaincode.name} ${chaincode.version}: install, approve, commit`);
    await Promise.all(members.map(({ client }) => installPackage(client, chaincodePackage)));
    if (!(await isCommitted(first.client, channel, chaincode))) {
      const approvers = members.filter(
        ({ organization }, index) => members.findIndex((one) => one.organization === organization) === index,
      );
      await Promise.all(
        approvers.map(({ client }) =>
          approveDefinition(client, channel, chaincode, chaincodePackage.packageId, deadline),
        ),
      );
      await commitDefinition(first.client, channel, chaincode, deadline);
    }
  }
  progress(`channel ${channel.name}: waiting until every peer knows the others and every chaincode answers`);
  await Promise.all(
    members.map(async ({ client }) => {
      await waitForMembership(client, channel, memberOrganizations(topology, channel), deadline);
      await Promise.all(channel.chaincodes.map(({ name }) => waitForChaincode(client, channel.name, name, deadline)));
    }),
  );
}

function membersOf(channel: Channel, clients: readonly AdminClient[]): AdminClient[] {
  return clients.filter(({ organization }) => channel.memberOrganizations.includes(organization.name));
}

function startNodes(surroundings: NodeSurroundings, processes: ProcessSet): void {
  for (const organization of surroundings.topology.organizations) {
    for (const node of organization.orderers) {
      processes.start(ordererProcess(surroundings, organization, node));
    }
    for (const node of organization.peers) {
      processes.start(peerProcess(surroundings, organization, node));
    }
  }
}

/** The genesis block is made once; joining a second one with the same name would be another channel. */
function ensureGenesisBlock(
  topology: Topology,
  channel: Channel,
  cryptoDirectory: string,
  dataDirectory: string,
): Uint8Array {
  const file = genesisBlockFile(dataDirectory, channel.name);
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, createGenesisBlock(topology, channel, cryptoDirectory));
    renameSync(`${file}.new`, file);
  }
  return readFileSync(file);
}

function assertSuitable(topology: Topology): void {
  for (const channel of topology.channels) {
    const dialling = channel.chaincodes.find(({ service }) => service.kind === 'peer');
    if (dialling !== undefined) {
      throw new NetworkError(
        'NETWORK_TOPOLOGY_UNSUITABLE',
        `chaincode ${dialling.name} dials its peer, which real peers only allow in development mode; run it as a service.`,
      );
    }
  }
}

/** Who is a member stands in the channel; only a running channel can take in or leave out an organisation. */
function assertSameMembers(dataDirectory: string, topology: Topology): void {
  const before = recordedTopology(dataDirectory);
  for (const { name, memberOrganizations: old } of before?.channels ?? []) {
    const now = topology.channels.find((channel) => channel.name === name)?.memberOrganizations ?? old;
    const changed = [
      ...now.filter((one) => !old.includes(one)).map((one) => `organization add ${one}`),
      ...old.filter((one) => !now.includes(one)).map((one) => `organization remove ${one}`),
    ];
    if (changed.length > 0) {
      throw new NetworkError(
        'NETWORK_TOPOLOGY_UNSUITABLE',
        `channel ${name} of the network in ${dataDirectory} has other members; start it with the earlier description, ` +
          `then run ${changed.map((one) => `\`flexledger network ${one}\``).join(' and ')} with the new one.`,
      );
    }
  }
}

/** A ledger must not be opened by an older release than the one that wrote it. */
function assertSameRelease(dataDirectory: string, binaries: FabricBinaries): void {
  const file = releaseFile(dataDirectory);
  const line = binaries.version.split('.').slice(0, 2).join('.');
  if (existsSync(file)) {
    const written = readFileSync(file, 'utf8').trim();
    if (written !== line) {
      throw new NetworkError(
        'NETWORK_VERSION_WRONG',
        `${dataDirectory} was written by Fabric ${written}, but this is ${binaries.version}; wipe it or use that release.`,
      );
    }
  }
  writeFileSync(file, `${line}\n`);
}
