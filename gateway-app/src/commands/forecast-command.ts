import type { Command } from 'commander';
import {
  backtest,
  forecastEach,
  forecastPortfolio,
  horizons,
  ForecastError,
  sumOf,
  type Forecast,
  type Horizon,
  type Score,
  type Series,
} from '@flexledger/forecast';
import { slot, type Slot } from '@flexledger/domain';
import { CliError } from '../cli-errors';
import { readText } from './rules-command';
import { readReadings, type MeterReadings, type ReadingsFile } from '../rules/readings-file';
import { periodOf, slotOfTime, timeOfSlot } from '../rules/rules-time';

interface Options {
  readonly readings: string;
  readonly horizon: string;
  readonly at?: string;
  readonly meter?: readonly string[];
  readonly portfolio?: true;
  readonly json?: true;
  readonly backtest?: string;
  readonly timeZone: string;
  readonly holidays?: string;
}

/** The same everywhere: whoever asks again gets the same forecast. */
const SEED = 1;
const PERCENT = 100;

/** `flexledger forecast`: what meters are expected to count, or how well that would have been foreseen. */
export function addForecastCommand(program: Command, print: (line: string) => void): void {
  program
    .command('forecast')
    .description('forecast meters from their readings (docs/forecasting.md has the method and the format)')
    .requiredOption('--readings <file>', 'CSV: column time (begin of the interval in UTC), one column of Wh per meter')
    .requiredOption('--horizon <horizon>', horizons.join(' or '))
    .option('--at <time>', 'when the forecast is made, in UTC: no later reading is looked at')
    .option('--meter <ids...>', 'only these meters')
    .option('--portfolio', 'forecast the sum of the meters')
    .option('--backtest <from/to>', 'print how well the forecasts of a period in UTC would have done')
    .option('--time-zone <name>', 'where the meters are, for days and hours on the clock', 'UTC')
    .option('--holidays <dates>', 'local days that are as Sundays, with commas between them')
    .option('--json', 'print JSON')
    .action((options: Options) => {
      for (const line of linesOf(options)) print(line);
    });
}

function linesOf(options: Options): readonly string[] {
  try {
    return options.backtest === undefined ? forecastLines(options) : scoreLines(options, options.backtest);
  } catch (error) {
    if (error instanceof ForecastError) throw new CliError('RULES_FIELD_INVALID', error.message, { cause: error });
    throw error;
  }
}

function forecastLines(options: Options): readonly string[] {
  if (options.at === undefined) throw new CliError('RULES_FIELD_INVALID', 'give --at TIME, or --backtest FROM/TO');
  const at = slotOfTime(options.at, '--at');
  const series = seriesOf(options, textBefore(readText(options.readings), at));
  const request = { ...settingsOf(options), at, series };
  const made = options.portfolio === true ? [forecastPortfolio(request)] : forecastEach(request);
  return options.json === true ? [jsonOf(made)] : ['time,meter,p10,p50,p90', ...made.flatMap(rowsOf)];
}

function scoreLines(options: Options, period: string): readonly string[] {
  const series = seriesOf(options, readText(options.readings));
  const together = { ...sumOf(series), meterId: 'portfolio' };
  const tried = options.portfolio === true ? [together] : [...series, together];
  const scores = backtest(settingsOf(options), tried, periodOf(period, '--backtest'));
  if (options.json === true) return [JSON.stringify(scores)];
  return ['meter,intervals,nmae %,coverage %,skill %', ...scores.map(scoreRow)];
}

function settingsOf({ horizon, timeZone, holidays }: Options): {
  readonly horizon: Horizon;
  readonly timeZone: string;
  readonly seed: number;
  readonly holidays?: readonly string[];
} {
  const known = horizons.find((name) => name === horizon);
  if (known === undefined) {
    const shown = JSON.stringify(horizon.slice(0, 40));
    throw new CliError('RULES_FIELD_INVALID', `--horizon is ${shown}; known are ${horizons.join(', ')}`);
  }
  const days = holidays === undefined ? {} : { holidays: holidays.split(',').map((date) => date.trim()) };
  return { horizon: known, timeZone, seed: SEED, ...days };
}

/** The lines before a time: what comes later is not even read. */
function textBefore(text: string, at: Slot): string {
  const lines = text.split(/\r?\n/);
  const after = lines.findIndex((line, index) => index > 0 && line.trim() !== '' && startsAt(line, index) >= at);
  if (after === 1) throw new CliError('RULES_READINGS_MISSING', 'the file has no readings before the time of --at');
  return (after < 0 ? lines : lines.slice(0, after)).join('\n');
}

function startsAt(line: string, index: number): Slot {
  return slotOfTime(/^"?([^",]*)/.exec(line)?.[1] ?? '', `the time of line ${index + 1}`);
}

function seriesOf({ meter, horizon }: Options, text: string): readonly Series[] {
  const file = readReadings(text);
  const unknown = meter?.find((id) => !file.meters.some((one) => one.id === id));
  if (unknown !== undefined) {
    throw new CliError('RULES_FIELD_INVALID', `--meter ${JSON.stringify(unknown.slice(0, 60))} has no column`);
  }
  if (horizon === 'intraday' && file.intervalSlots > 2) {
    throw new CliError('RULES_TIME_INVALID', 'an intraday forecast needs readings of half hours or quarter hours');
  }
  return file.meters.filter(({ id }) => meter?.includes(id) ?? true).map((one) => quarterHours(file, one));
}

/** Energy of longer intervals counts in equal parts for their quarter hours. */
function quarterHours({ from, to, intervalSlots }: ReadingsFile, { id, readings }: MeterReadings): Series {
  const values = new Float64Array(to - from).fill(Number.NaN);
  for (const [at, { netWh }] of readings) {
    values.fill(Number(netWh) / intervalSlots, at - from, at - from + intervalSlots);
  }
  return { meterId: id, firstSlot: slot(from), values };
}

function rowsOf({ meterId, intervals, p10, p50, p90 }: Forecast): readonly string[] {
  return intervals.map((interval, index) =>
    [timeOfSlot(interval.slot), cellOf(meterId), p10[index], p50[index], p90[index]].join(','),
  );
}

function jsonOf(made: readonly Forecast[]): string {
  return JSON.stringify(
    made.map(({ intervals, ...rest }) => ({
      ...rest,
      intervals: intervals.map(({ slot: at, slots }) => ({ time: timeOfSlot(at), minutes: slots * 15 })),
    })),
  );
}

function scoreRow({ meterId, intervals, nmae, coverage, skill }: Score): string {
  return [cellOf(meterId), intervals, ...[nmae, coverage, skill].map(percentOf)].join(',');
}

function percentOf(share: number | null): string {
  return share === null ? '' : (share * PERCENT).toFixed(1);
}

function cellOf(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
