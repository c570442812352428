import { integer, nullable, object } from '../decode';
import { elementIdCodec } from '../field-codecs';
import { sessionIdCodec } from '../ids';
import { contractFlowCodec } from '../market/bilateral/rows';
import { clearingRequestCodec } from '../market/grid-session/clearing-request';
import { gridOutcomeCodec } from '../market/grid-session/outcome';
import { sessionFlowCodec } from '../market/grid-session/session-flow';
import { gridTermsCodec, gridTermsFields } from '../market/grid-session/terms';
import { intervalCodec, orderSetCodec } from '../market/rows';
import { slotCodec } from '../time';
import { commandFields, listAnswer, pageFields } from './common';
import { exampleCommandId, exampleSessionId } from './examples';
import { evaluateSpec, submitSpec } from './transaction-spec';

const contract = 'market';

const sessionFields = { sessionId: sessionIdCodec };
const sessionExample = { sessionId: exampleSessionId };

/** The transactions of the contract `market` that are about clearing with the limits of the grid. */
export const gridMarketTransactions = {
  setGridTerms: submitSpec(contract, 'setGridTerms', {
    roles: ['dso'],
    request: object({ ...commandFields, ...gridTermsFields }),
    response: gridTermsCodec,
    errors: ['GRID_UNKNOWN', 'GRID_ID_TWICE', 'GRID_REFERENCE', 'GRID_TERMS_NUMBER', 'GRID_TERMS_INVALID'],
    facts: ['GridTermsSet'],
    summary: 'States fees, losses and limits by quarter hour of a grid, for sessions that are opened afterwards.',
    example: {
      commandId: exampleCommandId,
      gridId: 'rural-1',
      number: 1,
      charges: [{ busId: 'bus-2', buyFeeMicroPerKwh: '20000', sellFeeMicroPerKwh: '0', lossPpm: '15000' }],
      limits: [{ elementId: 'line-1', fromSlot: 1_626_092, toSlot: 1_626_100, exportLimitW: '45000' }],
    },
  }),
  getGridTerms: evaluateSpec(contract, 'getGridTerms', {
    roles: 'anyone',
    request: object({ gridId: elementIdCodec, number: integer(0, 1_000_000) }),
    response: object({ terms: nullable(gridTermsCodec) }),
    errors: [],
    summary: 'Answers the terms of a grid by their number, or with 0 the last ones; null where there are none.',
    example: { gridId: 'rural-1', number: 0 },
  }),
  requestClearing: submitSpec(contract, 'requestClearing', {
    roles: ['market', 'dso', 'tso', 'regulator'],
    request: object({
      ...commandFields,
      ...sessionFields,
      /** The first slot in which no answer is taken and the contract clears by itself. */
      expirySlot: slotCodec,
    }),
    response: clearingRequestCodec,
    errors: [
      'MARKET_SESSION_UNKNOWN',
      'MARKET_ALREADY_CLEARED',
      'MARKET_SESSION_NOT_CLOSED',
      'MARKET_ORDERS_UNPUBLISHED',
      'MARKET_CLEARING_WITHOUT_LIMITS',
      'MARKET_CLEARING_REQUESTED',
      'MARKET_CLEARING_EXPIRY',
    ],
    facts: ['ClearingRequested'],
    summary: 'Asks the oracles which limits of the grid bind in a closed session whose orders are published.',
    example: { commandId: exampleCommandId, ...sessionExample, expirySlot: 1_626_016 },
  }),
  getClearingRequest: evaluateSpec(contract, 'getClearingRequest', {
    roles: 'anyone',
    request: object(sessionFields),
    response: object({ request: nullable(clearingRequestCodec) }),
    errors: [],
    summary: 'Answers the request for the clearing of a session, or null before it.',
    example: sessionExample,
  }),
  getGridOutcome: evaluateSpec(contract, 'getGridOutcome', {
    roles: 'anyone',
    request: object({ ...sessionFields, interval: intervalCodec }),
    response: object({ outcome: nullable(gridOutcomeCodec) }),
    errors: [],
    summary: 'Answers zones, prices and binding limits of an interval, or null where the session has none.',
    example: { ...sessionExample, interval: 12 },
  }),
  listOrderSets: evaluateSpec(contract, 'listOrderSets', {
    roles: 'anyone',
    request: object({ ...sessionFields, ...pageFields }),
    response: listAnswer(orderSetCodec),
    errors: ['MARKET_SESSION_UNKNOWN'],
    summary: 'Lists who has placed orders in a session, and where.',
    example: sessionExample,
  }),
  listContractFlows: evaluateSpec(contract, 'listContractFlows', {
    roles: 'anyone',
    request: object({ gridId: elementIdCodec, hour: slotCodec, ...pageFields }),
    response: listAnswer(contractFlowCodec),
    errors: [],
    summary: 'Lists what contracts between two carry through a grid in the hour that begins in a slot.',
    example: { gridId: 'rural-1', hour: 1_626_044 },
  }),
  listClearedFlows: evaluateSpec(contract, 'listClearedFlows', {
    roles: 'anyone',
    request: object({ gridId: elementIdCodec, hour: slotCodec, ...pageFields }),
    response: listAnswer(sessionFlowCodec),
    errors: [],
    summary: 'Lists what cleared sessions with limits carry through a grid in the hour that begins in a slot.',
    example: { gridId: 'rural-1', hour: 1_626_044 },
  }),
} as const;
