import { readIdentity, readPeerEndpoint, findOrganization, type Topology } from '@flexledger/topology';
import type { NetworkHandle, NetworkMode } from './handle';
import { NetworkError } from './network-error';

/** What differs between the modes when a handle is made. */
export interface HandleParts {
  readonly mode: NetworkMode;
  readonly description: string;
  readonly topology: Topology;
  readonly cryptoDirectory: string;
  readonly stop: () => Promise<void>;
  readonly faults?: NonNullable<NetworkHandle['faults']>;
}

/** Makes the handle of a running network from its topology and crypto material. */
export function createHandle(parts: HandleParts): NetworkHandle {
  const { topology, cryptoDirectory } = parts;
  const channel = topology.channels[0];
  const chaincode = channel?.chaincodes[0];
  if (channel === undefined || chaincode === undefined) {
    throw new NetworkError('NETWORK_TOPOLOGY_UNSUITABLE', `topology ${topology.name} has no channel with a chaincode.`);
  }
  let stopping: Promise<void> | undefined;
  return {
    mode: parts.mode,
    description: parts.description,
    topology,
    cryptoDirectory,
    channelName: channel.name,
    chaincodeName: chaincode.name,
    peerEndpoint: (organization, index = 0) =>
      readPeerEndpoint(cryptoDirectory, findOrganization(topology, organization), index),
    identity: (organization, name) => readIdentity(cryptoDirectory, findOrganization(topology, organization), name),
    stop: async () => {
      stopping ??= parts.stop();
      return stopping;
    },
    ...(parts.faults === undefined ? {} : { faults: parts.faults }),
  };
}
