import { dirname, resolve } from 'node:path';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { loadTopology, TopologyError } from '@flexledger/topology';
import { Command, InvalidArgumentError } from 'commander';
import { startDevnet } from './devnet';
import type { Devnet } from './devnet-options';
import { messageOf } from './errors';
import { standardErrorLog } from './logger';

interface CommandOptions {
  readonly topology: string;
  readonly data: string;
  readonly seed: number;
  readonly manualBlocks: boolean;
}

function parseSeed(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('The seed is a whole number of at most nine digits.');
  return Number(text);
}

function describe(devnet: Devnet): string {
  const lines = devnet.endpoints.flatMap((endpoint) => [
    `${endpoint.mspId}  ${endpoint.address}  (TLS name ${endpoint.hostOverride}, metrics ${endpoint.operationsAddress})`,
    `    TLS root certificate  ${endpoint.tlsRootCertificateFile}`,
    `    identities            ${endpoint.usersFolder}`,
  ]);
  return [
    'Embedded Fabric for development and tests. It has no consensus: this one process orders and keeps the only ledger.',
    'It listens on loopback only. What it does otherwise than Fabric stands in DIFFERENCES.md.',
    '',
    ...lines,
    '',
    'Ready. Ctrl-C stops it.',
    '',
  ].join('\n');
}

async function untilSignal(): Promise<void> {
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        done();
      });
    }
  });
}

async function run(options: CommandOptions): Promise<void> {
  // The gRPC library reports a port in use by itself; here it is one line with a code.
  setLogVerbosity(logVerbosity.NONE);
  const file = resolve(options.topology);
  const stopped = untilSignal();
  let failed: (error: Error) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    failed = reject;
  });
  failure.catch(() => undefined);
  const devnet = await startDevnet({
    topology: loadTopology(file),
    topologyFolder: dirname(file),
    dataFolder: resolve(options.data),
    seed: options.seed,
    manualBlocks: options.manualBlocks,
    log: standardErrorLog(() => new Date()),
    onFailure: (error) => {
      failed(error);
    },
  });
  try {
    process.stdout.write(describe(devnet));
    await Promise.race([stopped, failure]);
  } finally {
    await devnet.stop();
  }
}

/** Prints an error as one line and returns the exit code. */
export function reportFailure(error: unknown): number {
  const text = error instanceof TopologyError ? error.message : messageOf(error).split('\n')[0];
  process.stderr.write(`${text ?? 'it failed'}\n`);
  return 1;
}

/** The command `flexledger devnet`; its action rejects with a DevnetError or TopologyError. */
export function devnetCommand(): Command {
  return new Command('devnet')
    .description('runs the embedded Fabric: every organisation of a topology in one process, on loopback')
    .requiredOption('--topology <file>', 'description of the network')
    .requiredOption('--data <folder>', 'where ledger, certificates and logs are kept')
    .option('--seed <number>', 'seed of every choice made by chance', parseSeed, 1)
    .option('--manual-blocks', 'cut no block by itself', false)
    .action(async (options: CommandOptions) => run(options));
}
