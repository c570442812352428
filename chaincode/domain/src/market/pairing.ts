import { object, union, type TypeOf } from '../decode';
import { participantIdCodec } from '../ids';

/**
 * With whom an order would rather be listed as paired after clearing: a member of the same part of the grid, a seller of renewable
 * energy, or one partner by name. It decides neither price nor volume, only who stands beside whom.
 */
export const pairingCodec = union({
  local: object({}),
  green: object({}),
  partner: object({ participantId: participantIdCodec }),
});
export type Pairing = TypeOf<typeof pairingCodec>;
