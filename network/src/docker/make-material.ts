import { existsSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  chaincodeClientFolder,
  chaincodeServerFolder,
  ensureCryptoMaterial,
  findOrganization,
  homeFolder,
  ordererFolders,
  organizationMspFolder,
  peerFolders,
  userFolders,
  type Channel,
  type Organization,
  type PeerNode,
  type Topology,
} from '@flexledger/topology';
import { BROUGHT, BUILDER_FILE, CLIENT_TOPOLOGY } from '../compose/container-paths';
import { FABRIC_IMAGE_VERSION } from '../compose/render-compose';
import {
  ADMINISTRATION_VOLUME,
  AUTHORITIES_VOLUME,
  configVolume,
  keyHolders,
  volumeNames,
  type KeyHolder,
} from '../compose/volumes';
import { builderConfig } from '../native/chaincode-package';
import { createGenesisBlock } from '../native/genesis-block';
import { NetworkError } from '../network-error';
import { containerTopology } from '../compose/container-topology';
import { containerOrdererConfig, containerPeerConfig } from './container-config';
import { copyTree, writeIfChanged } from './files';

/** What `crypto` fills. */
export interface MaterialOptions {
  /** As it stands in its file. */
  readonly topology: Topology;
  /** The folder with one folder per volume. */
  readonly volumes: string;
  /** Only this organisation, whose keys the operator has brought to `brought`. */
  readonly organization?: string;
  readonly brought?: string;
}

const OWNER_ONLY = 0o600;

/** Makes one empty folder per volume; an empty volume takes over the owner of the folder that it is mounted on first. */
export function makeMountPoints(topology: Topology, folder: string): void {
  volumeNames(topology).forEach((name) => mkdirSync(join(folder, name), { recursive: true, mode: 0o700 }));
}

/**
 * Makes certificates, genesis blocks and the nodes' configuration, and gives each container's volume what that
 * container needs: its own keys, no others. A second run changes nothing.
 *
 * @throws NetworkError NETWORK_FOLDER_UNUSABLE when an operator has not brought what has to be there.
 */
export async function makeMaterial(options: MaterialOptions): Promise<void> {
  const topology = containerTopology(options.topology);
  const authorities = join(options.volumes, AUTHORITIES_VOLUME);
  if (options.organization === undefined) {
    await ensureCryptoMaterial(topology, authorities);
    topology.channels.forEach((channel) => ensureGenesisBlock(topology, channel, authorities));
  } else {
    takeBrought(topology, options.organization, options.brought ?? BROUGHT, authorities);
  }
  fillAdministration(topology, authorities, join(options.volumes, ADMINISTRATION_VOLUME));
  for (const holder of keyHolders(options.topology, options.organization)) {
    fillConfig(topology, authorities, join(options.volumes, configVolume(holder)), holder);
  }
}

/** The block is made once; a second one with the same name would be another channel. */
function ensureGenesisBlock(topology: Topology, channel: Channel, authorities: string): void {
  const file = genesisFile(authorities, channel);
  if (!existsSync(file)) {
    writeIfChanged(file, createGenesisBlock(topology, channel, authorities));
  }
}

/** Where the genesis block of a channel lies below a crypto directory. */
export function genesisFile(directory: string, channel: Channel): string {
  return join(directory, 'channels', `${channel.name}.block`);
}

function takeBrought(topology: Topology, organizationName: string, brought: string, authorities: string): void {
  const organization = topology.organizations.find(({ name }) => name === organizationName);
  const channels = topology.channels.filter(({ memberOrganizations, ordererOrganizations }) =>
    [...memberOrganizations, ...ordererOrganizations].includes(organizationName),
  );
  const needed = [
    ...(organization === undefined ? [] : [homeFolder(brought, organization)]),
    ...channels.map((channel) => genesisFile(brought, channel)),
  ];
  const missing = needed.filter((path) => !existsSync(path)).map((path) => relative(brought, path));
  if (missing.length > 0) {
    throw new NetworkError(
      'NETWORK_FOLDER_UNUSABLE',
      `the folder that MATERIAL names lacks ${missing.join(', ')}; put the keys of ${organizationName} and the genesis ` +
        'blocks of its channels there.',
    );
  }
  copyTree(brought, authorities);
}

