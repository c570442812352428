import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readIdentity, readPeerEndpoint, type Topology } from '@flexledger/topology';
import { inheritedEnvironment } from './native/chaincode-services';
import { retryUntil } from './native/lifecycle';
import { PeerClient } from './native/peer-client';
import { assertPortsFree } from './native/ports';
import { ProcessSet, stopRecordedProcesses } from './native/process-set';
import { waitForChaincode } from './native/ready';
import { prepareFolder, watchProcesses } from './native/supervision';
import { NetworkError } from './network-error';

/** How to start the embedded Fabric as a process. */
export interface DevnetOptions {
  readonly topology: Topology;
  readonly topologyFile: string;
  readonly dataDirectory: string;
  readonly seed?: number;
  readonly progress: (line: string) => void;
  readonly timeoutMs: number;
}

/** A running devnet. */
export interface DevnetNetwork {
  readonly cryptoDirectory: string;
  readonly processes: ProcessSet;
  /** Starts the devnet again after it was killed, with the same data. */
  readonly restart: () => Promise<void>;
}

/** The built program; this file stands one folder below network/, as source and as build. */
const PROGRAM = resolve(__dirname, '..', 'devnet', 'dist', 'main.js');
const NAME = 'devnet';

/**
 * Starts the devnet as a process of its own and waits until every chaincode answers on every peer.
 *
 * @throws NetworkError; whatever was started is stopped before it is thrown.
 */
export async function startDevnet(options: DevnetOptions): Promise<DevnetNetwork> {
  const { topology, dataDirectory, progress } = options;
  if (!existsSync(PROGRAM)) {
    throw new NetworkError('NETWORK_BINARIES_MISSING', 'the devnet is not built; run "npm run build" first.');
  }
  prepareFolder(dataDirectory);
  await stopRecordedProcesses(dataDirectory);
  await endLeftChaincode(dataDirectory);
  await assertPortsFree(topology);
  const processes = new ProcessSet(dataDirectory);
  const seed = options.seed === undefined ? [] : ['--seed', String(options.seed)];
  processes.start({
    name: NAME,
    program: process.execPath,
    parameters: [PROGRAM, '--topology', options.topologyFile, '--data', dataDirectory, ...seed],
    workingDirectory: dataDirectory,
    environment: inheritedEnvironment(),
    listensOn: firstPeer(topology),
  });
  progress('devnet: waiting until every chaincode answers on every peer');
  try {
    await watchProcesses(processes, waitUntilReady(topology, dataDirectory, Date.now() + options.timeoutMs));
  } catch (error) {
    await processes.stopAll();
    throw error;
  }
  const restart = async (): Promise<void> => {
    await processes.restart(NAME);
    const ready = waitUntilReady(topology, dataDirectory, Date.now() + options.timeoutMs);
    await watchProcesses(processes, ready);
  };
  return { cryptoDirectory: dataDirectory, processes, restart };
}

/** The devnet opens the peers' ports last, when all else works. */
function firstPeer(topology: Topology): { readonly host: string; readonly port: number } {
  const peer = topology.organizations.flatMap(({ peers }) => peers)[0];
  if (peer === undefined) {
    throw new NetworkError('NETWORK_TOPOLOGY_UNSUITABLE', `topology ${topology.name} has no peer.`);
  }
  return peer;
}

/**
 * Ends the chaincode that a killed devnet has left behind. The devnet's code is loaded only then: clients that merely
 * connect to a network should not have to load it.
 */
export async function endLeftChaincode(dataDirectory: string): Promise<void> {
  const devnet = await import('@flexledger/devnet');
  devnet.endLeftChaincode(dataDirectory);
}

/** The certificates appear while the devnet starts, so that reading them is part of the waiting. */
async function waitUntilReady(topology: Topology, cryptoDirectory: string, deadline: number): Promise<void> {
  const peers = topology.organizations.flatMap((organization) =>
    organization.peers.map((_, index) => ({ organization, index })),
  );
  await Promise.all(
    peers.map(async ({ organization, index }) => {
      let client: PeerClient | undefined;
      await retryUntil(deadline, `certificates of ${organization.name}`, async () => {
        client ??= new PeerClient(
          readPeerEndpoint(cryptoDirectory, organization, index),
          readIdentity(cryptoDirectory, organization, 'Admin'),
        );
        return Promise.resolve();
      });
      try {
        await client?.waitUntilReady(Math.max(deadline - Date.now(), 1000));
        for (const channel of topology.channels) {
          if (client !== undefined && channel.memberOrganizations.includes(organization.name)) {
            const { name: channelName, chaincodes } = channel;
            const answering = client;
            await Promise.all(chaincodes.map(({ name }) => waitForChaincode(answering, channelName, name, deadline)));
          }
        }
      } finally {
        client?.close();
      }
    }),
  );
}
