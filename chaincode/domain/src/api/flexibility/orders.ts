import { nullable, object, optional } from '../../decode';
import { elementIdCodec, freeTextCodec } from '../../field-codecs';
import { flexOfferIdCodec, flexOrderIdCodec } from '../../flexibility/ids';
import { flexOrderCodec, orderedIspsCodec } from '../../flexibility/order/rows';
import { microCodec, ppmCodec } from '../../units';
import { commandFields } from '../common';
import { exampleCommandId } from '../examples';
import { signatureErrors, signedExample, signedFields } from '../signed';
import { evaluateSpec, submitSpec } from '../transaction-spec';
import { examplePeriodSlot, flexibilityContract as contract, listAtPlace } from './common';
import { exampleOfferId } from './offers';

export const exampleFlexOrderId = '01f0rder00000000000000000a';

const orderFields = {
  offerId: flexOfferIdCodec,
  optionRef: elementIdCodec,
  activationFactorPpm: ppmCodec,
  /** What the one who orders takes the option to come to at this factor; the contract works it out and refuses anything else. */
  isps: orderedIspsCodec,
  priceMicro: microCodec,
  orderReference: optional(freeTextCodec),
};
const exampleOrder = {
  offerId: exampleOfferId,
  optionRef: 'batteries',
  activationFactorPpm: '800000',
  isps: [{ slot: examplePeriodSlot + 72, direction: 'reduce', powerW: '16000' }],
  priceMicro: '4000000',
} as const;
const orderErrors = [
  'FLEX_REFERENCE_EXPIRED',
  'FLEX_REFERENCE_REVOKED',
  'FLEX_ACTIVATION_FACTOR',
  'FLEX_PROCURED',
  'FLEX_OPTION_UNKNOWN',
  'FLEX_ISP_MISMATCH',
  'FLEX_POWER_MISMATCH',
  'FLEX_PRICE_MISMATCH',
  'FLEX_NOTICE_SHORT',
  'FLEX_COVER_SHORT',
] as const;

/** The transactions of the contract `flexibility` by which offers are ordered. */
export const flexOrderTransactions = {
  orderFlexibility: submitSpec(contract, 'orderFlexibility', {
    roles: ['dso'],
    request: object({ ...commandFields, ...orderFields }),
    response: flexOrderCodec,
    errors: [
      'FLEX_OFF',
      'FLEX_NOT_GRID_OPERATOR',
      'FLEX_DUPLICATE_IDENTIFIER',
      'FLEX_REFERENCE_UNKNOWN',
      'FLEX_NOT_PARTY',
      ...orderErrors,
      'FLEX_FUND_SHORT',
    ],
    facts: ['FlexOrdered', 'RegimeChanged'],
    summary: 'Orders an option of an offer, wholly or in part; an order is final.',
    example: { commandId: exampleCommandId, ...exampleOrder },
  }),
  orderIncrease: submitSpec(contract, 'orderIncrease', {
    roles: ['market'],
    request: object({ ...signedFields, ...orderFields }),
    response: flexOrderCodec,
    errors: [
      ...signatureErrors,
      'FLEX_OFF',
      'FLEX_DUPLICATE_IDENTIFIER',
      'FLEX_REFERENCE_UNKNOWN',
      'FLEX_NOT_PARTY',
      ...orderErrors,
      'ACCOUNTS_BALANCE_TOO_LOW',
    ],
    facts: ['FlexOrdered'],
    summary: 'Orders an option of an offer to the request of a producer, as orderFlexibility does.',
    example: { ...signedExample, ...exampleOrder },
  }),
  getFlexOrder: evaluateSpec(contract, 'getFlexOrder', {
    roles: 'anyone',
    request: object({ orderId: flexOrderIdCodec }),
    response: object({ order: nullable(flexOrderCodec) }),
    errors: [],
    summary: 'Answers an order of flexibility, or null.',
    example: { orderId: exampleFlexOrderId },
  }),
  listFlexOrders: listAtPlace(
    'listFlexOrders',
    flexOrderCodec,
    'Lists the orders at a congestion point on a local day, whoever placed them.',
  ),
} as const;
