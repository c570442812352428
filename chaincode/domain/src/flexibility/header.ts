import { integer, object, text, type TypeOf } from '../decode';
import { demand, RuleError } from '../errors';
import { elementIdCodec } from '../field-codecs';
import type { Grid } from '../registry/types';
import { slotCodec, slotSeconds } from '../time';
import type { Run } from './isps';
import type { FlexibilityRules } from './rules';
import { localDaySlots } from './time-zone';

/** What every message about a congestion point says of where and when. */
export const headerFields = {
  gridId: elementIdCodec,
  congestionPointId: elementIdCodec,
  /** The first slot of the local day that is meant (UFTP: Period). */
  periodSlot: slotCodec,
  /** What the sender takes an ISP to last, in minutes: a quarter hour. */
  ispMinutes: integer(1, 1_440),
  /** What the sender takes the market's time zone to be. */
  timeZone: text(/^(?:Africa|America|Australia|Europe|Pacific)\/[A-Za-z0-9_/]{3,40}$/, 'the name of a time zone', 64),
};
export const headerCodec = object(headerFields);
export type FlexHeader = TypeOf<typeof headerCodec>;

/** Where and when, as rows keep it: the length of the day beside its first slot. */
export const placeFields = {
  gridId: elementIdCodec,
  congestionPointId: elementIdCodec,
  periodSlot: slotCodec,
  /** 92, 96 or 100 ISPs. */
  periodIsps: integer(92, 100),
};
export const placeCodec = object(placeFields);
/** A congestion point and a local day. */
export type FlexPlace = TypeOf<typeof placeCodec>;

/**
 * The congestion point and day of a message. Refuses a grid without that congestion point (FLEX_CONGESTION_POINT_INVALID), another length of
 * ISPs (FLEX_ISP_DURATION) or time zone (FLEX_TIME_ZONE) than the market's, and a period that is no local day (FLEX_PERIOD_OUT_OF_BOUNDS).
 */
export function placeOf(header: FlexHeader, grid: Grid | undefined, rules: FlexibilityRules): FlexPlace {
  const { congestionPointId, gridId, ispMinutes, periodSlot, timeZone } = header;
  const point = grid?.congestionPoints.find(({ id }) => id === congestionPointId);
  demand(point !== undefined, 'FLEX_CONGESTION_POINT_INVALID', { congestionPointId, gridId });
  demand(ispMinutes * 60 === slotSeconds, 'FLEX_ISP_DURATION', { ispMinutes });
  demand(timeZone === rules.timeZone, 'FLEX_TIME_ZONE', { timeZone: rules.timeZone });
  const periodIsps = localDaySlots(rules.timeZone, periodSlot);
  if (periodIsps === undefined) {
    throw new RuleError('FLEX_PERIOD_OUT_OF_BOUNDS', { periodSlot });
  }
  return { gridId, congestionPointId, periodSlot, periodIsps };
}

/** The ISPs of a place's day. */
export function periodOf({ periodIsps, periodSlot }: FlexPlace): Run {
  return { startSlot: periodSlot, slots: periodIsps };
}

/** Refuses a reference to a message about another congestion point or day (FLEX_CONGESTION_POINT_INVALID, FLEX_REFERENCE_PERIOD). */
export function demandSamePlace(place: FlexPlace, referred: FlexPlace): void {
  const { congestionPointId, gridId, periodSlot } = place;
  const isSamePoint = gridId === referred.gridId && congestionPointId === referred.congestionPointId;
  demand(isSamePoint, 'FLEX_CONGESTION_POINT_INVALID', { congestionPointId, gridId });
  demand(periodSlot === referred.periodSlot, 'FLEX_REFERENCE_PERIOD', { periodSlot });
}

/** What the ledger clock says of the first ISP of a message. */
export interface PeriodClock {
  /** True where the first ISP has begun. */
  readonly firstHasBegun: boolean;
  /** True where the slot has begun that lies the most days before the period that the rule set allows. */
  readonly windowHasBegun: boolean;
}

/** Refuses what is about ISPs that have begun, or about a day too far ahead (FLEX_PERIOD_OUT_OF_BOUNDS). */
export function demandPeriod({ periodSlot }: FlexPlace, clock: PeriodClock): void {
  demand(!clock.firstHasBegun && clock.windowHasBegun, 'FLEX_PERIOD_OUT_OF_BOUNDS', { periodSlot });
}

/** Refuses an expiry that has passed or that lies after the first ISP (FLEX_EXPIRY_OUT_OF_BOUNDS). */
export function demandExpiry(expirySlot: number, firstIspSlot: number, hasBegun: boolean): void {
  demand(!hasBegun && expirySlot <= firstIspSlot, 'FLEX_EXPIRY_OUT_OF_BOUNDS', { expirySlot });
}
