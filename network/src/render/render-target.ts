import { resolve } from 'node:path';
import { loadTopology } from '@flexledger/topology';
import { containerTopology } from '../compose/container-topology';
import { renderCompose } from '../compose/render-compose';
import { NetworkError } from '../network-error';
import { renderConfigtx } from './render-configtx';
import { renderConnectionProfile } from './render-connection-profile';

/** What can be rendered from the description of a network. */
export const RENDER_TARGETS = ['configtx', 'compose', 'profile'] as const;
export type RenderTarget = (typeof RENDER_TARGETS)[number];

/** What to render. */
export interface RenderOptions {
  readonly target: RenderTarget;
  readonly topologyFile: string;
  /** Only this organisation's part. */
  readonly organization?: string;
  /** The folder that holds `organizations/`. */
  readonly cryptoDirectory?: string;
  /** Reach nodes by their full names, as containers and other hosts do, instead of by the addresses of the file. */
  readonly byName?: boolean;
}

/**
 * Renders configuration for Fabric's own tools from the description of a network.
 *
 * @throws TopologyError, TopologyLookupError, NetworkError NETWORK_TOPOLOGY_UNSUITABLE.
 */
export function renderTarget(options: RenderOptions): string {
  const topologyFile = resolve(options.topologyFile);
  const described = loadTopology(topologyFile);
  const { organization, cryptoDirectory } = options;
  const only = organization === undefined ? {} : { organization };
  if (options.target === 'compose') {
    return renderCompose(described, { topologyFile, ...only });
  }
  const topology = options.byName === true ? containerTopology(described) : described;
  if (options.target === 'configtx') {
    return renderConfigtx(topology, { ...only, ...(cryptoDirectory === undefined ? {} : { cryptoDirectory }) });
  }
  const [first] = topology.organizations;
  if (first === undefined) {
    throw new NetworkError('NETWORK_TOPOLOGY_UNSUITABLE', `topology ${topology.name} has no organisation.`);
  }
  return renderConnectionProfile(topology, {
    organization: organization ?? first.name,
    cryptoDirectory: cryptoDirectory ?? '.',
  });
}
