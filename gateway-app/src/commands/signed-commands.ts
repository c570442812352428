import { existsSync } from 'node:fs';
import path from 'node:path';
import { slotCodec, slotOfSeconds, slotStartSeconds, type Slot } from '@flexledger/domain';
import { Option, type Command } from 'commander';
import { CliError } from '../cli-errors';
import { FileKeyStore, type SigningKey } from '../client/keys';
import type { Ledger } from '../client/ledger';
import { RoleClient } from '../client/role-client';
import { CONSORTIUM_FILE, DEFAULT_DAY_FOLDER } from '../paths';
import { ROLE_ORGANIZATIONS, type RoleName } from '../roles/role-names';

/** Whose certificate carries a command, and where commands wait until their fate is known. */
export interface CarrierOptions {
  readonly role: RoleName;
  readonly topology: string;
  readonly crypto: string;
  readonly data: string;
  readonly json?: true;
}

/** The same with the key of a participant. */
export interface SigningOptions extends CarrierOptions {
  readonly keys: string;
  readonly key: string;
}

/** Adds the options of a command that some organisation carries; the first role is taken where none is named. */
export function carried(
  command: Command,
  description: string,
  { data, roles }: { readonly roles: readonly [RoleName, ...RoleName[]]; readonly data: string },
): Command {
  return command
    .description(description)
    .addOption(new Option('--role <role>', 'who carries it').choices(roles).default(roles[0]))
    .option('--topology <file>', 'description of the network', CONSORTIUM_FILE)
    .option('--crypto <folder>', 'folder that holds organizations/', path.join(DEFAULT_DAY_FOLDER, 'network'))
    .option('--data <folder>', 'where commands wait until their fate is known', data)
    .option('--json', 'print JSON, as the ledger has it');
}

/** Adds the options by which a command finds the key of the one who says it. */
export function signedBy(command: Command): Command {
  return command
    .requiredOption('--key <name>', 'name of the key of the participant who says this')
    .option('--keys <folder>', 'folder of the keys (mode 0700, files 0600)', 'keys');
}

/** @throws CliError CLI_USAGE where there is no such key; the folder is not made for it */
export function loadKey({ key, keys }: Pick<SigningOptions, 'key' | 'keys'>): SigningKey {
  const folder = path.resolve(keys);
  if (!existsSync(path.join(folder, `${key}.pem`))) {
    throw new CliError(
      'CLI_USAGE',
      `there is no key ${key} in ${folder}; name one with --key and its folder with --keys`,
    );
  }
  return new FileKeyStore(folder).load(key);
}

/** Finishes what an earlier call has left open, then does one thing with the ledger. */
export async function withCarrier<T>(options: CarrierOptions, run: (ledger: Ledger) => Promise<T>): Promise<T> {
  const client = await RoleClient.openFromFiles({
    topologyFile: path.resolve(options.topology),
    cryptoDirectory: path.resolve(options.crypto),
    organization: ROLE_ORGANIZATIONS[options.role],
    identity: options.role,
    dataDirectory: path.resolve(options.data),
  });
  try {
    await client.ledger.resume();
    return await run(client.ledger);
  } finally {
    await client.close();
  }
}

/** The start of a slot in UTC. */
export function timeOf(slot: Slot): string {
  return new Date(slotStartSeconds(slot) * 1000).toISOString().replace(':00.000Z', 'Z');
}

/** @throws CliError CLI_USAGE for a time that is not the start of a quarter hour */
export function readSlot(text: string): Slot {
  if (/^\d+$/.test(text)) return slotCodec.decode(Number(text), '');
  const seconds = Date.parse(text) / 1000;
  const isStart = Number.isInteger(seconds) && seconds % 900 === 0;
  if (!isStart) throw new CliError('CLI_USAGE', `${text} is neither a slot nor the start of a quarter hour in UTC`);
  return slotOfSeconds(seconds);
}
