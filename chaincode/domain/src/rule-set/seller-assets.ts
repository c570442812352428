import { oneOf } from '../decode';

/**
 * By what sellers are known beside their connection: `registered`, the meters and flexible assets that are registered for them and in service.
 * They say whether energy is green for the pairing of trades, and how many kW are installed for curtailment `per-kw`. Absent in a rule set,
 * every member's energy counts as green and its connection as installed.
 */
export const sellerAssetsCodec = oneOf('registered');
