import { object, type TypeOf } from '../../decode';
import { mulDivCeil } from '../../math';
import { microPerKwh, microPerKwhCodec, ppmCodec, ppmWhole, type MicroPerKwh, type Ppm } from '../../units';

/** What counts how much beside the money that a coalition earns, in millionths. Only their ratio to that of profit matters. */
export const coalitionWeightsCodec = object({
  /** Of money earned and spent; not zero. */
  profit: ppmCodec,
  /** Of energy that the own community would have used. */
  selfSupply: ppmCodec,
  /** Of what an owner has earned before. */
  fairness: ppmCodec,
  /** Of wear. */
  wear: ppmCodec,
});
export type CoalitionWeights = TypeOf<typeof coalitionWeightsCodec>;

/** What a kWh of an asset costs its owner and its community, each in micro-units per kWh. */
export const coalitionCostsCodec = object({
  /** Fuel, or energy that is bought, for a kWh that is called. */
  energyMicroPerKwh: microPerKwhCodec,
  /** The least price of keeping a kW ready for an hour. */
  keepMicroPerKwh: microPerKwhCodec,
  /** Wear of a kWh that is called. */
  wearMicroPerKwh: microPerKwhCodec,
  /** What the community loses with a kWh that is called and that it would have used itself. */
  localMicroPerKwh: microPerKwhCodec,
  /** What a kW kept ready is to count less for an owner who has earned much before. */
  earlierMicroPerKwh: microPerKwhCodec,
});
export type CoalitionCosts = TypeOf<typeof coalitionCostsCodec>;

/** The prices with which an asset stands in a case. */
export interface WeightedPrices {
  readonly costMicroPerKwh: MicroPerKwh;
  readonly keepMicroPerKwh: MicroPerKwh;
}

/**
 * The prices of an asset under weights, rounded up: money counts fully, and wear, self-supply and fairness each by its weight divided by that of
 * profit. The weight of profit is not zero.
 */
export function weightedPrices(costs: CoalitionCosts, weights: CoalitionWeights): WeightedPrices {
  const counted = (price: MicroPerKwh, weight: Ppm): bigint => mulDivCeil(price, weight, weights.profit);
  const wear = counted(costs.wearMicroPerKwh, weights.wear);
  const local = counted(costs.localMicroPerKwh, weights.selfSupply);
  return {
    costMicroPerKwh: microPerKwh(costs.energyMicroPerKwh + wear + local),
    keepMicroPerKwh: microPerKwh(costs.keepMicroPerKwh + counted(costs.earlierMicroPerKwh, weights.fairness)),
  };
}

/** Money, wear, self-supply and fairness each counted as they stand. */
export const evenWeights: CoalitionWeights = {
  profit: ppmWhole,
  selfSupply: ppmWhole,
  fairness: ppmWhole,
  wear: ppmWhole,
};
