import { oneOf, type TypeOf } from '../decode';

/** The side of an order in JSON. */
export const sideCodec = oneOf('buy', 'sell');

/** Whether an order takes energy or gives it. */
export type Side = TypeOf<typeof sideCodec>;

/**
 * What the clearing of one interval knows of an order. Energy in Wh, above zero. The limit is the most a buyer pays and the least
 * a seller takes, in micro-units per kWh; the rule itself works for limits below zero too, which the order codec does not offer.
 */
export interface ClearingOrder {
  readonly orderId: string;
  readonly side: Side;
  readonly energyWh: bigint;
  readonly limitPriceMicroPerKwh: bigint;
}

/** The part of an order that is traded; above zero. */
export interface Fill {
  readonly orderId: string;
  readonly energyWh: bigint;
}

/** The prices of an interval in which energy is traded, in micro-units per kWh: low <= clearing <= high. */
export interface ClearingPrice {
  /** The lowest price at which nobody who is left out would buy and no seller who trades would lose. */
  readonly lowMicroPerKwh: bigint;
  /** The highest price at which nobody who is left out would sell and no buyer who trades would lose. */
  readonly highMicroPerKwh: bigint;
  /** The one price that everybody pays and gets. */
  readonly clearingMicroPerKwh: bigint;
}

/** The outcome of one interval. Fills are in the order of the order ids; there is no price where nothing is traded. */
export interface IntervalClearing {
  readonly tradedWh: bigint;
  readonly price: ClearingPrice | undefined;
  readonly fills: readonly Fill[];
}
