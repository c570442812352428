import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseJson } from '@flexledger/domain';
import type { Command } from 'commander';
import { ordersOfConfiguration } from '../agents/agent-configuration';

/** `flexledger orders FILE`: what an agent of this configuration would place. Reads the file, sends nothing. */
export function addOrdersCommand(program: Command, print: (line: string) => void): void {
  program
    .command('orders')
    .description('print the orders that an agent would place, by its strategy, forecasts and positions; sends nothing')
    .argument('<file>', 'configuration of the agent as JSON (docs/market.md)')
    .action((file: string) => {
      const orders = ordersOfConfiguration(parseJson(readFileSync(path.resolve(file), 'utf8')));
      const shown = orders.map(({ energyWh, limitPriceMicroPerKwh, ...order }) => ({
        ...order,
        energyWh: energyWh.toString(),
        limitPriceMicroPerKwh: limitPriceMicroPerKwh.toString(),
      }));
      print(JSON.stringify(shown, null, 2));
    });
}
