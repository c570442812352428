import path from 'node:path';
import type { Command } from 'commander';
import { RoleClient } from '../client/role-client';
import { DEFAULT_GATEWAY } from '../meter-agent/agent-config';
import { startGateway } from '../meter-gateway/run-gateway';
import { CONSORTIUM_FILE, DEFAULT_DAY_FOLDER } from '../paths';
import { untilInterrupted } from './until-interrupted';

interface GatewayCommandOptions {
  readonly host: string;
  readonly port: string;
  readonly data: string;
  readonly topology: string;
  readonly crypto: string;
}

/** `flexledger meter gateway`: takes the blocks of agents and brings them to the ledger. */
export function addGatewayCommand(meter: Command, print: (line: string) => void): void {
  meter
    .command('gateway')
    .description(
      'run the gateway of the community: takes blocks of agents on this machine, answers when they are VALID',
    )
    .option('--host <host>', 'loopback address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 for any', new URL(DEFAULT_GATEWAY).port)
    .option('--data <folder>', 'outbox of the gateway', 'meter-gateway')
    .option('--topology <file>', 'description of the network', CONSORTIUM_FILE)
    .option('--crypto <folder>', 'folder that holds organizations/', path.join(DEFAULT_DAY_FOLDER, 'network'))
    .action((options: GatewayCommandOptions) => gateway(options, print));
}

async function gateway(options: GatewayCommandOptions, print: (line: string) => void): Promise<void> {
  const client = await RoleClient.openFromFiles({
    topologyFile: path.resolve(options.topology),
    cryptoDirectory: path.resolve(options.crypto),
    organization: 'Community',
    identity: 'community',
    dataDirectory: path.resolve(options.data),
    onRetry: (error) => print(`again: ${error.message}`),
  });
  try {
    const { host, port } = options;
    const running = await startGateway({ ledger: client.ledger, host, port: Number(port) });
    print(`the gateway listens on ${running.address}; Ctrl-C stops it`);
    await untilInterrupted();
    await running.stop();
  } finally {
    await client.close();
  }
}
