import { integer, nullable, object, optional } from '../../decode';
import { elementIdCodec } from '../../field-codecs';
import { voltageBudgetCodec, voltageSettlementCodec } from '../../flexibility/voltage/settlement-rows';
import { commandIdCodec, programmeIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { microCodec } from '../../units';
import { commandFields } from '../common';
import { exampleCommandId } from '../examples';
import { evaluateSpec, submitSpec } from '../transaction-spec';

const contract = 'flexibility';
const placeFields = { programmeId: programmeIdCodec, gridId: elementIdCodec };
const examplePlace = { programmeId: '01pr0gramme000000000000000', gridId: 'rural-1' };

/** The transactions of the contract `flexibility` by which voltage support is paid for. */
export const voltageSettlementTransactions = {
  grantVoltageBudget: submitSpec(contract, 'grantVoltageBudget', {
    roles: ['dso'],
    request: object({ ...commandFields, ...placeFields, firstSlot: slotCodec, amountMicro: microCodec }),
    response: voltageBudgetCodec,
    errors: [
      'FLEX_PROGRAMME_UNKNOWN',
      'FLEX_NOT_GRID_OPERATOR',
      'FLEX_EVENT_DIRECTION',
      'FLEX_VOLTAGE_GRID',
      'FLEX_VOLTAGE_BUDGET_RELEASED',
      'FLEX_FUND_SHORT',
      'ACCOUNTS_AMOUNT_ZERO',
      'ACCOUNTS_BALANCE_TOO_HIGH',
    ],
    facts: ['VoltageBudgetGranted'],
    summary:
      'Sets aside of the fund of a grid what a programme of voltage support may cost there, from a slot on; again for more.',
    example: { commandId: exampleCommandId, ...examplePlace, firstSlot: 1_626_044, amountMicro: '20000000' },
  }),
  settleVoltage: submitSpec(contract, 'settleVoltage', {
    roles: ['aggregator', 'dso', 'market', 'community'],
    request: object({ ...commandFields, supportId: commandIdCodec }),
    response: voltageSettlementCodec,
    errors: [
      'FLEX_VOLTAGE_UNKNOWN',
      'FLEX_VOLTAGE_UNPAID',
      'FLEX_VOLTAGE_OPEN',
      'FLEX_VOLTAGE_NO_BUDGET',
      'FLEX_VOLTAGE_BUDGET_RELEASED',
      'FLEX_VOLTAGE_UNTRACKED',
    ],
    facts: ['VoltageSupportSettled'],
    summary: 'Pays for the reactive energy that voltage support was tracked with; again after a late reading.',
    example: { commandId: exampleCommandId, supportId: exampleCommandId },
  }),
  releaseVoltageBudget: submitSpec(contract, 'releaseVoltageBudget', {
    roles: ['aggregator', 'dso', 'market'],
    request: object({ ...commandFields, ...placeFields }),
    response: voltageBudgetCodec,
    errors: [
      'FLEX_PROGRAMME_UNKNOWN',
      'FLEX_VOLTAGE_NO_BUDGET',
      'FLEX_VOLTAGE_BUDGET_RELEASED',
      'FLEX_VOLTAGE_BUDGET_HELD',
    ],
    facts: ['VoltageBudgetReleased'],
    summary:
      'Gives what is left of the budget back to the fund, once late readings of the programme do not count any more.',
    example: { commandId: exampleCommandId, ...examplePlace },
  }),
  getVoltageBudget: evaluateSpec(contract, 'getVoltageBudget', {
    roles: 'anyone',
    request: object(placeFields),
    response: object({ budget: nullable(voltageBudgetCodec) }),
    errors: [],
    summary: 'Answers what is set aside for a programme of voltage support in a grid, or null.',
    example: examplePlace,
  }),
  getVoltageSettlement: evaluateSpec(contract, 'getVoltageSettlement', {
    roles: 'anyone',
    request: object({ supportId: commandIdCodec, version: optional(integer(1, limits.amendmentVersionMax)) }),
    response: voltageSettlementCodec,
    errors: ['FLEX_SETTLEMENT_UNKNOWN'],
    summary: 'Answers a settlement of voltage support; the last version where none is named.',
    example: { supportId: exampleCommandId },
  }),
} as const;
