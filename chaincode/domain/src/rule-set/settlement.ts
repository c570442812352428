import { object, oneOf, union, type TypeOf } from '../decode';
import { microPerKwhCodec } from '../units';

/**
 * How deviations are priced by the imbalance price that is filed for each quarter hour. `single`: cash = deviation × price, whatever
 * the direction. `dual`: a shortfall pays the higher of the day-ahead price and the imbalance price, a surplus gets the lower one.
 * Source: EU 2017/2195, articles 52 and 55. Absent in a rule set, the two fixed imbalance prices settle.
 */
export const imbalancePricingCodec = oneOf('single', 'dual');
export type ImbalancePricing = TypeOf<typeof imbalancePricingCodec>;

/** Whether applied clearings tell each seller and buyer as a fact what to inject or consume; absent in a rule set for no. */
export const deliverySignalsCodec = oneOf('facts');

/**
 * How far a contract between two counts where its seller had less: by the terms of partial delivery that both have signed. Absent in the
 * rule set under which it was concluded, it counts whole and the seller bears what it does not deliver.
 */
export const contractRuleCodec = oneOf('terms');

/**
 * How the rent of the grid's limits in a session goes back to its members, who are all participants but suppliers: by the energy that
 * they traded, by the energy that their meters took in the session, or the same to each. Absent in a rule set, it stays on its account.
 */
export const rentShareCodec = oneOf('traded', 'consumed', 'equal');
export type RentShare = TypeOf<typeof rentShareCodec>;

/**
 * What a kWh is paid that a limit of the system operator held back and that had not been sold: a fixed price, or what the session paid at
 * the connection in that interval, so that its holder is neither better nor worse off (EU 2019/943, article 13(7)). Absent in a rule set,
 * limits are not compensated and positions are not corrected for them.
 */
export const curtailmentCompensationCodec = union({
  fixed: object({ priceMicroPerKwh: microPerKwhCodec }),
  session: object({}),
});
export type CurtailmentCompensation = TypeOf<typeof curtailmentCompensationCodec>;
