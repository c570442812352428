import { array, boolean, integer, nullable, object } from '../decode';
import { orderIdCodec, sessionIdCodec } from '../ids';
import { limits } from '../limits';
import { clearingCodec, tradeCodec, tradePairsCodec } from '../market/rows';
import { microCodec } from '../units';
import { commandFields, listAnswer, pageFields } from './common';
import { exampleCommandId, exampleOrderId, exampleSessionId } from './examples';
import { evaluateSpec, submitSpec } from './transaction-spec';

const contract = 'market';

const sessionFields = { sessionId: sessionIdCodec };
const sessionCommandCodec = object({ ...commandFields, ...sessionFields });
const sessionCommandExample = { commandId: exampleCommandId, sessionId: exampleSessionId };
const sessionQueryExample = { sessionId: exampleSessionId };

/** The transactions of the contract `market` that open seals, clear and apply what comes out. */
export const clearingTransactions = {
  publishOrders: submitSpec(contract, 'publishOrders', {
    roles: ['market', 'dso', 'tso', 'regulator'],
    request: object({
      ...commandFields,
      ...sessionFields,
      orderIds: array(orderIdCodec, limits.ordersPerPublishMax, 1),
    }),
    response: object({
      published: integer(0, limits.ordersPerPublishMax),
      void: integer(0, limits.ordersPerPublishMax),
      /** Orders that had been published, withdrawn or voided before. */
      already: integer(0, limits.ordersPerPublishMax),
    }),
    collection: 'orders',
    errors: [
      'MARKET_SESSION_UNKNOWN',
      'MARKET_ALREADY_CLEARED',
      'MARKET_SESSION_NOT_CLOSED',
      'MARKET_PUBLISH_DEADLINE_PASSED',
      'MARKET_ORDER_TWICE',
      'MARKET_ORDER_UNKNOWN',
      'MARKET_ORDER_VALUES_ABSENT',
    ],
    facts: ['OrdersPublished'],
    summary: 'Opens the seals of up to 250 orders of a closed session; an order that breaks a rule becomes void.',
    example: { ...sessionCommandExample, orderIds: [exampleOrderId] },
  }),
  clear: submitSpec(contract, 'clear', {
    roles: ['market', 'regulator'],
    request: sessionCommandCodec,
    response: clearingCodec,
    errors: [
      'MARKET_SESSION_UNKNOWN',
      'MARKET_ALREADY_CLEARED',
      'MARKET_SESSION_NOT_CLOSED',
      'MARKET_ORDERS_UNPUBLISHED',
      'MARKET_CLEARING_NOT_REQUESTED',
      'MARKET_ANSWER_PENDING',
    ],
    facts: ['SessionCleared'],
    summary:
      'Clears a closed session, proven to be the optimum: one price per interval, and per zone where limits bind.',
    example: sessionCommandExample,
  }),
  applyClearing: submitSpec(contract, 'applyClearing', {
    roles: ['market', 'regulator'],
    request: object({ ...commandFields, ...sessionFields, chunk: integer(0, 9_999) }),
    response: object({
      chunk: integer(0, 9_999),
      chunks: integer(0, 9_999),
      trades: integer(0, limits.ordersPerCallMax * limits.participantsPerApplyMax),
      positions: integer(0, limits.sessionIntervalsMax * limits.participantsPerApplyMax),
      releasedMicro: microCodec,
      /** True once every chunk is applied and the session can be settled. */
      applied: boolean,
    }),
    errors: ['MARKET_SESSION_UNKNOWN', 'MARKET_SESSION_NOT_CLEARED', 'MARKET_CHUNK_UNKNOWN', 'MARKET_CHUNK_ORDER'],
    facts: ['ClearingApplied', 'DeliverySignalled'],
    summary:
      'Writes the trades and positions of one chunk of participants and releases the collateral they no longer need.',
    example: { ...sessionCommandExample, chunk: 0 },
  }),
  getClearing: evaluateSpec(contract, 'getClearing', {
    roles: 'anyone',
    request: object(sessionFields),
    response: object({ clearing: nullable(clearingCodec) }),
    errors: ['MARKET_SESSION_UNKNOWN'],
    summary: 'Answers the clearing of a session, or null before it.',
    example: sessionQueryExample,
  }),
  listTrades: evaluateSpec(contract, 'listTrades', {
    roles: 'anyone',
    request: object({ ...sessionFields, ...pageFields }),
    response: listAnswer(tradeCodec),
    errors: ['MARKET_SESSION_UNKNOWN'],
    summary: 'Lists the trades of a session by interval and order.',
    example: sessionQueryExample,
  }),
  listPairs: evaluateSpec(contract, 'listPairs', {
    roles: 'anyone',
    request: object({ ...sessionFields, ...pageFields }),
    response: listAnswer(tradePairsCodec),
    errors: ['MARKET_SESSION_UNKNOWN'],
    summary:
      'Lists who trades with whom, in the intervals in which an order has a wish; no price and no energy hangs on it.',
    example: sessionQueryExample,
  }),
} as const;
