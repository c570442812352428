import { limits } from '../../limits';
import { compareBigint, sum } from '../../math';
import { measuredWh } from './readings';
import { eligibleDays, type DaysAsked } from './eligible-days';
import type { EvaluatedBaseline } from './evaluate';
import type { FrozenBaseline } from './frozen';
import type { FlexDirection } from '../isps';
import { netWhOf } from './net-energy';

/** A window is suspect where it differs by half from what the baseline had expected … */
const windowParts = 2n;
/** … and baseline days are, where they have twice (or half) the load that such days have. */
const inflationFactor = 2n;

/**
 * True where what was measured in the window of the adjustment looks as if it had been moved to move the baseline: beyond every day that
 * the baseline is made from, and half above (for an increase: half below) their mean. Source: the windows of same-day adjustments can be
 * gamed by whoever knows of the event before they end (CAISO baseline study, 2017).
 */
export function isWindowGamed(frozen: FrozenBaseline, evaluated: EvaluatedBaseline, direction: FlexDirection): boolean {
  const { adjustmentWindow } = frozen;
  const { adjustment } = evaluated;
  if (adjustmentWindow === undefined || adjustment === undefined) {
    return false;
  }
  const { actualWh, unadjustedWh } = adjustment;
  const size = unadjustedWh < 0n ? -unadjustedWh : unadjustedWh;
  return direction === 'reduce'
    ? actualWh > netWhOf(adjustmentWindow.highest) && windowParts * (actualWh - unadjustedWh) > size
    : actualWh < netWhOf(adjustmentWindow.lowest) && windowParts * (unadjustedWh - actualWh) > size;
}

/**
 * True where the days that a baseline is made from have more than twice the load (for an increase: less than half) that the median of
 * all eligible days of the look-back had in the hours of the event: somebody may have run loads to be paid for not running them. Where more
 * is given than taken it is the other way round: suspect are days on which less than half (for an increase: more than twice) was given.
 */
export function areDaysInflated(frozen: FrozenBaseline, asked: DaysAsked, direction: FlexDirection): boolean {
  const chosenWh = frozen.days.map(({ firstSlot }) =>
    sum(measuredWh(asked.readings, { ...asked.event, firstSlot }) ?? []),
  );
  const all = eligibleDays(asked, limits.baselineLookBackDaysMax).map(({ energiesWh }) => sum(energiesWh));
  const middle = [...all].sort(compareBigint)[Math.floor((all.length - 1) / 2)];
  if (middle === undefined || chosenWh.length === 0) {
    return false;
  }
  const medianTimesDays = middle * BigInt(chosenWh.length);
  return direction === 'reduce'
    ? isFarAbove(sum(chosenWh), medianTimesDays)
    : isFarAbove(-sum(chosenWh), -medianTimesDays);
}

/** Whether a net energy is more than twice one that is taken, or less than half of one that is given. */
function isFarAbove(netWh: bigint, usualWh: bigint): boolean {
  return usualWh >= 0n ? netWh > inflationFactor * usualWh : inflationFactor * netWh > usualWh;
}
