import { array, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { digestCodec } from '../../field-codecs';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { netEnergyCodec } from './net-energy';
import { baselineRuleCodec } from './rule';

/** An earlier day that a baseline is made from, by the first slot of its event window there, and how often it counts. */
export const baselineDayCodec = object({ firstSlot: slotCodec, weight: integer(1, limits.baselineLookBackDaysMax) });
export type BaselineDay = TypeOf<typeof baselineDayCodec>;

/**
 * A baseline as it is fixed at the notice: nothing that is measured or corrected later changes which days it is made from, how they
 * weigh, or what was read of them. Only what lies after the notice is added by `evaluateBaseline`.
 */
export const frozenBaselineCodec = object({
  rule: baselineRuleCodec,
  /** Quarter hours of one interval of the baseline. */
  intervalSlots: oneOf(1, 2, 4),
  firstSlot: slotCodec,
  intervals: integer(1, limits.baselineIntervalsMax),
  /** Empty for methods that are not made from earlier days. */
  days: array(baselineDayCodec, limits.baselineLookBackDaysMax),
  /** The baseline before any adjustment, one per interval; empty where hours are needed that were not in at the notice. */
  unadjusted: array(netEnergyCodec, limits.baselineIntervalsMax),
  /** What the adjustment compares with the measurements of the day, one per interval of its window; absent without adjustment. */
  adjustmentWindow: optional(
    object({
      firstSlot: slotCodec,
      unadjusted: array(netEnergyCodec, limits.baselineIntervalsMax, 1),
      /** The lowest and the highest energy of the whole window on the days that the baseline is made from. */
      lowest: netEnergyCodec,
      highest: netEnergyCodec,
    }),
  ),
  /** From the begin of this slot on everything is in that the baseline needs. */
  completeSlot: slotCodec,
  /** The digest of all that was read for it at the notice. */
  inputsDigest: digestCodec,
});
export type FrozenBaseline = TypeOf<typeof frozenBaselineCodec>;
