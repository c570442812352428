import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeFullName, type OrdererNode, type Organization, type PeerNode, type Topology } from '@flexledger/topology';
import type { FabricBinaries } from './binaries';
import { builderConfig } from './chaincode-package';
import { inheritedEnvironment } from './chaincode-services';
import { ordererConfig, peerConfig, type ConfigTree } from './node-config';
import type { ProcessSpec } from './process-set';

/** Where the nodes of a network find what they need. */
export interface NodeSurroundings {
  readonly topology: Topology;
  readonly dataDirectory: string;
  readonly cryptoDirectory: string;
  readonly binaries: FabricBinaries;
}

/** Writes an orderer's configuration and tells how to start it. */
export function ordererProcess(
  { dataDirectory, cryptoDirectory, binaries }: NodeSurroundings,
  organization: Organization,
  node: OrdererNode,
): ProcessSpec {
  const name = nodeFullName(organization, node);
  const place = { cryptoDirectory, dataDirectory: join(dataDirectory, 'nodes', name), builder: binaries.builder };
  const folder = writeConfig(place.dataDirectory, 'orderer.yaml', ordererConfig(organization, node, place));
  return {
    name,
    program: binaries.orderer,
    parameters: [],
    workingDirectory: folder,
    environment: nodeEnvironment(folder),
    listensOn: { host: node.host, port: node.port },
  };
}

/** Writes a peer's configuration and tells how to start it. */
export function peerProcess(
  { topology, dataDirectory, cryptoDirectory, binaries }: NodeSurroundings,
  organization: Organization,
  node: PeerNode,
): ProcessSpec {
  const name = nodeFullName(organization, node);
  const place = { cryptoDirectory, dataDirectory: join(dataDirectory, 'nodes', name), builder: binaries.builder };
  const folder = writeConfig(place.dataDirectory, 'core.yaml', peerConfig(organization, node, place, binaries.version));
  const channels = topology.channels.filter((channel) => channel.memberOrganizations.includes(organization.name));
  return {
    name,
    program: binaries.peer,
    parameters: ['node', 'start'],
    workingDirectory: folder,
    environment: {
      ...nodeEnvironment(folder),
      CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG: builderConfig(topology, organization, node, channels, cryptoDirectory),
    },
    listensOn: { host: node.host, port: node.port },
  };
}

/** The file of a channel's genesis block. */
export function genesisBlockFile(dataDirectory: string, channelName: string): string {
  return join(dataDirectory, 'channels', `${channelName}.block`);
}

/** The release line, for example `3.1`, that writes the ledgers of a data folder. */
export function recordedRelease(dataDirectory: string): string {
  return readFileSync(releaseFile(dataDirectory), 'utf8').trim();
}

/** The file that says which release line writes the ledgers of a data folder. */
export function releaseFile(dataDirectory: string): string {
  return join(dataDirectory, 'release.json');
}

function nodeEnvironment(folder: string): Record<string, string> {
  const level = 'info:gossip=warning:grpc=error:comm.grpc.server=warning';
  return { ...inheritedEnvironment(), FABRIC_CFG_PATH: folder, FABRIC_LOGGING_SPEC: level };
}

function writeConfig(folder: string, name: string, content: ConfigTree): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
  return folder;
}
