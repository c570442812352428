import { addNetworkOrganization, removeNetworkOrganization } from '@flexledger/network';
import type { Command } from 'commander';
import { Progress } from '../day/progress';
import { printChannelUpdate } from './channel-update-lines';
import { addPlace, operationOf, type PlaceOptions } from './network-place';

/** `flexledger network organization add|remove`: members come into a running network and leave it. */
export function addOrganizationCommand(network: Command, print: (line: string) => void): void {
  const organization = network.command('organization').description('the members of a running network');
  addPlace(
    organization
      .command('add <name>')
      .description('take a new member of the description into the running channels, with its peers and chaincode'),
  ).action(async (name: string, options: PlaceOptions) => {
    const progress = new Progress(print);
    const updates = await addNetworkOrganization(operationOf(options, progress), name);
    for (const [channel, update] of updates) printChannelUpdate(channel, update, print);
    progress.say(`${name} is a member; its peers and its chaincode answer`);
  });
  addPlace(
    organization
      .command('remove <name>')
      .description('take an organisation out that the description no longer lists as a member'),
  ).action(async (name: string, options: PlaceOptions) => {
    const progress = new Progress(print);
    const updates = await removeNetworkOrganization(operationOf(options, progress), name);
    for (const [channel, update] of updates) printChannelUpdate(channel, update, print);
    progress.say(`${name} is no member any more; its processes are stopped, its data stays`);
  });
}
