import { join, resolve } from 'node:path';
import { loadTopology, type Channel, type Topology } from '@flexledger/topology';
import { NetworkError } from '../network-error';
import { recordedTopology } from '../native/applied-topology';
import { remoteProcesses, type ProcessControl } from '../native/process-control';

/** What an operation on a running network of processes needs to know. */
export interface OperationOptions {
  /** The description that the network is to be brought to. */
  readonly topologyFile: string;
  /** Where the network that runs keeps its data. */
  readonly dataDirectory: string;
  /** Told one line at each step. */
  readonly progress: (line: string) => void;
  /** Limit for all steps together; default 120 s. */
  readonly timeoutMs?: number;
}

/** A running network, and what its operator wants it to become. */
export interface RunningNetwork {
  /** As the operator has written it now. */
  readonly topology: Topology;
  readonly topologyFile: string;
  /** As it was brought up or changed last. */
  readonly before: Topology;
  readonly dataDirectory: string;
  readonly cryptoDirectory: string;
  readonly processes: ProcessControl;
  readonly deadline: number;
  readonly progress: (line: string) => void;
}

const TIMEOUT_MS = 120_000;

/**
 * Finds the network that runs on a data folder.
 *
 * @throws NetworkError NETWORK_NOT_READY when none does; TopologyError.
 */
export async function findRunningNetwork(options: OperationOptions): Promise<RunningNetwork> {
  const dataDirectory = resolve(options.dataDirectory);
  const topologyFile = resolve(options.topologyFile);
  const topology = loadTopology(topologyFile);
  const processes = remoteProcesses(dataDirectory);
  await processes.names();
  const before = recordedTopology(dataDirectory);
  if (before === undefined) {
    throw new NetworkError(
      'NETWORK_NOT_READY',
      `${dataDirectory} does not say what runs on it; start the network again.`,
    );
  }
  return {
    topology,
    topologyFile,
    before,
    dataDirectory,
    cryptoDirectory: join(dataDirectory, 'crypto'),
    processes,
    deadline: Date.now() + (options.timeoutMs ?? TIMEOUT_MS),
    progress: options.progress,
  };
}

/** @throws NetworkError NETWORK_REFUSED when the description changes the members of a channel in any other way too. */
export function assertOnlyChange(network: RunningNetwork, kind: 'added' | 'removed', name: string): void {
  for (const channel of network.topology.channels) {
    const { added, removed } = memberChanges(network, channel);
    const others = [...added, ...removed].filter((one) => one !== name);
    const isOther = others.length > 0 || (kind === 'added' ? removed : added).length > 0;
    if (isOther) {
      throw new NetworkError(
        'NETWORK_REFUSED',
        `the description also adds or removes ${others.join(', ')} on ${channel.name}; change one organisation at a time.`,
      );
    }
  }
}

/** @throws NetworkError NETWORK_TOPOLOGY_UNSUITABLE for one that orders: consenters are not changed while a channel runs. */
export function assertTakesNoOrders(topology: Topology, name: string): void {
  const channel = topology.channels.find(({ ordererOrganizations }) => ordererOrganizations.includes(name));
  if (channel !== undefined) {
    throw new NetworkError(
      'NETWORK_TOPOLOGY_UNSUITABLE',
      `${name} orders ${channel.name}; organisations that order can neither join nor leave a running channel here.`,
    );
  }
}

/** Names of organisations that the description adds to a channel, and of those that it takes out of it. */
export function memberChanges(
  { before }: Pick<RunningNetwork, 'before'>,
  channel: Channel,
): { readonly added: string[]; readonly removed: string[] } {
  const old = before.channels.find(({ name }) => name === channel.name)?.memberOrganizations ?? [];
  return {
    added: channel.memberOrganizations.filter((name) => !old.includes(name)),
    removed: old.filter((name) => !channel.memberOrganizations.includes(name)),
  };
}
