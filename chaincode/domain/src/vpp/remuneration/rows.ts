import { array, boolean, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { accountCodec } from '../../settlement/rows';
import { slotCodec } from '../../time';
import { microCodec, microPerKwhCodec, ppmCodec, wCodec, whCodec } from '../../units';
import { coalitionIdCodec } from '../formation/ids';
import { sharingRuleCodec } from '../sharing/rules';

/** What a slice came to: what was promised, called and delivered, and what that pays. Energies are in Wh, or varh. */
export const remuneratedSliceCodec = object({
  firstSlot: slotCodec,
  slots: integer(1, limits.eventSlotsMax),
  offeredW: wCodec,
  askedWh: whCodec,
  deliveredWh: whCodec,
  shortfallWh: whCodec,
  /** For keeping the power ready, in proportion to what was delivered of what was called. */
  capacityMicro: microCodec,
  energyMicro: microCodec,
  penaltyMicro: microCodec,
});
export type RemuneratedSlice = TypeOf<typeof remuneratedSliceCodec>;

/** What a participant gets of a coalition: its share, and what comes off it and on top of it. */
export const remunerationLineCodec = object({
  participantId: participantIdCodec,
  askedWh: whCodec,
  deliveredWh: whCodec,
  /** Of what the members share, before penalties. */
  shareMicro: microCodec,
  /** What its own shortfall takes of its share. */
  penaltyMicro: microCodec,
  /** For energy that it had bought and gave, and for energy that it took without having bought it. */
  transferReceivedMicro: microCodec,
  transferPaidMicro: microCodec,
  /** What it is paid in all. */
  paidMicro: microCodec,
  uncoveredMicro: microCodec,
});
export type RemunerationLine = TypeOf<typeof remunerationLineCodec>;

export const remunerationFlowCodec = object({
  debit: accountCodec,
  credit: accountCodec,
  reason: oneOf('service', 'penalty', 'share', 'energy-transfer'),
  amountMicro: microCodec,
});
export type RemunerationFlow = TypeOf<typeof remunerationFlowCodec>;

/** The remuneration of a coalition: what its buyer pays, and who gets it. Later readings make the next version, which posts what differs. */
export const remunerationCodec = object({
  coalitionId: coalitionIdCodec,
  version: integer(1, limits.amendmentVersionMax),
  aggregatorId: participantIdCodec,
  /** Who pays: the account into which organisations pay for services, or the participant that bought. */
  payer: accountCodec,
  /** What is set aside for it. */
  payerCoverMicro: microCodec,
  capacityPriceMicroPerKwh: microPerKwhCodec,
  energyPriceMicroPerKwh: microPerKwhCodec,
  penaltyMicroPerKwh: microPerKwhCodec,
  transferPriceMicroPerKwh: microPerKwhCodec,
  slices: array(remuneratedSliceCodec, limits.slicesPerRequestMax, 1),
  paidMicro: microCodec,
  penaltyMicro: microCodec,
  /** What the aggregator keeps for its work, before what penalties take of it. */
  operatorMicro: microCodec,
  operatorSharePpm: ppmCodec,
  /** The rule that the rule set names, and the one that could be applied: a nucleolus is for few members, and not always there. */
  rule: sharingRuleCodec,
  appliedRule: sharingRuleCodec,
  /** Whether no set of members would have earned more alone; absent where there are too many sets to ask. */
  inCore: optional(boolean),
  /** How many orders of joining were drawn for the Shapley value, and by how much a share may so be wrong; absent where it is exact. */
  sample: optional(object({ orders: integer(4, limits.sharingOrdersMax), errorMicro: microCodec })),
  lines: array(remunerationLineCodec, limits.coalitionMembersMax),
  /** What the rules ask for beyond what is there: not posted. */
  uncoveredMicro: microCodec,
  /** What earlier versions paid that this one would not: it is not taken back from whoever may have spent it. */
  overpaidMicro: microCodec,
  flows: array(remunerationFlowCodec, 2 * limits.coalitionMembersMax + 2),
});
export type Remuneration = TypeOf<typeof remunerationCodec>;
