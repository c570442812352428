import { upgradeNetworkChaincode } from '@flexledger/network';
import type { Command } from 'commander';
import { Progress } from '../day/progress';
import { addPlace, operationOf, type PlaceOptions } from './network-place';

/** `flexledger network chaincode upgrade`: the next definition of a chaincode on a running network. */
export function addChaincodeCommand(network: Command, print: (line: string) => void): void {
  const chaincode = network.command('chaincode').description('the chaincode of a running network');
  addPlace(
    chaincode
      .command('upgrade [name]')
      .description('bring a chaincode (default: all) to the version, policy and collections of the description'),
  ).action(async (name: string | undefined, options: PlaceOptions) => {
    const progress = new Progress(print);
    await upgradeNetworkChaincode(operationOf(options, progress), name);
    progress.say('the chaincode is as described');
  });
}
