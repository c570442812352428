import { array, integer, nullable, object, optional } from '../decode';
import { elementIdCodec } from '../field-codecs';
import { orderIdCodec, participantIdCodec, sessionIdCodec } from '../ids';
import { limits } from '../limits';
import { orderCodec, orderContentCodec, orderSetCodec, sealedOrderCodec, sessionCodec } from '../market/rows';
import { sessionPhaseCodec } from '../market/session-phase';
import { sessionKindCodec } from '../rule-set/products';
import { slotCodec } from '../time';
import { microCodec } from '../units';
import { commandFields, listAnswer, pageFields } from './common';
import { exampleCommandId, exampleDigest, exampleOrderId, exampleParticipantId, exampleSessionId } from './examples';
import { signatureErrors, signedExample, signedFields } from './signed';
import { evaluateSpec, privateSubmitSpec, submitSpec } from './transaction-spec';

const contract = 'market';

const sessionFields = { sessionId: sessionIdCodec };
const sessionCommandCodec = object({ ...commandFields, ...sessionFields });
const sessionCommandExample = { commandId: exampleCommandId, sessionId: exampleSessionId };
const sessionQueryExample = { sessionId: exampleSessionId };

/** The transactions of the contract `market` that are about sessions and the orders in them. */
export const sessionTransactions = {
  openSession: submitSpec(contract, 'openSession', {
    roles: ['market'],
    request: object({
      ...commandFields,
      sessionId: sessionIdCodec,
      kind: sessionKindCodec,
      gridId: elementIdCodec,
      firstSlot: slotCodec,
      intervals: integer(1, limits.sessionIntervalsMax),
      gateOpenSlot: optional(slotCodec),
      gateCloseSlot: slotCodec,
      publishDeadlineSlot: slotCodec,
    }),
    response: sessionCodec,
    errors: [
      'GRID_UNKNOWN',
      'MARKET_PRODUCT_UNKNOWN',
      'MARKET_SESSION_EXISTS',
      'MARKET_SESSION_INTERVALS',
      'MARKET_SESSION_PERIOD',
      'MARKET_SESSION_OVERLAP',
      'MARKET_GATE_PASSED',
    ],
    facts: ['SessionOpened'],
    summary: 'Opens a session of a product of the rule set in force; orders are taken until its gate closes.',
    example: {
      commandId: exampleCommandId,
      sessionId: exampleSessionId,
      kind: 'day-ahead',
      gridId: 'rural-1',
      firstSlot: 1_626_044,
      intervals: 24,
      gateCloseSlot: 1_626_020,
      publishDeadlineSlot: 1_626_032,
    },
  }),
  placeOrders: privateSubmitSpec(contract, 'placeOrders', {
    roles: ['community', 'market'],
    request: object({
      ...signedFields,
      ...sessionFields,
      collateralMicro: microCodec,
      /** Where it trades, in a grid with limits in which it has meters at several buses. */
      busId: optional(elementIdCodec),
      sealed: array(sealedOrderCodec, limits.ordersPerCallMax, 1),
    }),
    transient: { key: 'orders', codec: object({ orders: array(orderContentCodec, limits.ordersPerCallMax, 1) }) },
    collection: 'orders',
    response: object({
      ...sessionFields,
      participantId: participantIdCodec,
      orders: integer(1, limits.ordersPerCallMax),
      collateralMicro: microCodec,
      availableMicro: microCodec,
    }),
    errors: [
      ...signatureErrors,
      'MARKET_SESSION_UNKNOWN',
      'MARKET_GATE_NOT_OPEN',
      'MARKET_GATE_PASSED',
      'MARKET_SESSION_NOT_OPEN',
      'MARKET_ORDERS_ALREADY_PLACED',
      'MARKET_ORDERS_REPLACED_TOO_OFTEN',
      'MARKET_COLLATERAL_KEPT',
      'MARKET_BUS_UNKNOWN',
      'MARKET_BUS_AMBIGUOUS',
      'MARKET_NOT_IN_DAY_AHEAD',
      'MARKET_ORDERS_MISMATCH',
      'MARKET_ORDER_TWICE',
      'MARKET_ORDERS_TOO_MANY',
      'MARKET_COMMITMENT_MISMATCH',
      'MARKET_INTERVAL_UNKNOWN',
      'MARKET_PRICE_RANGE',
      'MARKET_PRICE_TICK',
      'MARKET_ENERGY_TOO_SMALL',
      'MARKET_BACKSTOP_PRICE',
      'MARKET_ENERGY_ABOVE_LIMIT',
      'MARKET_POSITION_ABOVE_LIMIT',
      'MARKET_SELF_TRADE',
      'MARKET_COLLATERAL_TOO_SMALL',
      'MARKET_EXPOSURE_ABOVE_LIMIT',
      'MARKET_ORDER_EXISTS',
      'COMMITMENTS_TOO_MANY',
      'COMMITMENTS_CAPACITY',
      'ACCOUNTS_BALANCE_TOO_LOW',
    ],
    facts: ['OrdersPlaced'],
    summary:
      "Places all of a participant's sealed orders in a session and locks their collateral, or replaces withdrawn ones.",
    example: {
      ...signedExample,
      sessionId: exampleSessionId,
      collateralMicro: '25000000',
      sealed: [{ orderId: exampleOrderId, commitment: exampleDigest }],
    },
  }),
  withdrawOrders: submitSpec(contract, 'withdrawOrders', {
    roles: ['community', 'market'],
    request: object({
      ...signedFields,
      ...sessionFields,
      orderIds: array(orderIdCodec, limits.ordersPerCallMax, 1),
    }),
    response: object({ withdrawn: integer(1, limits.ordersPerCallMax) }),
    collection: 'orders',
    errors: [
      ...signatureErrors,
      'MARKET_SESSION_UNKNOWN',
      'MARKET_GATE_NOT_OPEN',
      'MARKET_GATE_PASSED',
      'MARKET_SESSION_NOT_OPEN',
      'MARKET_ORDER_TWICE',
      'MARKET_ORDER_UNKNOWN',
      'MARKET_ORDER_NOT_OWN',
      'MARKET_ORDER_NOT_SEALED',
    ],
    facts: ['OrdersWithdrawn'],
    summary: 'Withdraws sealed orders before the gate closes; their collateral is released with the clearing.',
    example: {
      ...signedExample,
      sessionId: exampleSessionId,
      orderIds: [exampleOrderId],
    },
  }),
  closeSession: submitSpec(contract, 'closeSession', {
    roles: 'anyone',
    request: sessionCommandCodec,
    response: sessionCodec,
    errors: ['MARKET_SESSION_UNKNOWN', 'MARKET_SESSION_NOT_OPEN', 'MARKET_GATE_NOT_REACHED'],
    facts: ['SessionClosed'],
    summary: 'Closes a session once the slot of its gate has begun on the ledger clock.',
    example: sessionCommandExample,
  }),
  getSession: evaluateSpec(contract, 'getSession', {
    roles: 'anyone',
    request: object(sessionFields),
    response: sessionCodec,
    errors: ['MARKET_SESSION_UNKNOWN'],
    summary: 'Answers a session and its rule set.',
    example: sessionQueryExample,
  }),
  getSessionPhase: evaluateSpec(contract, 'getSessionPhase', {
    roles: 'anyone',
    request: object(sessionFields),
    response: object({ ...sessionFields, phase: sessionPhaseCodec, lastSlot: nullable(slotCodec) }),
    errors: ['MARKET_SESSION_UNKNOWN'],
    summary: 'Answers where a session is between the opening of its gate and its settlement, by the ledger clock.',
    example: sessionQueryExample,
  }),
  listOrders: evaluateSpec(contract, 'listOrders', {
    roles: 'anyone',
    request: object({ ...sessionFields, ...pageFields }),
    response: listAnswer(orderCodec),
    errors: ['MARKET_SESSION_UNKNOWN'],
    summary: 'Lists the orders of a session as the channel knows them.',
    example: sessionQueryExample,
  }),
  getOrderSet: evaluateSpec(contract, 'getOrderSet', {
    roles: 'anyone',
    request: object({ ...sessionFields, participantId: participantIdCodec }),
    response: object({ orderSet: nullable(orderSetCodec) }),
    errors: [],
    summary: 'Answers what a participant has placed and locked in a session, or null.',
    example: { sessionId: exampleSessionId, participantId: exampleParticipantId },
  }),
} as const;
