import { array, boolean, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { elementIdCodec } from '../../field-codecs';
import { participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { accountCodec } from '../../settlement/rows';
import { slotCodec } from '../../time';
import { microCodec, microPerKwhCodec, ppmCodec, whCodec } from '../../units';
import { flexOrderIdCodec } from '../ids';
import { flexDirectionCodec, ispsPerDayMax } from '../isps';
import { programmeDirectionCodec } from '../programme/rows';

/** What of one ISP of an order was delivered by the portfolio, and what that comes to towards whoever ordered. */
export const settledIspCodec = object({
  slot: slotCodec,
  direction: flexDirectionCodec,
  orderedWh: whCodec,
  deliveredWh: whCodec,
  deficiencyWh: whCodec,
  paidMicro: microCodec,
  penaltyMicro: microCodec,
});
export type SettledIsp = TypeOf<typeof settledIspCodec>;

/** The terms of the programme that bound what a prosumer gets and pays. */
export const rewardTermsCodec = object({
  direction: programmeDirectionCodec,
  rewardMicroPerKwh: microPerKwhCodec,
  penaltyMicroPerKwh: microPerKwhCodec,
  aggregatorSharePpm: ppmCodec,
  tolerancePpm: ppmCodec,
  shiftTolerancePpm: optional(ppmCodec),
  reboundMicroPerKwh: optional(microPerKwhCodec),
});
export type RewardTerms = TypeOf<typeof rewardTermsCodec>;

/** What a prosumer did in one slot of an order, as settlement takes it. */
export const prosumerIspCodec = object({
  slot: slotCodec,
  direction: flexDirectionCodec,
  orderedWh: whCodec,
  deliveredWh: whCodec,
  deficiencyWh: whCodec,
  /** False where a meter was silent or a reading was flagged: the slot is neither paid nor punished. */
  isMeasured: boolean,
});
export type ProsumerIsp = TypeOf<typeof prosumerIspCodec>;

/** Everything that settles a prosumer: inputs first, then what the rule made of them. */
export const prosumerLineCodec = object({
  participantId: participantIdCodec,
  terms: rewardTermsCodec,
  isps: array(prosumerIspCodec, limits.baselineIntervalsMax),
  /** True where the prosumer had opted in: only then a deficiency costs. */
  isBound: boolean,
  /** True where its baseline is not trusted: nothing of the event is paid, and its position stays as it is. */
  isFlagged: boolean,
  reboundWh: whCodec,
  /** What is paid for and taken out of the position: delivered, measured, trusted, and for a shift in balance. */
  countedWh: whCodec,
  /** Deficiencies beyond the tolerance. */
  deficientWh: whCodec,
  /** What the counted energy is worth, and the parts of it that the aggregator keeps, penalties and rebound take. */
  grossMicro: microCodec,
  aggregatorMicro: microCodec,
  penaltyMicro: microCodec,
  reboundMicro: microCodec,
  /** The price of the transferred energy: the prosumer gets it for a reduction and pays it for an increase. */
  transferGainMicro: microCodec,
  transferCostMicro: microCodec,
  /** What was paid, and what the rule asks for beyond that: charges above the reward, and what nobody had set aside. */
  rewardMicro: microCodec,
  transferReceivedMicro: microCodec,
  transferPaidMicro: microCodec,
  uncoveredMicro: microCodec,
});
export type ProsumerLine = TypeOf<typeof prosumerLineCodec>;

/** Money of an order that went from one account to another, over all versions of its settlement. */
export const flexFlowCodec = object({
  debit: accountCodec,
  credit: accountCodec,
  reason: oneOf('flexibility', 'penalty', 'reward', 'energy-transfer'),
  amountMicro: microCodec,
});
export type FlexFlow = TypeOf<typeof flexFlowCodec>;

/** The settlement of an order. A late reading makes the next version, which posts only what differs. */
export const flexSettlementCodec = object({
  orderId: flexOrderIdCodec,
  version: integer(1, limits.amendmentVersionMax),
  aggregatorId: participantIdCodec,
  /** Who pays: the account into which system operators pay for flexibility, or the producer's. */
  payer: accountCodec,
  /** What the payer and the aggregator have set aside. */
  payerCoverMicro: microCodec,
  aggregatorCoverMicro: microCodec,
  /** What earlier versions have left of the aggregator's cover; absent where the order was placed without cover. */
  aggregatorLeftMicro: optional(microCodec),
  priceMicro: microCodec,
  penaltyMicroPerKwh: microPerKwhCodec,
  transferPriceMicroPerKwh: microPerKwhCodec,
  isps: array(settledIspCodec, ispsPerDayMax, 1),
  prosumers: array(prosumerLineCodec, limits.accountsPerBucketMax),
  paidMicro: microCodec,
  penaltyMicro: microCodec,
  /** What the order asks for beyond what was set aside: not posted. */
  uncoveredMicro: microCodec,
  /** What earlier versions paid that this one would not: it is not taken back from whoever may have spent it. */
  overpaidMicro: microCodec,
  flows: array(flexFlowCodec, 3 * limits.accountsPerBucketMax + 2),
});
export type FlexSettlement = TypeOf<typeof flexSettlementCodec>;

/** What system operators have paid in for flexibility in a grid, less what orders have cost. */
export const flexibilityFundCodec = object({ gridId: elementIdCodec, availableMicro: microCodec });
export type FlexibilityFund = TypeOf<typeof flexibilityFundCodec>;
