import { resolve } from 'node:path';
import { loadTopology, type Topology } from '@flexledger/topology';
import { createHandle } from './create-handle';
import { endLeftChaincode, startDevnet } from './devnet-network';
import { openDockerNetwork } from './docker/docker-network';
import type { NetworkFaults, NetworkHandle } from './handle';
import type { FabricRelease } from './native/binaries';
import { startNativeNetwork } from './native/native-network';
import { nodeFaults } from './native/node-faults';
import type { ProcessSet } from './native/process-set';

/** What every mode needs. */
interface CommonOptions {
  readonly topologyFile: string;
  /** Told one line at each step; default: nobody. */
  readonly progress?: (line: string) => void;
}

/** Which network to open. */
export type OpenNetworkOptions =
  | (CommonOptions & {
      readonly mode: 'native';
      readonly dataDirectory: string;
      /** Default: the newest release found. */
      readonly release?: FabricRelease;
      /** For FABRIC_BIN and PATH; default: this process's environment. */
      readonly environment?: NodeJS.ProcessEnv;
      /** Limit for all steps together; default 120 s. */
      readonly timeoutMs?: number;
      /** Told when a command in another process has stopped the network. */
      readonly onStopped?: () => void;
    })
  | (CommonOptions & {
      readonly mode: 'devnet';
      readonly dataDirectory: string;
      /** For the faults that the devnet plays; default: none. */
      readonly seed?: number;
      /** Limit for all steps together; default 120 s. */
      readonly timeoutMs?: number;
    })
  | (CommonOptions & {
      /** The running compose project of this topology, or else a temporary one that is removed by `stop`. */
      readonly mode: 'docker';
      readonly dataDirectory: string;
      /** For the engine's command line (PATH, DOCKER_HOST); default: this process's environment. */
      readonly environment?: NodeJS.ProcessEnv;
      /** Limit for all steps together, the build of missing images among them; default 15 minutes. */
      readonly timeoutMs?: number;
    })
  | (CommonOptions & {
      readonly mode: 'existing';
      /** Holds `organizations/` in the layout of Fabric's own tools. */
      readonly cryptoDirectory: string;
    });

type ModeOptions<Mode extends OpenNetworkOptions['mode']> = Extract<OpenNetworkOptions, { readonly mode: Mode }>;

const DEFAULT_TIMEOUT_MS = 120_000;
const DOCKER_TIMEOUT_MS = 15 * 60_000;

/**
 * Opens a network and returns when it is ready: every peer plans endorsements and every chaincode answers.
 *
 * @throws NetworkError with a NETWORK_ code, TopologyError; nothing keeps running then.
 */
export async function openNetwork(options: OpenNetworkOptions): Promise<NetworkHandle> {
  const topologyFile = resolve(options.topologyFile);
  const topology = loadTopology(topologyFile);
  const progress = options.progress ?? ((): void => undefined);
  if (options.mode === 'existing') {
    return createHandle({
      mode: 'existing',
      description: 'a network that others run',
      topology,
      cryptoDirectory: resolve(options.cryptoDirectory),
      stop: async () => Promise.resolve(),
    });
  }
  if (options.mode === 'docker') {
    return openDocker(options, topology, topologyFile);
  }
  if (options.mode === 'devnet') {
    const devnet = await startDevnet({
      topology,
      topologyFile,
      dataDirectory: resolve(options.dataDirectory),
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      progress,
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    });
    return createHandle({
      mode: 'devnet',
      description: 'devnet',
      topology,
      cryptoDirectory: devnet.cryptoDirectory,
      stop: async () => {
        await devnet.processes.stopAll();
        // A devnet that was killed could not end its chaincode.
        await endLeftChaincode(resolve(options.dataDirectory));
      },
      faults: faultsOf(devnet.processes, devnet.restart),
    });
  }
  return openNative(options, topology, topologyFile);
}

async function openNative(
  options: ModeOptions<'native'>,
  topology: Topology,
  topologyFile: string,
): Promise<NetworkHandle> {
  const network = await startNativeNetwork({
    topology,
    topologyFile,
    dataDirectory: resolve(options.dataDirectory),
    ...(options.release === undefined ? {} : { release: options.release }),
    environment: options.environment ?? process.env,
    progress: options.progress ?? ((): void => undefined),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    ...(options.onStopped === undefined ? {} : { onStopped: options.onStopped }),
  });
  return createHandle({
    mode: 'native',
    description: `Fabric ${network.version}`,
    topology,
    cryptoDirectory: network.cryptoDirectory,
    stop: async () => network.stop(),
    faults: {
      ...faultsOf(network.processes, async (name) => network.processes.restart(name)),
      nodes: nodeFaults({ topology, dataDirectory: resolve(options.dataDirectory), ...network }),
    },
  });
}

async function openDocker(
  options: ModeOptions<'docker'>,
  topology: Topology,
  topologyFile: string,
): Promise<NetworkHandle> {
  const network = await openDockerNetwork({
    topology,
    topologyFile,
    dataDirectory: resolve(options.dataDirectory),
    environment: options.environment ?? process.env,
    progress: options.progress ?? ((): void => undefined),
    timeoutMs: options.timeoutMs ?? DOCKER_TIMEOUT_MS,
  });
  return createHandle({
    mode: 'docker',
    description: `Fabric ${network.version} in containers`,
    topology,
    cryptoDirectory: network.cryptoDirectory,
    stop: network.stop,
  });
}

function faultsOf(processes: ProcessSet, restart: (name: string) => Promise<void>): NetworkFaults {
  return {
    processes: () => processes.names(),
    kill: async (name) => processes.kill(name),
    start: restart,
    crash: async (name) => processes.crash(name),
    pause: (name) => processes.pause(name),
    resume: (name) => processes.resume(name),
  };
}
