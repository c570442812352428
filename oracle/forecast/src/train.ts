import { Methods } from './methods';
import type { Horizon } from './series';
import type { StepGrid, StepSeries } from './step-grid';
import { Bands } from './bands';
import { Blend } from './blend';

/** Days that are forecast again, as they would have been at their time. */
const TRIED_DAYS: Readonly<Record<Horizon, number>> = { 'day-ahead': 21, intraday: 21 };
/** Every so many steps an intraday forecast is tried. */
const TRIED_EVERY = 2;
/** Steps of an intraday forecast. */
const INTRADAY_LEADS = 8;

/** What was learned of one series: how much each method counts, and how far off the blend of them is. */
export interface Trained {
  readonly blend: Blend;
  readonly bands: Bands;
}

/** The steps that are tried on one earlier day. */
interface Trial {
  /** The first step that was not known when the stretch began. */
  readonly start: number;
  readonly issues: readonly number[];
  /** Of each issue: the steps that it foresees, by how far they are from the first of the horizon. */
  readonly targetsOf: (issue: number) => readonly number[];
}

/** Tries the methods on the days before, the oldest first, and learns from each day only after it was foreseen. */
export function train(
  grid: StepGrid,
  horizon: Horizon,
  { values, isNeverNegative }: StepSeries,
  fallback: Float64Array,
  firstTarget: number,
): Trained {
  const leads = horizon === 'day-ahead' ? 1 : INTRADAY_LEADS;
  const count = new Methods(grid, horizon, values, 0, fallback).count;
  const blend = new Blend(count, leads);
  const bands = new Bands(grid.perDay, leads, isNeverNegative);
  const firstKnown = values.findIndex((value) => !Number.isNaN(value));
  const found = new Float64Array(count);
  for (let back = TRIED_DAYS[horizon]; back >= 1; back -= 1) {
    const trial = trialOf(grid, horizon, firstTarget, back);
    if (firstKnown < 0 || trial.start - firstKnown < grid.perDay) continue;
    blend.beginDay();
    bands.beginDay();
    const methods = new Methods(grid, horizon, values, trial.start, fallback);
    for (const issue of trial.issues) tryIssue(trial, issue, methods);
    blend.endDay();
  }
  bands.finish();
  return { blend, bands };

  function tryIssue({ targetsOf }: Trial, issue: number, methods: Methods): void {
    methods.learnUntil(issue);
    for (const [lead, step] of targetsOf(issue).entries()) {
      const actual = values[step] ?? Number.NaN;
      if (Number.isNaN(actual)) continue;
      methods.foresee(step, step - issue, found);
      const group = leads === 1 ? 0 : lead;
      bands.learn(step % grid.perDay, group, blend.mix(group, found), actual);
      blend.learn(group, found, actual);
    }
  }
}

function trialOf(grid: StepGrid, horizon: Horizon, firstTarget: number, back: number): Trial {
  const { end, perDay } = grid;
  if (horizon === 'day-ahead') {
    const start = end - back * perDay;
    const first = firstTarget - back * perDay;
    const targets = Array.from({ length: perDay }, (_, index) => first + index);
    return { start, issues: [start], targetsOf: () => targets };
  }
  const start = (Math.floor(end / perDay) - back) * perDay;
  const issues = Array.from({ length: perDay / TRIED_EVERY }, (_, index) => start + index * TRIED_EVERY);
  return { start, issues, targetsOf: (issue) => Array.from({ length: INTRADAY_LEADS }, (_, lead) => issue + lead) };
}
