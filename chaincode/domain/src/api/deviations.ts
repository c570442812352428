import { array, integer, object } from '../decode';
import { elementIdCodec } from '../field-codecs';
import { participantIdCodec } from '../ids';
import { limits } from '../limits';
import { deliveryCodec } from '../settlement/delivery';
import { imbalancePriceCodec } from '../settlement/imbalance';
import { slotCodec } from '../time';
import { signedMicroPerKwhCodec } from '../units';
import { commandFields, countAnswerCodec } from './common';
import { exampleCommandId, exampleParticipantId } from './examples';
import { evaluateSpec, submitSpec } from './transaction-spec';

const contract = 'accounts';

const slotsField = integer(1, limits.slotsPerQueryMax);

/** The transactions of the contract `accounts` about deviations and what they cost. */
export const deviationTransactions = {
  fileImbalancePrices: submitSpec(contract, 'fileImbalancePrices', {
    roles: ['market', 'dso'],
    request: object({
      ...commandFields,
      gridId: elementIdCodec,
      fromSlot: slotCodec,
      /** One price for each quarter hour from there; a price may be below zero. */
      pricesMicroPerKwh: array(signedMicroPerKwhCodec, limits.imbalancePricesPerCallMax, 1),
    }),
    response: countAnswerCodec,
    errors: ['GRID_UNKNOWN', 'ACCOUNTS_IMBALANCE_PRICE_LATE', 'ACCOUNTS_IMBALANCE_PRICE_FILED'],
    facts: ['ImbalancePricesFiled'],
    summary: 'Files the imbalance prices of quarter hours of a grid, each once and at most a day after its slot.',
    example: {
      commandId: exampleCommandId,
      gridId: 'rural-1',
      fromSlot: 1_626_044,
      pricesMicroPerKwh: ['138030', '-45900'],
    },
  }),
  getImbalancePrices: evaluateSpec(contract, 'getImbalancePrices', {
    roles: 'anyone',
    request: object({ gridId: elementIdCodec, fromSlot: slotCodec, slots: slotsField }),
    response: object({ prices: array(imbalancePriceCodec, limits.slotsPerQueryMax) }),
    errors: [],
    summary: 'Answers the imbalance prices that were filed for up to a day of quarter hours.',
    example: { gridId: 'rural-1', fromSlot: 1_626_044, slots: 96 },
  }),
  getDelivery: evaluateSpec(contract, 'getDelivery', {
    roles: 'anyone',
    request: object({
      participantId: participantIdCodec,
      gridId: elementIdCodec,
      fromSlot: slotCodec,
      slots: slotsField,
    }),
    response: object({ slots: array(deliveryCodec, limits.slotsPerQueryMax) }),
    errors: ['PARTICIPANT_UNKNOWN'],
    summary: 'Answers plan against meters of a participant, quarter hour by quarter hour, before they are settled too.',
    example: { participantId: exampleParticipantId, gridId: 'rural-1', fromSlot: 1_626_044, slots: 4 },
  }),
} as const;
