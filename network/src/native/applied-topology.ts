import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTopology, type Topology } from '@flexledger/topology';

const FILE = 'topology.json';

/** Records the description that a network has been brought to. The operator's file may change; this one tells what runs. */
export function recordTopology(dataDirectory: string, topology: Topology): void {
  const file = join(dataDirectory, FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(topology, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** The description that the network of a data folder was last brought to; undefined when there has been none. */
export function recordedTopology(dataDirectory: string): Topology | undefined {
  const file = join(dataDirectory, FILE);
  return existsSync(file) ? parseTopology(readFileSync(file, 'utf8'), file) : undefined;
}
