import { array, integer, object, oneOf, type TypeOf } from '../../decode';
import { elementIdCodec } from '../../field-codecs';
import { commandIdCodec, participantIdCodec, programmeIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { microCodec, microPerKwhCodec, ppmCodec, varhCodec } from '../../units';
import { flexFlowCodec } from '../settlement/rows';
import { reactiveDirectionCodec } from './rows';

/** What the system operator of a grid has set aside of its fund for the voltage support of a programme, and what is left of it. */
export const voltageBudgetCodec = object({
  programmeId: programmeIdCodec,
  gridId: elementIdCodec,
  aggregatorId: participantIdCodec,
  /** Slots before this one are not paid for. */
  firstSlot: slotCodec,
  grantedMicro: microCodec,
  leftMicro: microCodec,
  state: oneOf('HELD', 'RELEASED'),
});
export type VoltageBudget = TypeOf<typeof voltageBudgetCodec>;

/** A slot of voltage support that is paid for: what was asked for and measured, and what the programme says that it is worth. */
export const settledSupportSlotCodec = object({
  slot: slotCodec,
  direction: reactiveDirectionCodec,
  askedVarh: varhCodec,
  deliveredVarh: varhCodec,
  rewardMicro: microCodec,
});
export type SettledSupportSlot = TypeOf<typeof settledSupportSlotCodec>;

/** The settlement of voltage support: inputs first, then what the rule made of them. A late reading makes the next version. */
export const voltageSettlementCodec = object({
  supportId: commandIdCodec,
  version: integer(1, limits.amendmentVersionMax),
  programmeId: programmeIdCodec,
  gridId: elementIdCodec,
  aggregatorId: participantIdCodec,
  participantId: participantIdCodec,
  rewardMicroPerKvarh: microPerKwhCodec,
  aggregatorSharePpm: ppmCodec,
  slots: array(settledSupportSlotCodec, limits.eventSlotsMax, 1),
  /** What is left of the budget, with what earlier versions have taken. */
  budgetMicro: microCodec,
  /** What all slots are worth, and the part of it that the aggregator keeps. */
  grossMicro: microCodec,
  shareMicro: microCodec,
  /** What was paid over all versions: to the prosumer, and to the aggregator beside that. */
  rewardMicro: microCodec,
  aggregatorMicro: microCodec,
  /** What the rule asks for beyond the budget: not posted. */
  uncoveredMicro: microCodec,
  /** What earlier versions paid that this one would not: it is not taken back. */
  overpaidMicro: microCodec,
  flows: array(flexFlowCodec, 2),
});
export type VoltageSettlement = TypeOf<typeof voltageSettlementCodec>;
