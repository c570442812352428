import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import { loadTopology, type Topology } from '@flexledger/topology';
import { repositoryRoot, shiftPorts } from '../faults/fault-network';
import type { BenchOptions } from './options';
import { sampleChaincode } from './sample';

/** Away from the consortium's own ports and from those of the faults. */
const PORT_SHIFT = 6_000;
const START_TIMEOUT_MS = 300_000;

/** The consortium on ports of its own, with the sample's chaincode beside its own under the same endorsement policy. */
export async function openBenchNetwork(
  { mode, release }: Pick<BenchOptions, 'mode' | 'release'>,
  folder: string,
  sampleFolder: string | undefined,
  say: (line: string) => void,
): Promise<NetworkHandle> {
  const source = join(repositoryRoot, 'network', 'consortium.yaml');
  const topology = withSample(
    withBenchService(shiftPorts(loadTopology(source), PORT_SHIFT, dirname(source))),
    sampleFolder,
  );
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const topologyFile = join(folder, 'topology.json');
  writeFileSync(topologyFile, `${JSON.stringify(topology, null, 2)}\n`);
  const common = { topologyFile, dataDirectory: networkFolder(folder), progress: say, timeoutMs: START_TIMEOUT_MS };
  return openNetwork(
    mode === 'native' ? { ...common, mode, ...(release === undefined ? {} : { release }) } : { ...common, mode },
  );
}

/** Where the network of a run keeps its data. */
export function networkFolder(folder: string): string {
  return join(folder, 'network');
}

/** The chaincode's own program, except that levers can be switched off. */
function withBenchService(topology: Topology): Topology {
  const program = join(repositoryRoot, 'test', 'dist', 'bench', 'service.js');
  if (!existsSync(program)) throw new Error('the benchmark is not built yet; run "npm run build" first');
  return changeFirstChannel(topology, (channel) => ({
    ...channel,
    chaincodes: channel.chaincodes.map((chaincode) => ({
      ...chaincode,
      service: { ...chaincode.service, command: ['node', program] },
    })),
  }));
}

function withSample(topology: Topology, folder: string | undefined): Topology {
  if (folder === undefined) return topology;
  return changeFirstChannel(topology, (channel) => ({
    ...channel,
    chaincodes: [...channel.chaincodes, sampleChaincode(folder, channel.chaincodes[0]?.endorsementPolicy ?? '')],
  }));
}

type Channel = Topology['channels'][number];

function changeFirstChannel(topology: Topology, change: (channel: Channel) => Channel): Topology {
  return {
    ...topology,
    channels: topology.channels.map((channel, index) => (index === 0 ? change(channel) : channel)),
  };
}
