import { seconds, type Bench, type Fault, type FaultOutcome } from './bench';
import type { Verdict } from './invariants';
import { longestGapMs } from './journal';
import { sleep, STREAMS } from './load';

/** What a fault has shown. */
export interface FaultResult {
  readonly id: string;
  readonly title: string;
  readonly passed: boolean;
  /** Longest time without a commit, in seconds: all work together, and each stream. */
  readonly gapSeconds: number;
  readonly streamGapSeconds: Readonly<Record<string, number>>;
  readonly limit: string;
  /** From the healing to the first commit, where everything stopped by intention. */
  readonly resumeSeconds?: number;
  readonly acknowledged: number;
  readonly verdicts: readonly Verdict[];
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

/** The invariants say that every accepted command is final within a minute after healing. */
const FINAL_MS = 60_000;
const WARM_MS = 3_000;

/** Causes one fault under load, waits until all work goes on again, lets the load rest and checks the invariants. */
export async function runFault(bench: Bench, fault: Fault): Promise<FaultResult> {
  const { load } = bench;
  load.resume();
  await everyStreamSince(bench, performance.now());
  await sleep(WARM_MS);
  const acknowledgedBefore = load.journal.acknowledged.length;
  const fromMs = performance.now();
  const outcome = await attempt(fault, bench);
  const endedMs = performance.now();
  const problems = [...outcome.problems];
  const goesOn = await everyStreamSince(bench, endedMs);
  if (!goesOn) problems.push(`not all work went on within ${seconds(FINAL_MS)} s after the fault`);
  const toMs = performance.now();
  if (!(await load.pause(FINAL_MS)))
    problems.push(`I17: ${load.inFlight} commands are not final after ${seconds(FINAL_MS)} s`);
  const gaps = gapsOf(bench, fromMs, toMs);
  const resumeSeconds = resumeOf(bench, outcome);
  const late = limitProblems(fault, gaps, resumeSeconds);
  if (bench.limited) problems.push(...late);
  const verdicts = [...(await bench.invariants.check()), ...((await outcome.verdicts?.()) ?? [])];
  return {
    id: fault.id,
    title: fault.title,
    passed: problems.length === 0 && verdicts.every(({ holds }) => holds),
    gapSeconds: rounded(longestGapMs(load.journal.endsOf(), fromMs, toMs)),
    streamGapSeconds: gaps,
    limit: limitOf(fault),
    ...(resumeSeconds === undefined ? {} : { resumeSeconds }),
    acknowledged: load.journal.acknowledged.length - acknowledgedBefore,
    verdicts,
    notes: bench.limited ? outcome.notes : [...outcome.notes, ...late],
    problems,
  };
}

/** One line for people. */
export function lineOf(result: FaultResult): string {
  const streams = Object.entries(result.streamGapSeconds).map(([stream, gap]) => `${stream} ${gap.toFixed(1)}`);
  const resumed = result.resumeSeconds === undefined ? '' : `, resumed after ${result.resumeSeconds.toFixed(1)} s`;
  const broken = result.verdicts.filter(({ holds }) => !holds);
  const held =
    broken.length === 0
      ? `${result.verdicts.length} invariants hold`
      : `BROKEN ${broken.map(({ id, detail }) => `${id}: ${detail}`).join('; ')}`;
  const parts = [
    `${result.id.padEnd(5)}${result.passed ? 'ok    ' : 'FAILED'} ${result.title.padEnd(50)}`,
    `G ${result.gapSeconds.toFixed(1)} s (${streams.join(', ')}; ${result.limit})${resumed}`,
    `${result.acknowledged} commits, ${held}`,
    ...result.notes,
    ...result.problems.map((problem) => `PROBLEM ${problem}`),
  ];
  return parts.join(' | ');
}

async function attempt(fault: Fault, bench: Bench): Promise<FaultOutcome> {
  try {
    return await fault.run(bench);
  } catch (error) {
    return { notes: [], problems: [error instanceof Error ? error.message : String(error)] };
  }
}

/** Waits until every stream has committed something that was begun after a time. */
async function everyStreamSince({ load }: Bench, sinceMs: number): Promise<boolean> {
  const endMs = performance.now() + FINAL_MS;
  const isSince = (stream: string): boolean =>
    load.journal.acknowledged.some((one) => one.stream === stream && one.startMs > sinceMs);
  while (!STREAMS.every(isSince)) {
    if (performance.now() > endMs) return false;
    await sleep(50);
  }
  return true;
}

function gapsOf({ load }: Bench, fromMs: number, toMs: number): Record<string, number> {
  return Object.fromEntries(
    STREAMS.map((stream) => [stream, rounded(longestGapMs(load.journal.endsOf(stream), fromMs, toMs))]),
  );
}

function resumeOf({ load }: Bench, { healedMs }: FaultOutcome): number | undefined {
  if (healedMs === undefined) return undefined;
  const firstEnds = STREAMS.map((stream) => load.journal.firstAfter(stream, healedMs) ?? Number.POSITIVE_INFINITY);
  return rounded(Math.max(...firstEnds) - healedMs);
}

function limitProblems(
  { goesOn, gapMaxSeconds, resumeMaxSeconds }: Fault,
  gaps: Readonly<Record<string, number>>,
  resumeSeconds: number | undefined,
): string[] {
  const late = goesOn.filter((stream) => (gaps[stream] ?? 0) > (gapMaxSeconds ?? Number.POSITIVE_INFINITY));
  return [
    ...late.map((stream) => `${stream} stood still for ${gaps[stream]} s, at most ${gapMaxSeconds} s are allowed`),
    ...((resumeSeconds ?? 0) > (resumeMaxSeconds ?? Number.POSITIVE_INFINITY)
      ? [`work resumed after ${resumeSeconds} s, at most ${resumeMaxSeconds} s are allowed`]
      : []),
  ];
}

function limitOf({ goesOn, gapMaxSeconds, resumeMaxSeconds }: Fault): string {
  if (resumeMaxSeconds !== undefined) return `resume limit ${resumeMaxSeconds} s`;
  const which = goesOn.length === STREAMS.length ? 'each' : goesOn.join(', ');
  return `limit ${gapMaxSeconds ?? 0} s ${which}`;
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}
