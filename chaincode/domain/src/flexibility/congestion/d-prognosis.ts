import { demand } from '../../errors';
import type { Grid } from '../../registry/types';
import { addSlots, type Slot } from '../../time';
import { periodOf, type FlexPlace } from '../header';
import { bySlot, checkRuns, lastSlotOf } from '../isps';
import type { DPrognosis, PrognosisRun } from './rows';

/** A power above this many times the limit of the congestion point is a mistake of units. */
const plausibleTimes = 10n;

/**
 * Refuses a D-prognosis that does not cover its day exactly once (FLEX_ISPS_OUT_OF_BOUNDS, FLEX_ISP_CONFLICT, FLEX_LACKING_ISPS) or whose powers
 * are not plausible (FLEX_POWER_REJECTED): both directions at once, or more than ten times what the congestion point can carry.
 */
export function checkPrognosis(isps: readonly PrognosisRun[], place: FlexPlace, grid: Grid): void {
  const period = periodOf(place);
  checkRuns(isps, period);
  const covered = isps.reduce((slots, run) => slots + run.slots, 0);
  demand(covered === period.slots, 'FLEX_LACKING_ISPS', { covered, isps: period.slots });
  const point = grid.congestionPoints.find(({ id }) => id === place.congestionPointId);
  for (const { exportW, importW, startSlot } of isps) {
    const isPlausible =
      (importW === 0n || exportW === 0n) &&
      importW <= plausibleTimes * (point?.importLimitW ?? 0n) &&
      exportW <= plausibleTimes * (point?.exportLimitW ?? 0n);
    demand(isPlausible, 'FLEX_POWER_REJECTED', { startSlot });
  }
}

/**
 * Refuses a revision below the last one (FLEX_REVISION_SUBORDINATE), and one that was filed already or changes nothing
 * (FLEX_ALREADY_SUBMITTED). Answers the first slot that is new: it must not have begun.
 */
export function firstNewSlot(prognosis: DPrognosis, last: DPrognosis | undefined): Slot {
  const { periodSlot, revision } = prognosis;
  if (last === undefined) {
    return periodSlot;
  }
  demand(revision >= last.revision, 'FLEX_REVISION_SUBORDINATE', { revision, lastRevision: last.revision });
  demand(revision > last.revision, 'FLEX_ALREADY_SUBMITTED', { revision });
  const known = bySlot(last.isps);
  const changed = [...bySlot(prognosis.isps)].find(([slot, run]) => {
    const before = known.get(slot);
    return before?.importW !== run.importW || before.exportW !== run.exportW;
  });
  const first = changed?.[0] ?? addSlots(lastSlotOf(last.isps, periodOf(last)), 1);
  demand(changed !== undefined, 'FLEX_ALREADY_SUBMITTED', { revision });
  return first;
}
