import type { BiddingFrame } from '../agents/order-strategy';
import type { DayPlan } from '../day/plan';

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

/** By which rule connections are limited on a day on which the system operator does that. */
export const DAY_SET_POINTS = {
  triggerPpm: '950000',
  targetPpm: '950000',
  sharing: 'present-flow',
  importFloorW: '4200',
} as const;

/** What limited connections are paid for what is held back: the price of the hour at their bus. */
export const DAY_COMPENSATION = { kind: 'session' } as const;

/** What is traded on a day on which agents trade their deviations again: hours of the next day, and half hours of the next four hours. */
export const INTRADAY_PRODUCTS = [
  { kind: 'day-ahead', intervalSlots: 4, intervalsMax: 24 },
  { kind: 'intraday', intervalSlots: 2, intervalsMax: 8 },
] as const;

/** The rules of flexibility of a day on which it can be ordered. */
export const DAY_FLEXIBILITY = {
  timeZone: 'Europe/Berlin',
  periodDaysAheadMax: 7,
  noticeSlots: 4,
  prognosisRequired: true,
  unsolicitedOffers: false,
  exclusiveOptions: true,
  penaltyMicroPerKwh: '400000',
  transferPriceMicroPerKwh: '80000',
  cover: { penaltyPpm: '500000' },
} as const;

const FRAME: BiddingFrame = {
  retailPriceMicroPerKwh: BigInt(DAY_PRICES.retailPriceMicroPerKwh),
  feedInPriceMicroPerKwh: BigInt(DAY_PRICES.feedInPriceMicroPerKwh),
  tickMicroPerKwh: BigInt(DAY_PRICES.tickMicroPerKwh),
  quantityMinWh: BigInt(DAY_PRICES.quantityMinWh),
};

/** What the agents bid by. Where limits of the grid act the supplier's price is not certain, so that sellers go below it. */
export function biddingFrameOf({ gridLimits }: Pick<DayPlan, 'gridLimits'>): BiddingFrame {
  return gridLimits ? { ...FRAME, unsoldMicroPerKwh: BigInt(DAY_PRICES.imbalanceLongMicroPerKwh) } : FRAME;
}
