import type { BiddingFrame } from '../agents/order-strategy';

/** The numbers of the rule set that the day's consortium agrees on: prices in micro-euro per kWh, energies in Wh. */
export const DAY_PRICES = {
  marketTimeUnitSlots: 4,
  mechanism: 'uniform',
  kPpm: '500000',
  priceCapMicroPerKwh: '1000000',
  priceFloorMicroPerKwh: '0',
  tickMicroPerKwh: '1000',
  quantityMinWh: '10',
  ordersPerParticipantMax: 48,
  retailPriceMicroPerKwh: '320000',
  feedInPriceMicroPerKwh: '80000',
  imbalanceShortMicroPerKwh: '350000',
  imbalanceLongMicroPerKwh: '60000',
  feePpm: '5000',
  currency: 'EUR',
} as const;

/** What the agents bid by. */
export const BIDDING_FRAME: BiddingFrame = {
  retailPriceMicroPerKwh: BigInt(DAY_PRICES.retailPriceMicroPerKwh),
  feedInPriceMicroPerKwh: BigInt(DAY_PRICES.feedInPriceMicroPerKwh),
  tickMicroPerKwh: BigInt(DAY_PRICES.tickMicroPerKwh),
  quantityMinWh: BigInt(DAY_PRICES.quantityMinWh),
};
