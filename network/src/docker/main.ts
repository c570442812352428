import { parseArgs } from 'node:util';
import { loadTopology } from '@flexledger/topology';
import { ADMINISTRATION, VOLUMES } from '../compose/container-paths';
import { containerTopology, topologyDigest } from '../compose/container-topology';
import { messageOf, NetworkError } from '../network-error';
import { deployNetwork } from './deploy';
import { makeMaterial, makeMountPoints } from './make-material';

/*
 * What the containers `crypto` and `deploy` run, and one step of the build of their image:
 *   node network/dist/docker/main.js crypto|deploy|mount-points --topology FILE [--organization NAME] [--digest DIGEST]
 */

const TIMEOUT_MS = 240_000;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    options: { topology: text, organization: text, digest: text },
    allowPositionals: true,
  });
  const [command] = positionals;
  if (values.topology === undefined) {
    throw new TypeError('--topology FILE is missing');
  }
  const topology = loadTopology(values.topology);
  if (values.digest !== undefined && values.digest !== topologyDigest(topology)) {
    throw new NetworkError(
      'NETWORK_VERSION_WRONG',
      'the compose file was rendered from another description of the network than this image holds; run ' +
        '"docker compose build", or render the compose file again.',
    );
  }
  const only = values.organization === undefined ? {} : { organization: values.organization };
  if (command === 'mount-points') {
    makeMountPoints(topology, VOLUMES);
  } else if (command === 'crypto') {
    await makeMaterial({ topology, volumes: VOLUMES, ...only });
    say('certificates, genesis blocks and configuration are in their volumes');
  } else if (command === 'deploy') {
    await deployNetwork({
      topology: containerTopology(topology),
      directory: ADMINISTRATION,
      ...only,
      deadline: Date.now() + TIMEOUT_MS,
      progress: say,
    });
    say('the network can be used');
  } else {
    throw new TypeError(`unknown command ${command ?? ''}: expected crypto, deploy or mount-points`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
