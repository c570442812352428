import { canonicalJson, standingCodec } from '@flexledger/domain';
import type { Command } from 'commander';
import { readScoreboard, scoreboardLines, type ScoreboardQuestion } from '../report/scoreboard';
import { slotOfTime } from '../rules/rules-time';
import { addConnectionOptions, withRoleClient, type RoleConnection } from './role-connection';

interface Options extends RoleConnection {
  readonly from?: string;
  readonly service?: string;
  readonly organization?: string;
  readonly model?: string;
  readonly json?: true;
}

/** `flexledger scores`: how good the forecasts of each organisation and model were (docs/forecast-ledger.md). */
export function addScoresCommand(program: Command, print: (line: string) => void): void {
  addConnectionOptions(program.command('scores'))
    .description(
      'print the scoreboard of forecasts, worked out by the contract from readings (docs/forecast-ledger.md)',
    )
    .option('--from <time>', 'leave out forecasts that began before this time in UTC, such as 2026-01-31T00:00Z')
    .option('--service <name>', 'only this service, such as forecast-day-ahead')
    .option('--organization <mspId>', 'only this organisation, such as DsoMSP')
    .option('--model <name>', 'only this model')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const standings = await withRoleClient(options, ({ ledger }) =>
        readScoreboard((asked) => ledger.evaluate('oracle', 'getScoreboard', asked), questionOf(options)),
      );
      const lines =
        options.json === true
          ? [canonicalJson(standings.map((standing) => standingCodec.encode(standing)))]
          : scoreboardLines(standings);
      lines.forEach(print);
    });
}

function questionOf({ from, model, organization, service }: Options): ScoreboardQuestion {
  return {
    ...(from === undefined ? {} : { fromSlot: slotOfTime(from, '--from') }),
    ...(service === undefined ? {} : { service }),
    ...(organization === undefined ? {} : { mspId: organization }),
    ...(model === undefined ? {} : { model }),
  };
}
