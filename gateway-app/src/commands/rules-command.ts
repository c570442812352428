import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError } from '../cli-errors';
import { addRulesBaselineCommand } from './rules-baseline-command';
import { addRulesVppCommands } from './rules-vpp-commands';
import { asJson } from '../rules/as-json';
import { clearMarket, type ClearedMarket } from '../rules/clear-market';
import { chooseCoalition, coalitionLines } from '../rules/coalition';
import { readCoalitionFile } from '../rules/coalition-file';
import { disaggregate, disaggregatedLines } from '../rules/disaggregate';
import { readDisaggregationFile } from '../rules/disaggregation-file';
import { readFlexibilitySettlement, settleFlexibilityFile } from '../rules/flexibility-settlement-file';
import { readMarketFile } from '../rules/market-file';

const STANDARD_INPUT = '-';
const PROOF_SECONDS = 60;
const SECONDS_MAX = 3_600;

/** `flexledger rules clear`: the rules of the market on a file, without any network. */
export function addRulesCommand(program: Command, print: (line: string) => void): void {
  const rules = program.command('rules').description('apply the rules of the contracts to a file, without a network');
  rules
    .command('clear')
    .description('clear a market of one interval (docs/market.md has the format) and print the outcome as JSON')
    .argument('<file>', `the market as JSON; ${STANDARD_INPUT} reads standard input`)
    .action((file: string) => {
      print(outcomeJson(clearMarket(readMarketFile(readText(file)))));
    });
  addRulesBaselineCommand(rules, readText, print);
  addRulesVppCommands(rules, readText, print);
  rules
    .command('settle-flexibility')
    .description(
      'settle an order of flexibility (docs/demand-response.md has the format) and print the outcome as JSON',
    )
    .argument('<file>', `the order as JSON; ${STANDARD_INPUT} reads standard input`)
    .action((file: string) => {
      print(asJson(settleFlexibilityFile(readFlexibilitySettlement(readText(file)))));
    });
  rules
    .command('disaggregate')
    .description('split an order of flexibility among assets (docs/disaggregation.md has the format), with the proof')
    .argument('<file>', `the case as JSON; ${STANDARD_INPUT} reads standard input`)
    .option('--json', 'print the answer as JSON')
    .option('--seconds <number>', 'most time for a better answer or proof', secondsOf, PROOF_SECONDS)
    .action(async (file: string, { json, seconds }: { readonly json?: boolean; readonly seconds: number }) => {
      const found = await disaggregate(readDisaggregationFile(readText(file)), seconds * 1_000);
      for (const line of json === true ? [asJson(found)] : disaggregatedLines(found)) print(line);
    });
  rules
    .command('coalition')
    .description(
      'choose coalitions that serve requests for services (docs/coalition.md has the format), with the proof',
    )
    .argument('<file>', `the case as JSON; ${STANDARD_INPUT} reads standard input`)
    .option('--json', 'print the answer as JSON')
    .option('--seconds <number>', 'most time for a better answer or proof', secondsOf, PROOF_SECONDS)
    .action(async (file: string, { json, seconds }: { readonly json?: boolean; readonly seconds: number }) => {
      const found = await chooseCoalition(readCoalitionFile(readText(file)), seconds * 1_000);
      for (const line of json === true ? [asJson(found)] : coalitionLines(found)) print(line);
    });
}

function secondsOf(text: string): number {
  const seconds = /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : 0;
  if (seconds > 0 && seconds <= SECONDS_MAX) return seconds;
  throw new CliError('CLI_USAGE', `seconds is ${text}; write a whole number from 1 to ${SECONDS_MAX}`);
}

/** A file's text, or that of standard input. @throws CliError RULES_FILE_UNREADABLE */
export function readText(file: string): string {
  try {
    return readFileSync(file === STANDARD_INPUT ? 0 : file, 'utf8');
  } catch {
    // What the system says of it is about a place to write to, so it is not passed on.
    throw new CliError('RULES_FILE_UNREADABLE', `cannot read ${file}; name a file that is there`);
  }
}

/** The outcome as JSON; integers are numbers below 2^53 and decimal strings from there on; absent prices are null. */
export function outcomeJson(market: ClearedMarket): string {
  const { tradedWh, priceMicroPerKwh = null, priceInterval = null, welfareMicro, fills, nodalPrices } = market;
  const { bindingLimits, certificate } = market;
  return asJson({
    tradedWh,
    priceMicroPerKwh,
    priceInterval,
    welfareMicro,
    fills,
    ...(nodalPrices === undefined ? {} : { nodalPrices: Object.fromEntries(nodalPrices) }),
    ...(bindingLimits === undefined ? {} : { bindingLimits }),
    ...(certificate === undefined ? {} : { certificate }),
  });
}
