import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { publishServices, readCatalogue } from '../vpp/publish-services';
import { addConnectionOptions, withRoleClient, type RoleConnection } from './role-connection';

/** `flexledger vpp services publish`: puts a file of services on the ledger. */
export function addVppCommand(program: Command, print: (line: string) => void): void {
  const services = program
    .command('vpp')
    .description('virtual power plants (docs/vpp.md)')
    .command('services')
    .description('the catalogue of services');
  addConnectionOptions(services.command('publish'))
    .description('publish the services of a file that the role buys; those that are published already stay')
    .argument('<file>', 'the catalogue as JSON, such as data/service-catalogue/services.json')
    .action(async (file: string, options: RoleConnection) => {
      const catalogue = readCatalogue(readFileSync(path.resolve(file), 'utf8'));
      await withRoleClient(options, ({ ledger }) => publishServices(ledger, options.role, catalogue, print));
    });
}
