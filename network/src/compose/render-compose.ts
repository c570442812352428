import { readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { findOrganization, type Topology } from '@flexledger/topology';
import { Document, isMap, isScalar, visit, type YAMLMap } from 'yaml';
import { NetworkError } from '../network-error';
import type { ComposeImages, ComposeService } from './compose-types';
import { containerTopology } from './container-topology';
import { composeServices } from './services';
import { templates } from './templates';
import { volumeNames } from './volumes';

/** Which compose file to render. */
export interface ComposeOptions {
  /** The file that the topology was read from; it lies in the repository. */
  readonly topologyFile: string;
  /** Only the containers of this organisation, for its own host. */
  readonly organization?: string;
}

/** The root of the repository; this file stands three folders below it, as source and as build. */
export const REPOSITORY_ROOT = resolve(__dirname, '..', '..', '..');
/** The release of the official images. */
export const FABRIC_IMAGE_VERSION = '3.1.5';

/** A list of items up to this length is written on one line. */
const SHORT_ITEM = 32;
const APPLICATION_DOCKERFILE = 'network/Dockerfile';

/**
 * The compose file of a network: the official images for the nodes, one chaincode container per organisation, `crypto`
 * and `deploy` that run once before and after the nodes start, and under profile `all` the organisations' applications.
 *
 * @throws NetworkError NETWORK_TOPOLOGY_UNSUITABLE, TopologyLookupError.
 */
export function renderCompose(topology: Topology, options: ComposeOptions): string {
  // Only for its refusals: the services are rendered from what the file says, and containers derive their own view.
  containerTopology(topology);
  if (options.organization !== undefined) {
    findOrganization(topology, options.organization);
  }
  const images = imagesOf(topology, options.topologyFile);
  const parts = {
    topology,
    images,
    ...(options.organization === undefined ? {} : { organization: options.organization }),
  };
  const services = composeServices(parts);
  assertNamesDiffer(topology, options.organization);
  return write(topology, options, images, services);
}

function imagesOf(topology: Topology, topologyFile: string): ComposeImages {
  const chaincode = topology.channels
    .flatMap((channel) => channel.chaincodes)
    .find(({ service }) => service.kind === 'command');
  const folder = resolve(dirname(topologyFile), chaincode?.service.workingDirectory ?? '.');
  return {
    orderer: `hyperledger/fabric-orderer:${FABRIC_IMAGE_VERSION}`,
    peer: `hyperledger/fabric-peer:${FABRIC_IMAGE_VERSION}`,
    chaincode: `${topology.name}/chaincode:${chaincode?.version ?? '0'}`,
    application: `${topology.name}/application:${applicationVersion()}`,
    chaincodeDockerfile: inRepository(join(folder, 'Dockerfile')),
    applicationDockerfile: APPLICATION_DOCKERFILE,
    topologyFile: inRepository(resolve(topologyFile)),
  };
}

function applicationVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(REPOSITORY_ROOT, 'network', 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '0';
}

/** Images are built from the repository, so what they are built from has to lie in it. */
function inRepository(file: string): string {
  const path = relative(REPOSITORY_ROOT, file);
  if (path.startsWith('..') || resolve(REPOSITORY_ROOT, path) !== file) {
    throw new NetworkError(
      'NETWORK_TOPOLOGY_UNSUITABLE',
      `${file} lies outside of the repository, from which the images are built; move it below ${REPOSITORY_ROOT}.`,
    );
  }
  return path.split(sep).join(posix.sep);
}

function assertNamesDiffer(topology: Topology, organization: string | undefined): void {
  const volumes = volumeNames(topology, organization);
  const twice = volumes.find((name, index) => volumes.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new NetworkError(
      'NETWORK_TOPOLOGY_UNSUITABLE',
      `two containers would be named ${twice}; rename one of them.`,
    );
  }
}

function write(
  topology: Topology,
  options: ComposeOptions,
  images: ComposeImages,
  services: Readonly<Record<string, ComposeService>>,
): string {
  const document = new Document({}, { merge: true, aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  document.commentBefore = headComment(options, images);
  document.set('name', projectName(topology, options.organization));
  const used = new Set<string>(Object.values(services).map(({ template }) => template));
  const shared = new Map<string, YAMLMap>();
  for (const [name, template] of Object.entries(templates(images)).filter(([key]) => used.has(key))) {
    const node = mapOf(document, template);
    node.anchor = name;
    shared.set(name, node);
    document.set(`x-${name}`, node);
  }
  const serviceMap = mapOf(document, {});
  for (const [name, { template, ...settings }] of Object.entries(services)) {
    const node = mapOf(document, settings);
    const base = shared.get(template);
    if (base !== undefined) {
      node.items.unshift(document.createPair('<<', document.createAlias(base, template)));
    }
    serviceMap.set(document.createNode(name), node);
  }
  document.set('services', serviceMap);
  const volumes = new Map(volumeNames(topology, options.organization).map((name) => [name, null]));
  document.set('volumes', document.createNode(volumes));
  visit(document, {
    Seq: (_, node) => {
      node.flow = node.items.every((item) => isScalar(item) && String(item.value).length <= SHORT_ITEM);
    },
  });
  return document.toString({ lineWidth: 0, singleQuote: true, flowCollectionPadding: false, nullStr: '' });
}

function mapOf(document: Document, value: Readonly<Record<string, unknown>>): YAMLMap {
  const node = document.createNode(value);
  if (!isMap(node)) {
    throw new TypeError('a record must become a map');
  }
  return node;
}

/** The name of the compose project; containers, volumes and the network of the engine are named after it. */
export function projectName(topology: Topology, organization?: string): string {
  return organization === undefined ? topology.name : `${topology.name}-${organization.toLowerCase()}`;
}

function headComment({ organization }: ComposeOptions, { topologyFile }: ComposeImages): string {
  const one = organization === undefined ? '' : ` --org ${organization}`;
  const whole = [
    ' docker compose up --wait                 the network; returns when it can be used',
    ' docker compose --profile all up --wait   and the applications of the organisations',
    ' docker compose --profile all down        stop; `down -v` also removes ledgers and keys',
  ];
  const part = [
    ` The containers of ${organization ?? ''} alone. MATERIAL names the folder with its keys (organizations/, channels/),`,
    ' LISTEN_ADDRESS the address on which the other organisations reach its nodes by their full names.',
  ];
  return [
    ` Rendered from ${topologyFile}; do not edit, but change that file and write this one again:`,
    ` flexledger network render --target compose${one} --output FILE`,
    '',
    ...(organization === undefined ? whole : part),
  ].join('\n');
}
