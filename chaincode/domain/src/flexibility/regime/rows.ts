import { array, object, oneOf, optional, type TypeOf } from '../../decode';
import { slotCodec } from '../../time';
import { wCodec } from '../../units';
import { placeFields } from '../header';
import { flexRequestIdCodec } from '../ids';
import { flexDirectionCodec, ispsPerDayMax } from '../isps';

/** Where a request is not met: what is asked for and what is ordered or can still be ordered. */
export const shortfallCodec = object({
  slot: slotCodec,
  direction: flexDirectionCodec,
  requestedW: wCodec,
  coveredW: wCodec,
});
export type Shortfall = TypeOf<typeof shortfallCodec>;

/** Requests of the system operator at one congestion point and day. */
export const requestsPerDayMax = 50;

/**
 * The regime of a congestion point on a local day (USEF): GREEN where the market is free, YELLOW while flexibility is requested or ordered,
 * ORANGE where that does not suffice and connections are limited.
 */
export const regimeCodec = object({
  ...placeFields,
  regime: oneOf('GREEN', 'YELLOW', 'ORANGE'),
  /** The operator's requests of the day, in the order in which they were made. */
  requestIds: array(flexRequestIdCodec, requestsPerDayMax),
  /** The first slot after all that was ordered; absent where nothing was. */
  orderedEndSlot: optional(slotCodec),
  /** In which ISPs the offers did not suffice, while the regime is ORANGE. */
  shortfalls: array(shortfallCodec, ispsPerDayMax),
});
export type Regime = TypeOf<typeof regimeCodec>;
