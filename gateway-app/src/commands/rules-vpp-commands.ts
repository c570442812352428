import { Option, type Command } from 'commander';
import { asJson } from '../rules/as-json';
import { serviceOutcome } from '../rules/service-file';
import { readSharingFile, shareGame, sharingMethods, type SharingMethod } from '../rules/share-game';

/** `flexledger rules share` and `rules service`: how virtual power plants are paid, and how they share it. */
export function addRulesVppCommands(
  rules: Command,
  readText: (file: string) => string,
  print: (line: string) => void,
): void {
  rules
    .command('share')
    .description('share what players are worth together (docs/vpp.md has the format) and print the shares as JSON')
    .argument('<file>', 'the game as JSON; - reads standard input')
    .addOption(new Option('--method <method>', 'the rule').choices(sharingMethods).makeOptionMandatory())
    .action((file: string, { method }: { readonly method: SharingMethod }) => {
      print(asJson(shareGame(readSharingFile(readText(file), method), method)));
    });
  rules
    .command('service')
    .description('work out payments, droop and power factors of services (docs/vpp.md has the format), as JSON')
    .argument('<file>', 'the service as JSON; - reads standard input')
    .action((file: string) => {
      print(asJson(serviceOutcome(readText(file))));
    });
}
