import { existsSync } from 'node:fs';
import path from 'node:path';
import type { IdentityPlace, OperationOptions } from '@flexledger/network';
import type { Command } from 'commander';
import { CliError } from '../cli-errors';
import type { Progress } from '../day/progress';
import { CONSORTIUM_FILE, DEFAULT_NETWORK_FOLDER } from '../paths';

/** Which network a command is about. */
export interface PlaceOptions {
  readonly topology: string;
  readonly data: string;
}

/** Adds the options that say which network a command is about. */
export function addPlace(command: Command): Command {
  return command
    .option('--topology <file>', 'description of the network', CONSORTIUM_FILE)
    .option('--data <folder>', 'where the network keeps its data', DEFAULT_NETWORK_FOLDER);
}

/** Authorities are never made here: those of a network exist since it was made, or somewhere else. */
export function placeOf({ topology, data }: PlaceOptions): IdentityPlace {
  const cryptoDirectory = path.join(path.resolve(data), 'crypto');
  if (!existsSync(cryptoDirectory)) {
    throw new CliError(
      'CLI_USAGE',
      `${cryptoDirectory} does not exist; start the network first, or name its folder with --data`,
    );
  }
  return { topologyFile: path.resolve(topology), cryptoDirectory };
}

/** What an operation on a running network needs; its steps are told as progress. */
export function operationOf({ topology, data }: PlaceOptions, progress: Progress): OperationOptions {
  return { topologyFile: topology, dataDirectory: data, progress: (line) => progress.say(line) };
}
