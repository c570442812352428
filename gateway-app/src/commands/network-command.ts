import path from 'node:path';
import { openNetwork, stopNetwork, wipeNativeData, type FabricRelease } from '@flexledger/network';
import { Option, type Command } from 'commander';
import { Progress } from '../day/progress';
import { CONSORTIUM_FILE, DEFAULT_NETWORK_FOLDER } from '../paths';
import { addChaincodeCommand } from './chaincode-command';
import { addChannelCommand } from './channel-command';
import { addIdentityCommand } from './identity-command';
import { addOrganizationCommand } from './organization-command';
import { addRenderCommand } from './render-command';
import { printNetworkStatus } from './status-command';
import { untilInterrupted } from './until-interrupted';

interface NetworkOptions {
  readonly release?: FabricRelease;
  readonly mode: 'native';
  readonly topology: string;
  readonly data: string;
}

/** `flexledger network up|status|down|render|identity|channel|chaincode|organization`: a network of real Fabric binaries, made from its description. */
export function addNetworkCommand(program: Command, print: (line: string) => void): void {
  const network = program.command('network').description('run the consortium on real Fabric binaries');
  addOptions(
    network.command('up').description('start the network, or go on with its data, and keep it up until Ctrl-C'),
  )
    .option('--topology <file>', 'description of the network', CONSORTIUM_FILE)
    .addOption(new Option('--release <release>', 'which Fabric; default: the newest found').choices(['2.5', '3.1']))
    .action(async (options: NetworkOptions) => up(options, print));
  addOptions(
    network.command('status').description('list processes and, while they run, channels, anchor peers and chaincode'),
  ).action(async (options: NetworkOptions) => printNetworkStatus(options.data, print));
  addOptions(network.command('down').description('stop the processes of the network; its data stays'))
    .option('--wipe', 'remove its ledgers, keys and logs as well', false)
    .action(async (options: NetworkOptions & { readonly wipe: boolean }) => {
      const dataDirectory = path.resolve(options.data);
      const names = await stopNetwork(dataDirectory);
      print(names.length === 0 ? 'nothing was running' : `stopped ${names.join(', ')}`);
      if (options.wipe) {
        wipeNativeData(dataDirectory);
        print(`removed the network's data from ${dataDirectory}`);
      }
    });
  addRenderCommand(network, print);
  addIdentityCommand(network, print);
  addChannelCommand(network, print);
  addChaincodeCommand(network, print);
  addOrganizationCommand(network, print);
}

function addOptions(command: Command): Command {
  return command
    .addOption(new Option('--mode <mode>', 'how the network runs').choices(['native']).default('native'))
    .option('--data <folder>', 'where the network keeps its data', DEFAULT_NETWORK_FOLDER);
}

async function up(options: NetworkOptions, print: (line: string) => void): Promise<void> {
  const dataDirectory = path.resolve(options.data);
  const progress = new Progress(print);
  const names = await stopNetwork(dataDirectory);
  if (names.length > 0) progress.say(`stopped what an earlier run had left: ${names.join(', ')}`);
  let tellStopped: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (tellStopped = resolve));
  const handle = await openNetwork({
    onStopped: () => tellStopped(),
    mode: 'native',
    topologyFile: path.resolve(options.topology),
    dataDirectory,
    progress: (line) => progress.say(line),
    ...(options.release === undefined ? {} : { release: options.release }),
  });
  progress.say(`${handle.description} is up; identities are in ${handle.cryptoDirectory}; Ctrl-C stops it`);
  await Promise.race([untilInterrupted(), stopped]);
  progress.say('stopping');
  await handle.stop();
}
