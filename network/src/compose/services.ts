import { chaincodeServerFolder, type Chaincode, type Topology } from '@flexledger/topology';
import { createChaincodePackage } from '../native/chaincode-package';
import { chaincodePort, topologyDigest } from './container-topology';
import {
  ADMINISTRATION,
  BROUGHT,
  BUILDER_FILE,
  CHAINCODE_MATERIAL,
  CLIENT_DATA,
  CLIENT_MATERIAL,
  CLIENT_TOPOLOGY,
  NODE_CONFIG,
  NODE_DATA,
  TOPOLOGY_FILE,
  VOLUMES,
} from './container-paths';
import type { ComposeImages, ComposeService, DependencyCondition } from './compose-types';
import { connectedProbe, healthzProbe, listeningProbe } from './templates';
import { ADMINISTRATION_VOLUME, configVolume, dataVolume, keyHolders, volumeNames, type KeyHolder } from './volumes';

/** What the services of a compose file are made from. */
export interface ServiceParts {
  readonly topology: Topology;
  /** Only this organisation's containers. */
  readonly organization?: string;
  readonly images: ComposeImages;
}

const PROGRAM = ['node', 'network/dist/docker/main.js'];
/** Reachable from this host alone, unless an operator of one organisation says otherwise. */
const LOOPBACK = '127.0.0.1';
const OPERATOR_ADDRESS = '${LISTEN_ADDRESS:-127.0.0.1}';

/** All services, in the order in which they start. */
export function composeServices(parts: ServiceParts): Record<string, ComposeService> {
  const holders = keyHolders(parts.topology, parts.organization);
  const ofKind = (kind: KeyHolder['kind']): [string, ComposeService][] =>
    holders.filter((holder) => holder.kind === kind).map((holder) => [holder.name, serviceOf(parts, holder, holders)]);
  const [first, ...others] = ofKind('chaincode');
  return Object.fromEntries([
    ['crypto', cryptoService(parts)],
    ...ofKind('orderer'),
    ...ofKind('peer'),
    ['deploy', deployService(parts, holders)],
    ...(first === undefined ? [] : [[first[0], withBuild(parts, first[1])] as const]),
    ...others,
    ...ofKind('application'),
  ]);
}

function withBuild({ images }: ServiceParts, service: ComposeService): ComposeService {
  return { ...service, build: { context: '.', dockerfile: images.chaincodeDockerfile } };
}

/** Fills the volumes of all others; it has no network, and alone sees the keys of the certificate authorities. */
function cryptoService({ topology, organization, images }: ServiceParts): ComposeService {
  const brought = organization === undefined ? [] : [`\${MATERIAL:-./material}:${BROUGHT}:ro`];
  return {
    template: 'one-shot',
    network_mode: 'none',
    build: {
      context: '.',
      dockerfile: images.applicationDockerfile,
      args: { TOPOLOGY: images.topologyFile },
    },
    command: [...PROGRAM, 'crypto', ...toolParameters(topology, organization)],
    volumes: [...volumeNames(topology, organization).map((name) => `${name}:${VOLUMES}/${name}`), ...brought],
  };
}

function deployService({ topology, organization }: ServiceParts, holders: readonly KeyHolder[]): ComposeService {
  const nodes = holders.filter(({ kind }) => kind === 'peer' || kind === 'orderer');
  return {
    template: 'one-shot',
    command: [...PROGRAM, 'deploy', ...toolParameters(topology, organization)],
    volumes: [readOnly(ADMINISTRATION_VOLUME, ADMINISTRATION)],
    depends_on: dependsOn(
      ['crypto', 'service_completed_successfully'],
      ...nodes.map(({ name }) => [name, 'service_healthy'] as const),
    ),
  };
}

/** The digest is that of the description that this file was rendered from; the image holds its own copy. */
function toolParameters(topology: Topology, organization: string | undefined): string[] {
  return [
    ...['--topology', TOPOLOGY_FILE, '--digest', topologyDigest(topology)],
    ...(organization === undefined ? [] : ['--organization', organization]),
  ];
}

function serviceOf(parts: ServiceParts, holder: KeyHolder, holders: readonly KeyHolder[]): ComposeService {
  switch (holder.kind) {
    case 'orderer':
      return ordererService(parts, holder);
    case 'peer':
      return peerService(parts, holder);
    case 'chaincode':
      return chaincodeService(parts, holder);
    case 'application':
      return applicationService(holder, holders);
  }
}

