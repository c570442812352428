import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openNetwork } from '@flexledger/network';
import { Option, type Command } from 'commander';
import { RoleClient } from '../client/role-client';
import { CONSORTIUM_FILE, DEFAULT_DAY_FOLDER } from '../paths';
import { ROLE_ORGANIZATIONS, type RoleName } from '../roles/role-names';

/** Which role a command acts as, and on which network. */
export interface RoleConnection {
  readonly role: RoleName | 'oracle';
  readonly topology: string;
  readonly crypto: string;
}

/** The roles that a command can act as. */
export const COMMAND_ROLES = [...Object.keys(ROLE_ORGANIZATIONS), 'oracle'];

/** Adds the options by which a command finds its role and its network. */
export function addConnectionOptions(command: Command): Command {
  return command
    .addOption(new Option('--role <role>', 'whose certificate to use').choices(COMMAND_ROLES).makeOptionMandatory())
    .option('--topology <file>', 'description of the network', CONSORTIUM_FILE)
    .option('--crypto <folder>', 'folder that holds organizations/', path.join(DEFAULT_DAY_FOLDER, 'network'));
}

/** Does some work with the ledger client of a role on a running network, and closes it whatever happens. */
export async function withRoleClient<T>(
  { crypto, role, topology }: RoleConnection,
  work: (client: RoleClient, channel: string) => Promise<T>,
): Promise<T> {
  const network = await openNetwork({
    mode: 'existing',
    topologyFile: path.resolve(topology),
    cryptoDirectory: path.resolve(crypto),
  });
  const organization = role === 'oracle' ? 'Dso' : ROLE_ORGANIZATIONS[role];
  const dataDirectory = mkdtempSync(path.join(os.tmpdir(), 'flexledger-cli-'));
  const client = await RoleClient.open({ network, organization, identity: role, dataDirectory });
  try {
    return await work(client, network.channelName);
  } finally {
    await client.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}
