import { netWhOf, slotsPerHour, windowIntervals, type BaselineScore, type BaselineWindow } from '@flexledger/domain';
import { dateOfSlot, timeOfSlot } from './rules-time';
import { medianScore, type ScoredMeter } from './score-baseline';
import type { WorkedOutBaseline } from './work-out-baseline';

/** What `flexledger rules baseline` prints. */
export interface BaselineOutcome {
  readonly intervalSlots: number;
  /** Meters of the file. */
  readonly meters: number;
  readonly gatePpm: bigint;
  readonly answers: readonly {
    readonly baseline: WorkedOutBaseline;
    readonly scored: ScoredMeter | undefined;
  }[];
}

const MINUTES_PER_SLOT = 15;
const SLOTS_PER_DAY = 96;
const PPM_PER_PERCENT = 10_000;

/** The outcome as lines for people. */
export function baselineLines(outcome: BaselineOutcome): readonly string[] {
  const scores = outcome.answers.flatMap(({ scored }) => (scored?.score === undefined ? [] : [scored.score]));
  const lines = outcome.answers.flatMap(({ baseline, scored }) => [
    `${baseline.id}: ${baseline.frozen.rule.method}, adjustment ${baseline.frozen.rule.adjustment}`,
    ...madeFrom(baseline),
    ...intervalLines(baseline),
    ...(scored === undefined ? [] : [scoreLine(scored, outcome.gatePpm)]),
  ]);
  if (outcome.answers.length < 2 || scores.length === 0) return lines;
  const { biasPpm, rrmsePpm } = medianScore(scores);
  return [
    ...lines,
    `median of ${scores.length} meters: bias ${signedPercent(biasPpm)} %, RRMSE ${percent(rrmsePpm)} %`,
  ];
}

/** The outcome as JSON. */
export function baselineJson(outcome: BaselineOutcome): string {
  const scores = outcome.answers.flatMap(({ scored }) => (scored?.score === undefined ? [] : [scored.score]));
  const median = scores.length === 0 ? undefined : medianScore(scores);
  return JSON.stringify(
    {
      intervalMinutes: outcome.intervalSlots * MINUTES_PER_SLOT,
      meters: outcome.meters,
      baselines: outcome.answers.map((answer) => answerJson(answer, outcome.gatePpm)),
      ...(median === undefined ? {} : { median: { meters: scores.length, ...figures(median) } }),
    },
    null,
    2,
  );
}

function answerJson({ baseline, scored }: BaselineOutcome['answers'][number], gatePpm: bigint): object {
  const { id, frozen, evaluated, hours } = baseline;
  return {
    id,
    method: frozen.rule.method,
    adjustment: frozen.rule.adjustment,
    days: frozen.days.map(({ firstSlot }) => dateOfSlot(firstSlot)),
    ...(hours.length === 0 ? {} : { hoursEnding: hoursEnding(hours) }),
    inputsDigest: frozen.inputsDigest,
    intervals: evaluated.intervals.map(({ slot, netWh }, index) => ({
      time: timeOfSlot(slot),
      baselineWh: Number(netWh),
      ...(frozen.unadjusted[index] === undefined ? {} : { unadjustedWh: Number(netWhOf(frozen.unadjusted[index])) }),
    })),
    ...(scored === undefined ? {} : { score: scoreJson(scored, gatePpm) }),
  };
}

function scoreJson({ score, days }: ScoredMeter, gatePpm: bigint): object {
  const placeboDays = days.map(dateOfSlot);
  if (score === undefined) return { placeboDays, biasPercent: null, rrmsePercent: null, passesGate: false };
  const passesGate = score.rrmsePpm <= gatePpm;
  return { placeboDays, intervals: score.intervals, ...figures(score), passesGate };
}

function figures({ biasPpm, rrmsePpm }: Pick<BaselineScore, 'biasPpm' | 'rrmsePpm'>): object {
  return { biasPercent: Number(biasPpm) / PPM_PER_PERCENT, rrmsePercent: Number(rrmsePpm) / PPM_PER_PERCENT };
}

function madeFrom({ frozen, hours }: WorkedOutBaseline): readonly string[] {
  const days = frozen.days.map(({ firstSlot }) => dateOfSlot(firstSlot));
  return [
    ...(days.length === 0 ? [] : [`  days: ${days.join(', ')}`]),
    ...(hours.length === 0 ? [] : [`  hours of the day itself, ending (UTC): ${hoursEnding(hours).join(', ')}`]),
  ];
}

function intervalLines({ frozen, evaluated }: WorkedOutBaseline): readonly string[] {
  return evaluated.intervals.map(({ slot, netWh }, index) => {
    const before = frozen.unadjusted[index];
    const isAdjusted = before !== undefined && frozen.rule.adjustment !== 'none';
    return `  ${timeOfSlot(slot)}  ${netWh} Wh${isAdjusted ? ` (${netWhOf(before)} Wh before the adjustment)` : ''}`;
  });
}

function scoreLine({ score, days }: ScoredMeter, gatePpm: bigint): string {
  if (score === undefined) return '  no score: no placebo day has a baseline and readings';
  const verdict = score.rrmsePpm <= gatePpm ? 'passes' : 'misses';
  const over = `${days.length} placebo days, ${score.intervals} intervals`;
  const shown = `bias ${signedPercent(score.biasPpm)} %, RRMSE ${percent(score.rrmsePpm)} %`;
  return `  score over ${over}: ${shown}; ${verdict} the gate of ${percent(gatePpm)} %`;
}

/** The numbers of the hours of the day that end inside some windows, as PJM names hours. */
function hoursEnding(windows: readonly BaselineWindow[]): readonly number[] {
  const hours = windows.flatMap((window) =>
    windowIntervals(window).map((at) => Math.floor((at % SLOTS_PER_DAY) / slotsPerHour) + 1),
  );
  return [...new Set(hours)];
}

/** Millionths as percent with one decimal. */
export function percent(ppm: bigint): string {
  return (Number(ppm) / PPM_PER_PERCENT).toFixed(1);
}

/** The same with its sign. */
export function signedPercent(ppm: bigint): string {
  return `${ppm >= 0n ? '+' : ''}${percent(ppm)}`;
}