/** Clients reach peers; another organisation's nodes on other hosts reach orderers too. */
function ordererService({ organization }: ServiceParts, holder: KeyHolder & { kind: 'orderer' }): ComposeService {
  const { port, operationsPort } = holder.node;
  return {
    template: 'orderer',
    hostname: holder.name,
    command: ['orderer', 'start'],
    volumes: nodeVolumes(holder),
    ...(organization === undefined ? {} : { ports: [`${OPERATOR_ADDRESS}:${port}:${port}`] }),
    healthcheck: healthzProbe(operationsPort),
    depends_on: dependsOn(['crypto', 'service_completed_successfully']),
  };
}

/** The builder takes the peer's client key from the environment; the shell puts it there, where no engine can show it. */
function peerService({ organization }: ServiceParts, holder: KeyHolder & { kind: 'peer' }): ComposeService {
  const { port, operationsPort } = holder.node;
  const address = organization === undefined ? LOOPBACK : OPERATOR_ADDRESS;
  const builder = `export CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG="$$(< ${NODE_CONFIG}/${BUILDER_FILE})"`;
  return {
    template: 'peer',
    hostname: holder.name,
    command: ['/bin/bash', '-c', `${builder} && exec peer node start`],
    volumes: nodeVolumes(holder),
    ports: [`${address}:${port}:${port}`],
    healthcheck: healthzProbe(operationsPort),
    depends_on: dependsOn(['crypto', 'service_completed_successfully']),
  };
}

function nodeVolumes(holder: KeyHolder): string[] {
  return [readOnly(configVolume(holder), NODE_CONFIG), ...writable(holder, NODE_DATA)];
}

/** A chaincode container starts when its definition is committed, so that nothing depends on it that it depends on. */
function chaincodeService(
  { topology }: ServiceParts,
  { name, organization, ...holder }: KeyHolder & { kind: 'chaincode' },
): ComposeService {
  const chaincode = startedChaincode(topology);
  const port = chaincodePort(topology, organization.name, chaincode.name);
  const folder = chaincodeServerFolder(CHAINCODE_MATERIAL, organization);
  const tls = chaincode.service.tls
    ? {
        CHAINCODE_TLS_DISABLED: 'false',
        CHAINCODE_TLS_KEY_FILE: `${folder}/server.key`,
        CHAINCODE_TLS_CERT_FILE: `${folder}/server.crt`,
        CHAINCODE_TLS_CLIENT_CACERT_FILE: `${folder}/ca.crt`,
      }
    : { CHAINCODE_TLS_DISABLED: 'true' };
  return {
    template: 'chaincode',
    hostname: name,
    command: [...chaincode.service.command],
    environment: {
      ...chaincode.service.environment,
      CHAINCODE_ID: createChaincodePackage(chaincode).packageId,
      CHAINCODE_SERVER_ADDRESS: `0.0.0.0:${port}`,
      CORE_PEER_LOCALMSPID: organization.mspId,
      ...tls,
    },
    volumes: [readOnly(configVolume({ name, organization, ...holder }), CHAINCODE_MATERIAL)],
    healthcheck: listeningProbe(port),
    depends_on: dependsOn(['deploy', 'service_completed_successfully']),
  };
}

function startedChaincode(topology: Topology): Chaincode {
  const chaincodes = topology.channels.flatMap((channel) => channel.chaincodes);
  const started = chaincodes.find(({ service }) => service.kind === 'command');
  if (started === undefined) {
    throw new Error(`topology ${topology.name} starts no chaincode`);
  }
  return started;
}

function applicationService(
  holder: KeyHolder & { kind: 'application' },
  holders: readonly KeyHolder[],
): ComposeService {
  const { organization, application, name } = holder;
  const own = holders.filter(
    (other) => other.organization === organization && (other.kind === 'peer' || other.kind === 'chaincode'),
  );
  return {
    template: 'application',
    profiles: ['all'],
    hostname: name,
    command: [
      ...application.command,
      ...['--topology', `${CLIENT_MATERIAL}/${CLIENT_TOPOLOGY}`, '--crypto', CLIENT_MATERIAL, '--data', CLIENT_DATA],
    ],
    volumes: [readOnly(configVolume(holder), CLIENT_MATERIAL), ...writable(holder, CLIENT_DATA)],
    healthcheck: connectedProbe(organization.peers.map(({ port }) => port)),
    depends_on: dependsOn(...own.map((other) => [other.name, 'service_healthy'] as const)),
  };
}

function dependsOn(
  ...entries: readonly (readonly [string, DependencyCondition])[]
): Record<string, { readonly condition: DependencyCondition }> {
  return Object.fromEntries(entries.map(([name, condition]) => [name, { condition }]));
}

/** `nocopy`: the volume does not get what the image has at this place, and keeps its owner. */
function readOnly(volume: string, target: string): string {
  return `${volume}:${target}:ro,nocopy`;
}

function writable(holder: KeyHolder, target: string): string[] {
  const volume = dataVolume(holder);
  return volume === undefined ? [] : [`${volume}:${target}:nocopy`];
}
