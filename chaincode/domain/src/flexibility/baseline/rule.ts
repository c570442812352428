import { array, boolean, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { limits } from '../../limits';
import type { Asset } from '../../registry/device-types';
import { slotCodec } from '../../time';

/**
 * How a baseline is worked out: what would have been taken or given without the event.
 * - `high-5-of-10`, `high-4-of-5`, `10-of-10`, `middle-6-of-10`: the mean of some of the most recent eligible days (NYISO, PJM, CAISO);
 * - `same-day`: the mean of three hours before and two hours after the event, the hours on either side of it left out (PJM);
 * - `last-week`: the same quarter hours seven days before;
 * - `forecast`: a series that was committed before, such as the possible power of PV;
 * - `declared`: the schedule that the asset's owner has declared before;
 * - `last-full-interval`: the mean power of the last full interval before the activation, for storage and virtual power plants.
 */
export const baselineMethods = [
  'high-5-of-10',
  'high-4-of-5',
  '10-of-10',
  'middle-6-of-10',
  'same-day',
  'last-week',
  'forecast',
  'declared',
  'last-full-interval',
] as const;
export const baselineMethodCodec = oneOf(...baselineMethods);
export type BaselineMethod = TypeOf<typeof baselineMethodCodec>;

/**
 * How a baseline follows the day itself, by a window that begins four hours before the event: `ratio-20` and `ratio-40` scale it by
 * what was measured in two hours, within 20 or 40 percent (CAISO); `additive` shifts it by the mean difference of the two hours,
 * `additive-3h` by that of three hours (PJM symmetric additive adjustment).
 */
export const baselineAdjustments = ['none', 'ratio-20', 'ratio-40', 'additive', 'additive-3h'] as const;
export const baselineAdjustmentCodec = oneOf(...baselineAdjustments);
export type BaselineAdjustment = TypeOf<typeof baselineAdjustmentCodec>;

/** By which rule a programme works out its baselines. */
export const baselineRuleCodec = object({
  method: baselineMethodCodec,
  adjustment: baselineAdjustmentCodec,
  /** Days before the event among which eligible days are looked for; absent for the most. */
  lookBackDays: optional(integer(1, limits.baselineLookBackDaysMax)),
  /** True where hours may be read that begin after the notice; absent: such methods and windows are refused. */
  laterHours: optional(boolean),
  /** The first slots of UTC days that are no working days and so resemble no other day. */
  holidays: optional(array(slotCodec, limits.baselineHolidaysMax)),
});
export type BaselineRule = TypeOf<typeof baselineRuleCodec>;

/**
 * The method for an asset whose programme names none: loads resemble their earlier days; PV, wind and water have their forecast of possible
 * power committed before; storage and what is dispatched declare a schedule.
 */
export function defaultBaselineMethod(kind: Asset['kind']): BaselineMethod {
  switch (kind) {
    case 'pv':
    case 'wind':
    case 'hydro':
      return 'forecast';
    case 'storage':
    case 'chp':
    case 'generator':
      return 'declared';
    case 'load':
    case 'heat-pump':
    case 'ev-charger':
      return 'high-5-of-10';
  }
}
