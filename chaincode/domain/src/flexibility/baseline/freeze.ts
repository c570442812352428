import { present } from '../../assert';
import { digestOf } from '../../digest';
import { demand } from '../../errors';
import type { JsonValue } from '../../json';
import { compareBigint, nearestQuotient, sum } from '../../math';
import { slot, type Slot } from '../../time';
import type { DaysAsked } from './eligible-days';
import type { FrozenBaseline } from './frozen';
import { adjustmentWindow, latestEnd, sameDayHours } from './hours';
import { netEnergyOf } from './net-energy';
import { daysBefore, windowIntervals, measuredWh } from './readings';
import type { BaselineReadings, BaselineSeries, Window } from './readings';
import type { BaselineRule } from './rule';
import { choosesDays, selectDays } from './select-days';

/** What a baseline is made from. */
export interface BaselineAsked extends DaysAsked {
  /** What was forecast or declared before, in Wh by the first slot of the interval; for the methods that take it. */
  readonly series?: BaselineSeries;
}

const DAYS_OF_A_WEEK = 7;

/** What contradicts itself in the rule of a baseline, or undefined. */
export function findBaselineRuleProblem({ method, adjustment, laterHours }: BaselineRule): string | undefined {
  const readsTheDay = method === 'same-day' || method === 'last-full-interval';
  if (readsTheDay && adjustment !== 'none') {
    return 'a baseline made from the day itself is not adjusted to it';
  }
  return readsTheDay && laterHours !== true
    ? 'the method reads hours after the notice, which are not allowed'
    : undefined;
}

/**
 * Fixes a baseline at its notice: the earlier days, what they weigh, the energy of each interval before any adjustment, and the digest
 * of all that was read. Refuses with
 * - FLEX_BASELINE_RULE_INVALID: the rule contradicts itself
 * - FLEX_BASELINE_LATER_HOURS: hours that begin after the notice would be needed, and the rule does not allow them
 * - FLEX_BASELINE_DAYS_TOO_FEW: too few earlier days are eligible
 * - FLEX_BASELINE_SERIES_MISSING: an interval was neither forecast nor declared
 */
export function freezeBaseline(asked: BaselineAsked): FrozenBaseline {
  const { rule, event, noticeSlot } = asked;
  const problem = findBaselineRuleProblem(rule);
  demand(problem === undefined, 'FLEX_BASELINE_RULE_INVALID', { problem: problem ?? '' });
  const window = adjustmentWindow(rule.adjustment, event);
  const readLater = [...sameDayHours(rule.method, event), ...(window === undefined ? [] : [window])];
  const completeSlot = slot(Math.max(noticeSlot, latestEnd(readLater)));
  demand(rule.laterHours === true || completeSlot === noticeSlot, 'FLEX_BASELINE_LATER_HOURS', {
    noticeSlot,
    completeSlot,
  });
  const { digest, ...notes } = noting(asked);
  const known = { ...asked, ...notes };
  const days = daysOf(known, window);
  const unadjusted = sameDayHours(rule.method, event).length > 0 ? [] : energiesOf(known, days, event);
  return {
    rule,
    intervalSlots: event.intervalSlots,
    firstSlot: event.firstSlot,
    intervals: event.intervals,
    days: days.map(({ daysAgo }) => ({ firstSlot: daysBefore(event, daysAgo).firstSlot, weight: 1 })),
    unadjusted: unadjusted.map(netEnergyOf),
    ...(window === undefined ? {} : { adjustmentWindow: windowOf(known, days, window) }),
    completeSlot,
    inputsDigest: digest(),
  };
}

/** The window that a frozen baseline is of. */
export function eventOf({ firstSlot, intervals, intervalSlots }: FrozenBaseline): Window {
  return { firstSlot, intervals, intervalSlots };
}

interface ChosenDay {
  readonly daysAgo: number;
}

function daysOf(asked: BaselineAsked, window: Window | undefined): readonly ChosenDay[] {
  const { rule, event, readings } = asked;
  const needed = window === undefined ? [] : [window];
  if (choosesDays(rule.method)) {
    return selectDays(asked, needed);
  }
  if (rule.method !== 'last-week') {
    return [];
  }
  const isMeasured = [event, ...needed].every(
    (hours) => measuredWh(readings, daysBefore(hours, DAYS_OF_A_WEEK)) !== undefined,
  );
  demand(isMeasured, 'FLEX_BASELINE_DAYS_TOO_FEW', { eligible: 0, needed: 1 });
  return [{ daysAgo: DAYS_OF_A_WEEK }];
}

/** The baseline of a window before any adjustment: the mean of the days, or the series, in Wh for each interval. */
function energiesOf(asked: BaselineAsked, days: readonly ChosenDay[], window: Window): readonly bigint[] {
  if (days.length === 0) {
    return windowIntervals(window).map((at) => {
      const energyWh = asked.series?.get(at);
      demand(energyWh !== undefined, 'FLEX_BASELINE_SERIES_MISSING', { slot: at });
      return energyWh;
    });
  }
  const energies = daysEnergies(asked, days, window);
  return windowIntervals(window).map((_, index) =>
    nearestQuotient(sum(energies.map((day) => day[index] ?? 0n)), BigInt(days.length)),
  );
}

function daysEnergies(
  { readings }: BaselineAsked,
  days: readonly ChosenDay[],
  window: Window,
): readonly (readonly bigint[])[] {
  return days.map(({ daysAgo }) =>
    present(measuredWh(readings, daysBefore(window, daysAgo)), 'The hours of an eligible day are measured.'),
  );
}

function windowOf(
  asked: BaselineAsked,
  days: readonly ChosenDay[],
  window: Window,
): NonNullable<FrozenBaseline['adjustmentWindow']> {
  const unadjusted = energiesOf(asked, days, window);
  const totals = days.length === 0 ? [sum(unadjusted)] : daysEnergies(asked, days, window).map(sum);
  const ranked = [...totals].sort(compareBigint);
  return {
    firstSlot: window.firstSlot,
    unadjusted: unadjusted.map(netEnergyOf),
    lowest: netEnergyOf(ranked[0] ?? 0n),
    highest: netEnergyOf(ranked.at(-1) ?? 0n),
  };
}

/** Readings and a series that note what is read of them, so that the digest covers exactly that. */
function noting({ readings, series }: BaselineAsked): {
  readonly readings: BaselineReadings;
  readonly series: BaselineSeries;
  readonly digest: () => string;
} {
  const readingsRead = new Map<Slot, string | null>();
  const seriesRead = new Map<Slot, string | null>();
  const inOrder = (read: ReadonlyMap<Slot, string | null>): JsonValue =>
    [...read].sort(([left], [right]) => left - right).map(([at, energy]) => [at, energy]);
  return {
    readings: {
      get: (at) => {
        const reading = readings.get(at);
        readingsRead.set(at, reading?.isMeasured === true ? reading.netWh.toString() : null);
        return reading;
      },
    },
    series: {
      get: (at) => {
        const energyWh = series?.get(at);
        seriesRead.set(at, energyWh?.toString() ?? null);
        return energyWh;
      },
    },
    digest: () => digestOf({ readings: inOrder(readingsRead), series: inOrder(seriesRead) }),
  };
}
