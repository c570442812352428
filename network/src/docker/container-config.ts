import type { Organization, OrdererNode, PeerNode } from '@flexledger/topology';
import { NODE_BUILDER, NODE_CONFIG, NODE_DATA } from '../compose/container-paths';
import { ordererConfig, peerConfig, type ConfigTree } from '../native/node-config';

const PLACE = { cryptoDirectory: NODE_CONFIG, dataDirectory: NODE_DATA, builder: NODE_BUILDER };
const EVERYWHERE = '0.0.0.0';

/**
 * core.yaml of a peer in a container of its own. It listens on the container's addresses and tells others its full name;
 * its operations service answers inside of the container alone, where the engine asks for its health without a key.
 *
 * @param node a peer of a container topology, with its full name as host.
 */
export function containerPeerConfig(organization: Organization, node: PeerNode, version: string): ConfigTree {
  const config = peerConfig(organization, node, PLACE, version);
  const chaincodeAddress = `127.0.0.1:${node.chaincodeListenPort}`;
  return merge(config, {
    peer: {
      listenAddress: `${EVERYWHERE}:${node.port}`,
      chaincodeListenAddress: chaincodeAddress,
      chaincodeAddress,
    },
    operations: { listenAddress: `127.0.0.1:${node.operationsPort}`, tls: { enabled: false } },
  });
}

/** orderer.yaml of an orderer in a container of its own; see containerPeerConfig. */
export function containerOrdererConfig(organization: Organization, node: OrdererNode): ConfigTree {
  return merge(ordererConfig(organization, node, PLACE), {
    General: { ListenAddress: EVERYWHERE },
    Admin: { ListenAddress: `${EVERYWHERE}:${node.adminPort}` },
    Operations: { ListenAddress: `127.0.0.1:${node.operationsPort}`, TLS: { Enabled: false } },
  });
}

function merge(base: ConfigTree, changes: ConfigTree): ConfigTree {
  const merged: Record<string, ConfigTree[string]> = { ...base };
  for (const [key, change] of Object.entries(changes)) {
    const present = base[key];
    merged[key] = isTree(present) && isTree(change) ? merge(present, change) : change;
  }
  return merged;
}

function isTree(value: ConfigTree[string] | undefined): value is ConfigTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
