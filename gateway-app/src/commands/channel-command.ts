import { updateNetworkChannels } from '@flexledger/network';
import type { Command } from 'commander';
import { printChannelUpdate } from './channel-update-lines';
import { addPlace, placeOf, type PlaceOptions } from './network-place';

/** `flexledger network channel update`: the settings of running channels. */
export function addChannelCommand(network: Command, print: (line: string) => void): void {
  const channel = network.command('channel').description('the configuration of the running channels');
  addPlace(
    channel.command('update').description('bring batch settings and anchor peers to what the description says'),
  ).action(async (options: PlaceOptions) => {
    for (const [name, update] of await updateNetworkChannels(placeOf(options))) {
      printChannelUpdate(name, update, print);
    }
  });
}
