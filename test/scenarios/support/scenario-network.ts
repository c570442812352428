import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openNetwork, type NetworkHandle } from '@flexledger/network';

/** This file is run as it is here and as it is built, in folders of different depth; that of the package is the same. */
const REPOSITORY = join(dirname(require.resolve('@flexledger/network')), '..', '..');

/** The network that scenarios run on: the embedded Fabric, or with NETWORK=native the real one. */
export const scenarioMode = process.env['NETWORK'] === 'native' ? 'native' : 'devnet';

/**
 * The consortium on other ports, so that a network that somebody has up does not disturb the test, nor it the network; answers the file.
 *
 * @param thousands the first two digits of the ports, other ones for each scenario
 */
export function writeTopology(folder: string, thousands: number): string {
  const network = join(REPOSITORY, 'network');
  const text = readFileSync(join(network, 'consortium.yaml'), 'utf8')
    .replaceAll(/\b17(\d{3})\b/g, `${thousands}$1`)
    .replace('workingDirectory: ../chaincode', `workingDirectory: ${join(REPOSITORY, 'chaincode')}`);
  const file = join(folder, 'consortium.yaml');
  writeFileSync(file, text);
  return file;
}

/** Starts the consortium on its own ports, with everything of it in `network/` of a folder. */
export function openScenario(folder: string, thousands: number): Promise<NetworkHandle> {
  const topologyFile = writeTopology(folder, thousands);
  return openNetwork({ mode: scenarioMode, topologyFile, dataDirectory: join(folder, 'network') });
}
