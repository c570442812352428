import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIdentity, readPeerEndpoint, type Organization, type Topology } from '@flexledger/topology';
import { FABRIC_IMAGE_VERSION, projectName, renderCompose } from '../compose/render-compose';
import { PeerClient } from '../native/peer-client';
import { assertPortsFree } from '../native/ports';
import { waitForChaincode } from '../native/ready';
import { prepareFolder } from '../native/supervision';
import { ADMINISTRATION_VOLUME, AUTHORITIES_VOLUME } from '../compose/volumes';
import { ComposeProject } from './compose-project';
import { ContainerEngine } from './engine';

/** How to reach a network in containers. */
export interface DockerOptions {
  readonly topology: Topology;
  readonly topologyFile: string;
  /** For the rendered compose file and a copy of the users' identities. */
  readonly dataDirectory: string;
  /** For the engine's command line. */
  readonly environment: NodeJS.ProcessEnv;
  readonly progress: (line: string) => void;
  readonly timeoutMs: number;
}

/** A running network in containers. */
export interface DockerNetwork {
  readonly version: string;
  readonly cryptoDirectory: string;
  /** Removes what was started, with its volumes; a network that ran before stays as it is. */
  readonly stop: () => Promise<void>;
}

/**
 * Reaches the network that `docker compose up` has started from the same topology; where none runs, starts a temporary
 * one, which lives as long as its handle: it begins with an empty ledger and leaves no container and no volume behind.
 *
 * @throws NetworkError; a network that was started is removed before it is thrown.
 */
export async function openDockerNetwork(options: DockerOptions): Promise<DockerNetwork> {
  const { topology, dataDirectory, progress, timeoutMs } = options;
  const engine = new ContainerEngine(options.environment);
  await engine.assertAnswers();
  prepareFolder(dataDirectory);
  const file = join(dataDirectory, 'docker-compose.yaml');
  writeFileSync(file, renderCompose(topology, { topologyFile: options.topologyFile }));
  const lasting = new ComposeProject(engine, projectName(topology), file);
  const deadline = Date.now() + timeoutMs;
  if ((await lasting.running()).length > 0) {
    progress(`the compose project ${lasting.name} runs already and is used as it is`);
    const cryptoDirectory = await copyCrypto(options, lasting, ADMINISTRATION_VOLUME);
    await waitForNetwork(options, cryptoDirectory, deadline);
    return { version: FABRIC_IMAGE_VERSION, cryptoDirectory, stop: async () => Promise.resolve() };
  }
  const temporary = new ComposeProject(engine, `${projectName(topology)}-temporary`, file);
  await temporary.down({ wipe: true });
  await assertPortsFree(topology);
  const remove = async (): Promise<void> => temporary.down({ wipe: true });
  try {
    progress('docker compose up --build --wait (the first build takes minutes)');
    await temporary.up(timeoutMs);
    // Whoever starts a network may be its certificate authority too; of one that others run, only users are copied.
    const cryptoDirectory = await copyCrypto(options, temporary, AUTHORITIES_VOLUME);
    await waitForNetwork(options, cryptoDirectory, deadline);
    return { version: FABRIC_IMAGE_VERSION, cryptoDirectory, stop: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function copyCrypto(options: DockerOptions, project: ComposeProject, volume: string): Promise<string> {
  const folder = join(options.dataDirectory, 'crypto');
  rmSync(folder, { recursive: true, force: true });
  await project.copyVolume(volume, folder);
  return folder;
}

async function waitForNetwork(
  { topology, progress }: DockerOptions,
  cryptoDirectory: string,
  deadline: number,
): Promise<void> {
  progress('waiting until every chaincode answers on every peer');
  await Promise.all(topology.organizations.map(async (one) => waitForPeers(topology, one, cryptoDirectory, deadline)));
}

async function waitForPeers(
  topology: Topology,
  organization: Organization,
  cryptoDirectory: string,
  deadline: number,
): Promise<void> {
  const channels = topology.channels.filter(({ memberOrganizations }) =>
    memberOrganizations.includes(organization.name),
  );
  for (const index of organization.peers.keys()) {
    const client = new PeerClient(
      readPeerEndpoint(cryptoDirectory, organization, index),
      readIdentity(cryptoDirectory, organization, 'Admin'),
    );
    try {
      for (const { name, chaincodes } of channels) {
        await Promise.all(chaincodes.map(async (one) => waitForChaincode(client, name, one.name, deadline)));
      }
    } finally {
      client.close();
    }
  }
}
