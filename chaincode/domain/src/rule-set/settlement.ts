import { oneOf, type TypeOf } from '../decode';

/**
 * How deviations are priced by the imbalance price that is filed for each quarter hour. `single`: cash = deviation × price, whatever
 * the direction. `dual`: a shortfall pays the higher of the day-ahead price and the imbalance price, a surplus gets the lower one.
 * Source: EU 2017/2195, articles 52 and 55. Absent in a rule set, the two fixed imbalance prices settle.
 */
export const imbalancePricingCodec = oneOf('single', 'dual');
export type ImbalancePricing = TypeOf<typeof imbalancePricingCodec>;
