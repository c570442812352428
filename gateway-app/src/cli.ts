#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { endWhenUnread } from './broken-pipe';
import { explainFailure, EXIT_CODES, requireNode } from './cli-errors';
import { addAuditCommand } from './commands/audit-command';
import { addContractCommand } from './commands/contract-command';
import { addDayCommand } from './commands/day-command';
import { addDevnetCommand } from './commands/devnet-command';
import { addDisputeCommand } from './commands/dispute-command';
import { addForecastCommand } from './commands/forecast-command';
import { addLedgerCommand } from './commands/ledger-command';
import { addMeterCommand } from './commands/meter-command';
import { addNetworkCommand } from './commands/network-command';
import { addOpenadrCommand } from './commands/openadr-command';
import { addOrdersCommand } from './commands/orders-command';
import { addRulesCommand } from './commands/rules-command';
import { addScoresCommand } from './commands/scores-command';
import { addUftpCommand } from './commands/uftp-command';
import { addVppCommand } from './commands/vpp-command';

const NODE_MINIMUM = '20.20.0';

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The program with all its commands; errors are thrown, not printed. */
export function createProgram(printLine: (line: string) => void): Command {
  const program = new Command('flexledger')
    .description('Energy communities, aggregators, grid operators and a regulator on one Hyperledger Fabric ledger.')
    .showSuggestionAfterError()
    .exitOverride();
  addDayCommand(program, printLine);
  addDevnetCommand(program);
  addNetworkCommand(program, printLine);
  addLedgerCommand(program, printLine);
  addAuditCommand(program, printLine);
  addMeterCommand(program, printLine);
  addOpenadrCommand(program, printLine);
  addOrdersCommand(program, printLine);
  addContractCommand(program, printLine);
  addDisputeCommand(program, printLine);
  addRulesCommand(program, printLine);
  addForecastCommand(program, printLine);
  addScoresCommand(program, printLine);
  addUftpCommand(program, printLine);
  addVppCommand(program, printLine);
  for (const command of program.commands) command.exitOverride();
  return program;
}

async function main(): Promise<void> {
  endWhenUnread(process.stdout);
  endWhenUnread(process.stderr);
  try {
    requireNode(NODE_MINIMUM);
    await createProgram(print).parseAsync(process.argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed its message already; help and version end with 0, wrong usage does not.
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_CODES.CLI_USAGE;
      return;
    }
    const { line, exitCode } = explainFailure(error);
    process.stderr.write(`${line}\n`);
    process.exitCode = exitCode;
  }
}

if (require.main === module) void main();
