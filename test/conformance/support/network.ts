import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import { openParty, type Party } from './party';

/** The network under test and one client per organisation. */
export interface Bench {
  readonly handle: NetworkHandle;
  readonly one: Party;
  readonly two: Party;
  readonly three: Party;
}

const TOPOLOGY = join(__dirname, '..', 'topology.yaml');
let bench: Bench | undefined;
let dataDirectory: string | undefined;

/** Opens the network that NETWORK names: `devnet` by default, `native` with FABRIC_RELEASE 3.1 or 2.5, or `docker`. */
export async function openBench(): Promise<void> {
  dataDirectory = mkdtempSync(join(tmpdir(), 'flexledger-conformance-'));
  const common = { topologyFile: TOPOLOGY, dataDirectory };
  const mode = process.env['NETWORK'] ?? 'devnet';
  const release = process.env['FABRIC_RELEASE'] ?? '3.1';
  if (!isMode(mode) || (release !== '3.1' && release !== '2.5')) {
    throw new Error(`NETWORK=${mode} FABRIC_RELEASE=${release}: expected devnet, docker, or native with 3.1 or 2.5`);
  }
  const handle = await openNetwork(mode === 'native' ? { ...common, mode, release } : { ...common, mode });
  const [one, two, three] = ['One', 'Two', 'Three'].map((organization) => openParty(handle, organization));
  bench = { handle, one: one!, two: two!, three: three! };
}

function isMode(mode: string): mode is 'devnet' | 'native' | 'docker' {
  return ['devnet', 'native', 'docker'].includes(mode);
}

/** Stops the network and removes its data. */
export async function closeBench(): Promise<void> {
  [bench?.one, bench?.two, bench?.three].forEach((party) => party?.close());
  await bench?.handle.stop();
  if (dataDirectory !== undefined) {
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

/** The network under test; only inside of tests. */
export function theBench(): Bench {
  if (bench === undefined) {
    throw new Error('the network is not open');
  }
  return bench;
}

/** Whether the network under test is a release before 3.0. */
export function isFabric2(): boolean {
  return theBench().handle.description.startsWith('Fabric 2.');
}

let counter = 0;

/** A key that no other test uses. */
export function newKey(name: string): string {
  counter += 1;
  return `${name}-${String(counter).padStart(4, '0')}-`;
}
