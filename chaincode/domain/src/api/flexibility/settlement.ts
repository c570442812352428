import { integer, nullable, object, optional } from '../../decode';
import { elementIdCodec, freeTextCodec } from '../../field-codecs';
import { flexOrderIdCodec } from '../../flexibility/ids';
import { flexCoverCodec } from '../../flexibility/settlement/cover';
import { flexibilityFundCodec, flexSettlementCodec } from '../../flexibility/settlement/rows';
import { limits } from '../../limits';
import { microCodec } from '../../units';
import { commandFields } from '../common';
import { exampleCommandId } from '../examples';
import { evaluateSpec, submitSpec } from '../transaction-spec';

const contract = 'flexibility';
const exampleFlexOrderId = '01f1ex0rder000000000000000';

/** The transactions of the contract `flexibility` about money: what is paid in for flexibility, and the settlement of orders. */
export const flexSettlementTransactions = {
  fundFlexibility: submitSpec(contract, 'fundFlexibility', {
    roles: ['market'],
    request: object({ ...commandFields, gridId: elementIdCodec, amountMicro: microCodec, reference: freeTextCodec }),
    response: flexibilityFundCodec,
    errors: ['GRID_UNKNOWN', 'ACCOUNTS_AMOUNT_ZERO', 'ACCOUNTS_BALANCE_TOO_HIGH'],
    facts: ['FlexibilityFunded'],
    summary: 'Issues money that the system operator of a grid has paid in for flexibility.',
    example: { commandId: exampleCommandId, gridId: 'street', amountMicro: '50000000', reference: 'Transfer 4713' },
  }),
  settleFlexibility: submitSpec(contract, 'settleFlexibility', {
    roles: ['aggregator', 'dso', 'market', 'community'],
    request: object({ ...commandFields, orderId: flexOrderIdCodec }),
    response: flexSettlementCodec,
    errors: ['FLEX_REFERENCE_UNKNOWN', 'FLEX_SETTLEMENT_OPEN', 'FLEX_FUND_TOO_SMALL', 'ACCOUNTS_BALANCE_TOO_LOW'],
    facts: ['FlexSettled'],
    summary: 'Settles an order by the rule of UFTP and shares inside its portfolio; again after a late reading.',
    example: { commandId: exampleCommandId, orderId: exampleFlexOrderId },
  }),
  releaseFlexCover: submitSpec(contract, 'releaseFlexCover', {
    roles: ['aggregator', 'dso', 'market'],
    request: object({ ...commandFields, orderId: flexOrderIdCodec }),
    response: flexCoverCodec,
    errors: [
      'FLEX_REFERENCE_UNKNOWN',
      'FLEX_COVER_UNKNOWN',
      'FLEX_COVER_RELEASED',
      'FLEX_COVER_HELD',
      'ACCOUNTS_BALANCE_TOO_HIGH',
    ],
    facts: ['FlexCoverReleased'],
    summary:
      'Gives back what the settlements of an order have left of its cover, once late readings do not count any more.',
    example: { commandId: exampleCommandId, orderId: exampleFlexOrderId },
  }),
  getFlexCover: evaluateSpec(contract, 'getFlexCover', {
    roles: 'anyone',
    request: object({ orderId: flexOrderIdCodec }),
    response: object({ cover: nullable(flexCoverCodec) }),
    errors: [],
    summary: 'Answers what is set aside for an order, or null.',
    example: { orderId: exampleFlexOrderId },
  }),
  getFlexSettlement: evaluateSpec(contract, 'getFlexSettlement', {
    roles: 'anyone',
    request: object({ orderId: flexOrderIdCodec, version: optional(integer(1, limits.amendmentVersionMax)) }),
    response: flexSettlementCodec,
    errors: ['FLEX_SETTLEMENT_UNKNOWN'],
    summary:
      'Answers a settlement of an order with everything that it was made from; the last version where none is named.',
    example: { orderId: exampleFlexOrderId },
  }),
  getFlexibilityFund: evaluateSpec(contract, 'getFlexibilityFund', {
    roles: 'anyone',
    request: object({ gridId: elementIdCodec }),
    response: flexibilityFundCodec,
    errors: [],
    summary: 'Answers what of the money that was paid in for flexibility in a grid is left.',
    example: { gridId: 'street' },
  }),
} as const;
