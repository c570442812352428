import { Methods, methodsOf } from './methods';
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

/** What was learned, and the methods as they stand at the begin of the stretch that is now to be foreseen. */
export interface Training extends Trained {
  readonly methods: Methods;
}

/** The steps that are tried on one earlier day. */
interface Trial {
  /** The first step that was not known when the stretch began. */
  readonly start: number;
  readonly issues: readonly number[];
  /** The first step that an issue foresees, as seen from it, and how many there are. */
  readonly firstAhead: number;
  readonly count: number;
}

/** Tries the methods on the days before, the oldest first, and learns from each day only after it was foreseen. */
export function train(
  grid: StepGrid,
  horizon: Horizon,
  { values, isNeverNegative }: StepSeries,
  fallback: Float64Array,
  firstTarget: number,
): Training {
  const leads = horizon === 'day-ahead' ? 1 : INTRADAY_LEADS;
  const count = methodsOf(horizon);
  const methods = new Methods(grid, horizon, values, fallback);
  const blend = new Blend(count, leads);
  const bands = new Bands(grid.perDay, leads, isNeverNegative);
  const firstKnown = values.findIndex((value) => !Number.isNaN(value));
  const found = new Float64Array(count);
  for (let back = TRIED_DAYS[horizon]; back >= 1; back -= 1) {
    const trial = trialOf(grid, horizon, firstTarget, back);
    if (firstKnown < 0 || trial.start - firstKnown < grid.perDay) continue;
    blend.beginDay();
    bands.beginDay();
    methods.moveTo(trial.start);
    for (const issue of trial.issues) tryIssue(trial, issue);
    blend.endDay();
  }
  bands.finish();
  methods.moveTo(startOf(grid, horizon));
  return { blend, bands, methods };

  function tryIssue({ firstAhead, count: targets }: Trial, issue: number): void {
    methods.learnUntil(issue);
    for (let index = 0; index < targets; index += 1) {
      const ahead = firstAhead + index;
      const actual = values[issue + ahead] ?? Number.NaN;
      if (Number.isNaN(actual)) continue;
      methods.foresee(issue + ahead, ahead, found);
      const lead = leads === 1 ? 0 : index;
      bands.learn((issue + ahead) % grid.perDay, lead, blend.mixAndLearn(lead, found, actual), actual);
    }
  }
}

/** Where the stretch begins that is to be foreseen: day-ahead with the first unknown step, intraday with the local day. */
export function startOf({ end, perDay }: StepGrid, horizon: Horizon): number {
  return horizon === 'day-ahead' ? end : Math.floor(end / perDay) * perDay;
}

function trialOf(grid: StepGrid, horizon: Horizon, firstTarget: number, back: number): Trial {
  const { perDay } = grid;
  const start = startOf(grid, horizon) - back * perDay;
  if (horizon === 'day-ahead') {
    return { start, issues: [start], firstAhead: firstTarget - startOf(grid, horizon), count: perDay };
  }
  const issues = Array.from({ length: perDay / TRIED_EVERY }, (_, index) => start + index * TRIED_EVERY);
  return { start, issues, firstAhead: 0, count: INTRADAY_LEADS };
}
