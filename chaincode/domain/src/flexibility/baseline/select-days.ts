import { present } from '../../assert';
import { demand } from '../../errors';
import { compareBigint, sum } from '../../math';
import { slotsPerHour } from '../../time';
import { eligibleDays, type DaysAsked, type EligibleDay } from './eligible-days';
import { measuredWh, wholeDayOf, windowIntervals, type Window } from './readings';
import type { BaselineMethod } from './rule';

/** How a method chooses among the most recent eligible days. */
interface Choice {
  /** The days that it looks at. */
  readonly candidates: number;
  /** Of those, ranked by their load in the hours of the event, so many of the highest are left out … */
  readonly highestLeftOut: number;
  /** … and so many of the next are averaged. */
  readonly chosen: number;
  /** It is refused below so many candidates. */
  readonly candidatesMin: number;
  /** Days whose whole load is below a quarter of the candidates' mean are no candidates. */
  readonly leavesOutLowDays: boolean;
}

const choices: Readonly<Partial<Record<BaselineMethod, Choice>>> = {
  'high-5-of-10': { candidates: 10, highestLeftOut: 0, chosen: 5, candidatesMin: 5, leavesOutLowDays: false },
  'high-4-of-5': { candidates: 5, highestLeftOut: 0, chosen: 4, candidatesMin: 4, leavesOutLowDays: true },
  '10-of-10': { candidates: 10, highestLeftOut: 0, chosen: 10, candidatesMin: 5, leavesOutLowDays: false },
  'middle-6-of-10': { candidates: 10, highestLeftOut: 2, chosen: 6, candidatesMin: 10, leavesOutLowDays: false },
};

/** A day is low below one in so many parts of the mean. */
const LOW_DAY_PARTS = 4n;
/** Hours from midnight on that decide between days of the same load. */
const quietHours = 10;

/** True for the methods that average earlier days chosen by their load. */
export function choosesDays(method: BaselineMethod): boolean {
  return choices[method] !== undefined;
}

/**
 * The days that a method of the kind "X of Y" averages, the highest first. Days with the same load in the hours of the event are
 * ranked by their load from midnight to 10:00 UTC, the lower first, for the hours of the event stand out more on such a day, then by the
 * later day. (Any order would do; this one gives the table of docs/demand-response.md to its last digit.) Refuses with
 * FLEX_BASELINE_DAYS_TOO_FEW where too few days are eligible.
 */
export function selectDays(asked: DaysAsked, alsoNeeded: readonly Window[] = []): readonly EligibleDay[] {
  const choice = present(choices[asked.rule.method], 'The method chooses among days.');
  const candidates = choice.leavesOutLowDays
    ? withoutLowDays(asked, choice.candidates, [wholeDayOf(asked.event), ...alsoNeeded])
    : eligibleDays(asked, choice.candidates, alsoNeeded);
  demand(candidates.length >= choice.candidatesMin, 'FLEX_BASELINE_DAYS_TOO_FEW', {
    eligible: candidates.length,
    needed: choice.candidatesMin,
  });
  const ranked = [...candidates].sort((left, right) => byLoad(asked, left, right));
  return ranked.slice(choice.highestLeftOut, choice.highestLeftOut + choice.chosen);
}

/**
 * The most recent days that are not low next to the mean of the most recent ones, low or not. Where more is given than taken, a day is low
 * that gives less than its part of the mean.
 */
function withoutLowDays(asked: DaysAsked, daysMax: number, alsoNeeded: readonly Window[]): readonly EligibleDay[] {
  const days = eligibleDays(asked, Number.MAX_SAFE_INTEGER, alsoNeeded);
  const dayWh = ({ window }: EligibleDay): bigint => sum(measuredWh(asked.readings, wholeDayOf(window)) ?? []);
  const first = days.slice(0, daysMax);
  const meanTimesDays = sum(first.map(dayWh));
  const sign = meanTimesDays < 0n ? -1n : 1n;
  const isLow = (day: EligibleDay): boolean =>
    sign * dayWh(day) * LOW_DAY_PARTS * BigInt(first.length) < sign * meanTimesDays;
  return days.filter((day) => !isLow(day)).slice(0, daysMax);
}

/** The energy of the quiet hours of a day, as far as it was measured. */
function quietWh({ readings }: DaysAsked, { window }: EligibleDay): bigint {
  const { firstSlot, intervalSlots } = wholeDayOf(window);
  const intervals = (quietHours * slotsPerHour) / intervalSlots;
  return sum(windowIntervals({ firstSlot, intervals, intervalSlots }).map((at) => readings.get(at)?.netWh ?? 0n));
}

/** Orders the higher load first. */
function byLoad(asked: DaysAsked, left: EligibleDay, right: EligibleDay): number {
  return (
    compareBigint(sum(right.energiesWh), sum(left.energiesWh)) ||
    compareBigint(quietWh(asked, left), quietWh(asked, right)) ||
    left.daysAgo - right.daysAgo
  );
}
