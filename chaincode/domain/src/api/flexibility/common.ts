import { object } from '../../decode';
import { placeFields } from '../../flexibility/header';
import { pageFields } from '../common';

/** The contract of demand response. */
export const flexibilityContract = 'flexibility';

const { congestionPointId, gridId, periodSlot } = placeFields;
/** A congestion point and a local day, named by its first slot. */
export const placeAskedFields = { gridId, congestionPointId, periodSlot };
/** A list of what there is at a congestion point on a local day. */
export const placeListFields = object({ ...placeAskedFields, ...pageFields });

/** Midnight of 17 May 2016 in Berlin. */
export const examplePeriodSlot = 1_626_040;
export const examplePlace = {
  gridId: 'rural-1',
  congestionPointId: 'transformer',
  periodSlot: examplePeriodSlot,
} as const;
export const exampleHeader = { ...examplePlace, ispMinutes: 15, timeZone: 'Europe/Berlin' } as const;

/** What a header is refused with. */
export const headerErrors = [
  'FLEX_OFF',
  'FLEX_CONGESTION_POINT_INVALID',
  'FLEX_ISP_DURATION',
  'FLEX_TIME_ZONE',
  'FLEX_PERIOD_OUT_OF_BOUNDS',
] as const;

export const exampleFlexibilityRules = {
  timeZone: 'Europe/Berlin',
  periodDaysAheadMax: 7,
  noticeSlots: 4,
  prognosisRequired: true,
  unsolicitedOffers: false,
  exclusiveOptions: true,
  penaltyMicroPerKwh: '400000',
} as const;
