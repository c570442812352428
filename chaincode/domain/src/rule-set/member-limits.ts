import { object, optional, type TypeOf } from '../decode';
import { microCodec, whCodec } from '../units';

/**
 * What one member may have in one session, beside the number of its orders (`ordersPerParticipantMax`). Each limit is for a session
 * by itself: a sum over all open sessions would be a row that every order of the member writes. The balancing participant, whose
 * standing orders have to be as large as the community, is held by its connection and its collateral alone.
 */
export const memberLimitsCodec = object({
  /** The most it may offer to buy, and the most it may offer to sell, in one interval. */
  positionWhMax: optional(whCodec),
  /** The most collateral that its orders may lock: all that it can come to owe. */
  exposureMicroMax: optional(microCodec),
});
export type MemberLimits = TypeOf<typeof memberLimitsCodec>;
