import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FabricRelease } from '@flexledger/network';
import { Option, type Command } from 'commander';
import { STRATEGY_NAMES, type StrategyName } from '../agents/strategies';
import { CliError } from '../cli-errors';
import { playDay } from '../day/play-day';
import { Progress } from '../day/progress';
import { RunningDay } from '../day/running-day';
import { DEFAULT_DAY_FOLDER } from '../paths';
import { collectReport } from '../report/collect-report';
import { reportText } from '../report/report-text';
import type { DayReport } from '../report/report-types';
import { untilInterrupted } from './until-interrupted';

interface DayCommandOptions {
  readonly once: boolean;
  readonly json?: string;
  readonly seed: string;
  readonly strategy: StrategyName;
  readonly setPoints: boolean;
  readonly intraday: boolean;
  readonly gridLimits: boolean;
  readonly trainedForecast: boolean;
  readonly mode: 'devnet' | 'native' | 'docker';
  readonly release?: FabricRelease;
  readonly data: string;
}

/** What a shell expects of a command that Ctrl-C has ended: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

/** `flexledger day`: plays a whole day of a real low-voltage grid through the ledger and reports it. */
export function addDayCommand(program: Command, print: (line: string) => void): void {
  program
    .command('day')
    .description('play a whole day of a real low-voltage grid through the ledger, and report it')
    .option('--once', 'end after the report instead of staying up until Ctrl-C', false)
    .option('--json <file>', 'write the report as JSON too')
    .option('--seed <text>', 'what keys, salts, ids and limit prices of the day derive from', 'flexledger')
    .addOption(
      new Option('--strategy <name>', 'how the agents of the prosumers bid (docs/market.md)')
        .choices(STRATEGY_NAMES)
        .default('simple'),
    )
    .option('--set-points', 'the system operator limits connections when the transformer is near its limit', false)
    .option('--intraday', 'agents trade their deviations again in intraday sessions, hour by hour', false)
    .option('--grid-limits', 'the market trades no more than the grid carries; an oracle names what binds', false)
    .option('--trained-forecast', 'agents plan with forecasts of trained models (docs/forecast-pv.md)', false)
    .addOption(
      new Option('--mode <mode>', 'embedded Fabric, real Fabric binaries, or real Fabric in containers')
        .choices(['devnet', 'native', 'docker'])
        .default('devnet'),
    )
    .addOption(
      new Option('--release <release>', 'which Fabric in native mode; default: the newest').choices(['2.5', '3.1']),
    )
    .option('--data <folder>', 'where the day keeps its data; wiped at every start', DEFAULT_DAY_FOLDER)
    .action(async (options: DayCommandOptions) => run(options, print));
}

async function run(options: DayCommandOptions, print: (line: string) => void): Promise<void> {
  const progress = new Progress(print);
  const say = (line: string): void => progress.say(line);
  if (options.json !== undefined) requireWritable(options.json);
  const interrupted = untilInterrupted();
  const { seed, strategy, setPoints, intraday, gridLimits, trainedForecast, mode, release, data } = options;
  const starting = RunningDay.start({
    seed,
    strategy,
    setPoints,
    intraday,
    gridLimits,
    trainedForecast,
    mode,
    dataFolder: data,
    say,
    ...(release === undefined ? {} : { release }),
  });
  const day = await orInterrupted(starting, interrupted, async () => (await starting).stop());
  if (day === undefined) return;
  try {
    const playing = playAndReport(day, progress, say);
    const report = await orInterrupted(playing, interrupted, async () => day.stop());
    if (report === undefined) return;
    print('');
    print(reportText(report));
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    requireInvariants(report);
    if (options.once) return;
    say('the network stays up; Ctrl-C stops it');
    await interrupted;
  } finally {
    say('stopping');
    await day.stop();
  }
}

async function playAndReport(day: RunningDay, progress: Progress, say: (line: string) => void): Promise<DayReport> {
  const played = await playDay({ plan: day.plan, conductor: day.conductor, say });
  say('reading all blocks and checking the invariants');
  return collectReport(day, played, () => progress.elapsedSeconds());
}

/** The result, or undefined if Ctrl-C came first; then `stop` has run and what the work says while it ends is dropped. */
async function orInterrupted<T>(
  work: Promise<T>,
  interrupted: Promise<unknown>,
  stop: () => Promise<void>,
): Promise<T | undefined> {
  const result = await Promise.race([work, interrupted.then(() => undefined)]);
  if (result !== undefined) return result;
  work.catch(() => undefined);
  process.exitCode = INTERRUPTED;
  await stop();
  return undefined;
}

/** Finds out before the day, not after it, that the report cannot be written. */
function requireWritable(file: string): void {
  writeFileSync(path.resolve(file), '');
}

function requireInvariants(report: DayReport): void {
  const broken = Object.entries(report.invariants).filter(([, holds]) => !holds);
  if (broken.length > 0) {
    throw new CliError(
      'DAY_INVARIANT_BROKEN',
      `${broken.map(([name]) => name).join(', ')} does not hold; see the report`,
    );
  }
  if (!report.refusedCall.refused) {
    throw new CliError('DAY_INVARIANT_BROKEN', 'a call with the certificate of another role was not refused');
  }
}
