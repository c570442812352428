import { baselineAdjustments, baselineGatePpm, baselineMethods, type Slot } from '@flexledger/domain';
import type { Command } from 'commander';
import { CliError } from '../cli-errors';
import { baselineLines, baselineJson, type BaselineOutcome } from '../rules/baseline-report';
import { readReadings, together, type ReadingsFile } from '../rules/readings-file';
import { periodOf, slotOfTime } from '../rules/rules-time';
import { chooseFor, firstPlaceboSlot, placeboDays, scoreMeter } from '../rules/score-baseline';
import { workOutBaseline, type BaselineQuestion } from '../rules/work-out-baseline';

interface Options {
  readonly method: string;
  readonly adjustment: string;
  readonly readings: string;
  readonly event: string;
  readonly portfolio?: true;
  readonly score?: true;
  readonly json?: true;
  readonly notice?: string;
  readonly series?: string;
  readonly holidays?: string;
  readonly eventDays?: string;
  readonly placebo?: string;
}

/** Other names under which methods and adjustments are known. */
const ALIASES: Readonly<Record<string, string>> = { 'pjm-same-day': 'same-day', add3h: 'additive-3h' };
/** The method that stands for the one that the gate chooses. */
const CHOSEN = 'chosen';

/** `flexledger rules baseline`: what would have been used without an event, and how well the method foresees it. */
export function addRulesBaselineCommand(
  rules: Command,
  readText: (file: string) => string,
  print: (line: string) => void,
): void {
  rules
    .command('baseline')
    .description('work out the baseline of an event from readings (docs/demand-response.md has methods and formats)')
    .requiredOption(
      '--method <method>',
      `${CHOSEN} for the best that passes the gate, or ${baselineMethods.join(', ')}`,
    )
    .option('--adjustment <adjustment>', baselineAdjustments.join(', '), 'none')
    .requiredOption('--readings <file>', 'CSV: column time (begin of the interval in UTC), one column of Wh per meter')
    .requiredOption('--event <from/to>', 'the event in UTC, such as 2026-01-31T17:00Z/2026-01-31T20:00Z')
    .option('--portfolio', 'take all meters together')
    .option('--score', 'print bias and RRMSE over placebo days')
    .option('--json', 'print JSON')
    .option('--notice <time>', 'when the baseline is fixed; the begin of the event where absent')
    .option('--series <file>', 'CSV with the columns time and Wh: what was forecast or declared')
    .option('--holidays <dates>', 'days that resemble no working day, with commas between them')
    .option('--event-days <dates>', 'days with real events, which make no baseline and are no placebo days')
    .option('--placebo <from/to>', 'the days on which the method is tried; from the 16th day of the file where absent')
    .action((options: Options) => {
      const outcome = answer(options, readText);
      for (const line of options.json === true ? [baselineJson(outcome)] : baselineLines(outcome)) print(line);
    });
}

function answer(options: Options, readText: (file: string) => string): BaselineOutcome {
  const file = readReadings(readText(options.readings));
  const meters = options.portfolio === true ? [together(file.meters)] : file.meters;
  const asked = questionOf(options, file, readText);
  const period = options.placebo === undefined ? undefined : periodOf(options.placebo, '--placebo');
  const days = placeboDays(asked, period ?? { from: firstPlaceboSlot(file.from), to: file.to });
  const answers = meters.map((meter) => {
    const chosen = options.method === CHOSEN ? chooseFor(asked, meter, days) : asked.rule;
    if (chosen === undefined) throw new CliError('RULES_NO_BASELINE', `no method can be tried on ${meter.id}`);
    const question = { ...asked, rule: { ...asked.rule, ...chosen } };
    return {
      baseline: workOutBaseline(question, meter),
      scored: options.score === true ? scoreMeter(question, meter, days) : undefined,
    };
  });
  return { intervalSlots: file.intervalSlots, meters: file.meters.length, gatePpm: baselineGatePpm, answers };
}

function questionOf(options: Options, file: ReadingsFile, readText: (file: string) => string): BaselineQuestion {
  const { from, to } = periodOf(options.event, '--event');
  const { intervalSlots } = file;
  if (from % intervalSlots !== 0 || to % intervalSlots !== 0) {
    throw new CliError('RULES_TIME_INVALID', '--event does not begin and end with intervals of the file');
  }
  const holidays = datesOf(options.holidays, '--holidays');
  return {
    rule: {
      method: options.method === CHOSEN ? '10-of-10' : wordOf(baselineMethods, options.method, '--method'),
      adjustment: wordOf(baselineAdjustments, options.adjustment, '--adjustment'),
      // A file has all hours: whoever asks by it learns what the baseline will be once they are in.
      laterHours: true,
      ...(holidays.length === 0 ? {} : { holidays }),
    },
    event: { firstSlot: from, intervals: (to - from) / intervalSlots, intervalSlots },
    noticeSlot: options.notice === undefined ? from : slotOfTime(options.notice, '--notice'),
    eventDays: new Set(datesOf(options.eventDays, '--event-days')),
    series: options.series === undefined ? undefined : seriesOf(readText(options.series)),
  };
}

function seriesOf(text: string): ReadonlyMap<Slot, bigint> {
  const { readings } = together(readReadings(text).meters);
  return new Map([...readings].map(([at, { netWh }]) => [at, netWh]));
}

function datesOf(text: string | undefined, place: string): readonly Slot[] {
  return text === undefined ? [] : text.split(',').map((date) => slotOfTime(date, place));
}

/** One of some words, or what it is an alias of. */
function wordOf<T extends string>(words: readonly T[], text: string, option: string): T {
  const asked = ALIASES[text] ?? text;
  const word = words.find((candidate) => candidate === asked);
  if (word !== undefined) return word;
  throw new CliError(
    'RULES_FIELD_INVALID',
    `${option} is ${JSON.stringify(text.slice(0, 40))}; known are ${words.join(', ')}`,
  );
}
