import type { ErrorRow } from './error-row';

const caller = { whoFixes: 'caller', transient: false } as const;
const later = { whoFixes: 'caller', transient: true } as const;
const nobody = { whoFixes: 'nobody', transient: false } as const;

/** Refusals of flexibility between aggregators, system operators and producers, in precedence order: where and when, what, and to what it refers. */
export const flexibilityTradeErrors = [
  {
    code: 'FLEX_OFF',
    meaning: 'The rule set in force has no rules of flexibility.',
    whoFixes: 'operator',
    transient: true,
  },
  { code: 'FLEX_NOT_GRID_OPERATOR', meaning: 'The grid is operated by another organisation.', ...caller },
  {
    code: 'FLEX_CONGESTION_POINT_INVALID',
    meaning:
      'The grid has no congestion point of this id, or it is another one than that of the message that is referred to.',
    ...caller,
  },
  {
    code: 'FLEX_ISP_DURATION',
    meaning: 'The ISPs of the message are not of the length that the market has.',
    ...caller,
  },
  { code: 'FLEX_TIME_ZONE', meaning: 'The message names another time zone than that of the market.', ...caller },
  {
    code: 'FLEX_PERIOD_OUT_OF_BOUNDS',
    meaning: 'The period is no local day, has begun where it should not have, or lies too far ahead.',
    ...caller,
  },
  {
    code: 'FLEX_ISPS_OUT_OF_BOUNDS',
    meaning: 'An ISP does not exist in the period, which has 92, 96 or 100.',
    ...caller,
  },
  { code: 'FLEX_ISP_CONFLICT', meaning: 'An ISP is defined more than once, or the ISPs are not in order.', ...caller },
  { code: 'FLEX_LACKING_ISPS', meaning: 'The D-prognosis does not include all ISPs of its period.', ...caller },
  { code: 'FLEX_POWER_REJECTED', meaning: 'A power is not plausible at this congestion point.', ...caller },
  { code: 'FLEX_REQUESTED_NO_DIRECTION', meaning: 'An ISP that is requested has no direction.', ...caller },
  {
    code: 'FLEX_POWER_DISCREPANCY',
    meaning: 'The least power of an ISP is above the most, or above zero where nothing is requested.',
    ...caller,
  },
  { code: 'FLEX_ZERO_VOLUME', meaning: 'The message asks for, reserves or offers nothing.', ...caller },
  { code: 'FLEX_LACKING_REQUESTED', meaning: 'The request has no ISP that is requested.', ...caller },
  { code: 'FLEX_DIRECTION_REFUSED', meaning: 'A producer may request only that more is consumed.', ...caller },
  { code: 'FLEX_EXPIRY_OUT_OF_BOUNDS', meaning: 'The expiry has passed or lies after the first ISP.', ...caller },
  {
    code: 'FLEX_REVISION_SUBORDINATE',
    meaning: 'The revision is not above the last one of the same sender.',
    ...caller,
  },
  { code: 'FLEX_ALREADY_SUBMITTED', meaning: 'The same has been submitted before.', ...nobody },
  { code: 'FLEX_DUPLICATE_IDENTIFIER', meaning: 'The identifier is in use for something else.', ...caller },
  {
    code: 'FLEX_REFERENCE_UNKNOWN',
    meaning: 'The message refers to one that is not on the ledger, or not to the one that it should.',
    ...later,
  },
  { code: 'FLEX_NOT_PARTY', meaning: "The message that is referred to is somebody else's.", ...caller },
  { code: 'FLEX_REFERENCE_PERIOD', meaning: 'The message that is referred to is of another period.', ...caller },
  {
    code: 'FLEX_REFERENCE_EXPIRED',
    meaning: 'The message that is referred to has expired on the ledger clock.',
    ...nobody,
  },
  { code: 'FLEX_REFERENCE_REVOKED', meaning: 'The message that is referred to is revoked.', ...nobody },
  { code: 'FLEX_REFERENCE_CLOSED', meaning: 'The request that is referred to has ended.', ...nobody },
  { code: 'FLEX_NOT_EXPIRED', meaning: 'The request can still be answered.', ...later },
  {
    code: 'FLEX_NO_BASELINE',
    meaning: 'The aggregator has filed no D-prognosis of this congestion point and period.',
    ...later,
  },
  {
    code: 'FLEX_UNSOLICITED_REFUSED',
    meaning: 'The rule set in force takes no offers that were not requested.',
    ...caller,
  },
  { code: 'FLEX_NO_EXCLUSIVE_OFFERS', meaning: 'The rule set in force takes offers of one option only.', ...caller },
  { code: 'FLEX_OPTION_TWICE', meaning: 'Two options of the offer have the same reference.', ...caller },
  {
    code: 'FLEX_ACTIVATION_FACTOR',
    meaning: 'An activation factor is not a hundredth from 0.01 to 1.00, or below the smallest that the option allows.',
    ...caller,
  },
  {
    code: 'FLEX_PRICE_PRECISION',
    meaning: 'A price is not a whole number of ten-thousandths of the currency.',
    ...caller,
  },
  { code: 'FLEX_REQUEST_MISMATCH', meaning: 'The offer answers none of the ISPs that are requested.', ...caller },
  {
    code: 'FLEX_POWER_OUT_OF_BOUNDS',
    meaning: 'The offer has more power in an ISP than the request can take.',
    ...caller,
  },
  {
    code: 'FLEX_OBLIGED_NOT_MET',
    meaning: 'The offer has less power in an ISP than its reservation obliges to.',
    ...caller,
  },
  { code: 'FLEX_RESERVATION_EXCEEDED', meaning: 'More is reserved in an ISP than the contract has.', ...caller },
  {
    code: 'FLEX_OFFERS_TOO_MANY',
    meaning: 'The aggregator has made as many offers to this request as it can.',
    ...nobody,
  },
  {
    code: 'FLEX_REQUESTS_TOO_MANY',
    meaning: 'The congestion point has as many requests on this day as it can have.',
    ...nobody,
  },
  { code: 'FLEX_PROCURED', meaning: 'The offer is ordered, which is final.', ...nobody },
  { code: 'FLEX_OPTION_UNKNOWN', meaning: 'The offer has no option of this reference.', ...caller },
  { code: 'FLEX_ISP_MISMATCH', meaning: 'The ISPs of the order are not those of the option.', ...caller },
  {
    code: 'FLEX_POWER_MISMATCH',
    meaning: 'A power of the order is not that of the option times the activation factor.',
    ...caller,
  },
  {
    code: 'FLEX_PRICE_MISMATCH',
    meaning: 'The price of the order is not that of the option times the activation factor.',
    ...caller,
  },
  { code: 'FLEX_NOTICE_SHORT', meaning: 'The first ISP is nearer than the notice that the rule set gives.', ...nobody },
  { code: 'FLEX_OFFERS_SUFFICE', meaning: 'What is ordered or can still be ordered meets the request.', ...caller },
  { code: 'FLEX_STILL_ANSWERABLE', meaning: 'The request can still be answered by offers.', ...later },
  { code: 'FLEX_REGIME_GREEN', meaning: 'The regime is green already.', ...nobody },
  {
    code: 'FLEX_REGIME_IN_USE',
    meaning: 'A request is open, or what was ordered or fell short is still to come.',
    ...later,
  },
] as const satisfies readonly ErrorRow[];