/** Users with their keys, and of everything else the public part: enough to administer and to use the network. */
function fillAdministration(topology: Topology, authorities: string, administration: string): void {
  const copy = (path: string): void => {
    if (existsSync(path)) {
      copyTree(path, join(administration, relative(authorities, path)));
    }
  };
  topology.channels.forEach((channel) => copy(genesisFile(authorities, channel)));
  for (const organization of topology.organizations) {
    copy(organizationMspFolder(authorities, organization));
    ['Admin', ...organization.identities.map(({ name }) => name)].forEach((user) => {
      const { msp, tls } = userFolders(authorities, organization, user);
      [msp, tls].forEach(copy);
    });
    publicRoots(authorities, organization).forEach(copy);
  }
}

function publicRoots(directory: string, organization: Organization): string[] {
  return [
    ...organization.peers.map((node) => join(peerFolders(directory, organization, node).tls, 'ca.crt')),
    ...organization.orderers.map((node) => join(ordererFolders(directory, organization, node).tls, 'ca.crt')),
  ];
}

/** @param topology as containers see it; the holder comes from the file, and differs in its host. */
function fillConfig(topology: Topology, authorities: string, target: string, holder: KeyHolder): void {
  const copy = (...paths: readonly string[]): void =>
    paths
      .filter((path) => existsSync(path))
      .forEach((path) => copyTree(path, join(target, relative(authorities, path))));
  const organization = findOrganization(topology, holder.organization.name);
  switch (holder.kind) {
    case 'orderer':
      for (const node of organization.orderers.filter(({ name }) => name === holder.node.name)) {
        const { msp, tls } = ordererFolders(authorities, organization, node);
        copy(msp, tls);
        writeJson(join(target, 'orderer.yaml'), containerOrdererConfig(organization, node));
      }
      return;
    case 'peer':
      for (const node of organization.peers.filter(({ name }) => name === holder.node.name)) {
        const { msp, tls } = peerFolders(authorities, organization, node);
        copy(msp, tls);
        writeJson(join(target, 'core.yaml'), containerPeerConfig(organization, node, FABRIC_IMAGE_VERSION));
        writeBuilderFile(topology, authorities, target, organization, node);
      }
      return;
    case 'chaincode':
      copy(chaincodeServerFolder(authorities, organization));
      return;
    case 'application':
      copy(userFolders(authorities, organization, holder.application.identity).msp);
      topology.organizations.forEach((other) => copy(...publicRoots(authorities, other)));
      writeJson(join(target, CLIENT_TOPOLOGY), topology);
  }
}

/** The peer calls its chaincode with a certificate and a key of its own; the builder wants both inside of one text. */
function writeBuilderFile(
  topology: Topology,
  authorities: string,
  target: string,
  organization: Organization,
  node: PeerNode,
): void {
  const channels = topology.channels.filter((channel) => channel.memberOrganizations.includes(organization.name));
  const usesTls = channels.some((channel) => channel.chaincodes.some(({ service }) => service.tls));
  if (usesTls && !existsSync(chaincodeClientFolder(authorities, organization, node))) {
    throw new NetworkError('NETWORK_FOLDER_UNUSABLE', `there are no chaincode-tls files of ${node.host}; add them.`);
  }
  const text = builderConfig(topology, organization, node, channels, authorities);
  writeIfChanged(join(target, BUILDER_FILE), Buffer.from(text), OWNER_ONLY);
}

function writeJson(file: string, content: unknown): void {
  writeIfChanged(file, Buffer.from(`${JSON.stringify(content, null, 2)}\n`));
}
