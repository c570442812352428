import { boolean, integer, object, oneOf, optional } from '../decode';
import { digestCodec } from '../field-codecs';
import { sessionIdCodec } from '../ids';
import { limits } from '../limits';
import { clearingAnswerFields, clearingRequestCodec } from '../market/grid-session/clearing-request';
import { commandFields, listAnswer, pageFields } from './common';
import { exampleCommandId, exampleDigest, exampleSessionId } from './examples';
import { evaluateSpec, submitSpec } from './transaction-spec';

const contract = 'oracle';

/** The transactions of the contract `oracle` that are about clearings with the limits of a grid. */
export const clearingAnswerTransactions = {
  answerClearing: submitSpec(contract, 'answerClearing', {
    roles: ['oracle'],
    request: object({ ...commandFields, ...clearingAnswerFields }),
    response: object({
      sessionId: sessionIdCodec,
      answerDigest: digestCodec,
      received: integer(1, limits.answerChunksMax),
      chunks: integer(1, limits.answerChunksMax),
      complete: boolean,
    }),
    errors: [
      'MARKET_CLEARING_LIMIT_TWICE',
      'MARKET_CLEARING_LIMIT_UNKNOWN',
      'MARKET_CLEARING_ROWS_UNSUPPORTED',
      'MARKET_CLEARING_LIMIT_NOT_REACHED',
      'MARKET_CLEARING_LIMIT_EXCEEDED',
      'MARKET_CLEARING_LIMIT_NOT_NEEDED',
      'MARKET_CLEARING_ROW_EXCEEDED',
      'ORACLE_NOT_APPROVED',
      'ORACLE_REQUEST_UNKNOWN',
      'ORACLE_REQUEST_CLOSED',
      'ORACLE_REQUEST_EXPIRED',
      'ORACLE_DATA_MISMATCH',
      'ORACLE_ANSWER_TOO_LARGE',
      'ORACLE_CHUNK_INVALID',
      'ORACLE_CHUNK_EXISTS',
      'ORACLE_ANSWER_SHAPE',
      'ORACLE_ANSWER_DIGEST',
      'ORACLE_ANSWER_MISSTATED',
    ],
    facts: ['ClearingAnswered'],
    summary:
      'Files one chunk of an answer to a request for a clearing; each interval of it is derived and proven before it counts.',
    example: {
      commandId: exampleCommandId,
      sessionId: exampleSessionId,
      service: 'clearing-grid',
      version: '1',
      solver: 'highs 1.15.1',
      dataDigest: exampleDigest,
      answerDigest: exampleDigest,
      chunks: 1,
      chunk: 0,
      intervals: [
        {
          interval: 0,
          bindingLimits: [{ id: 'transformer', direction: 'backward', shadowPriceMicroPerKwh: '12000' }],
          marginalOrderIds: [],
          tradedWh: '84000',
          welfareMicro: '5120000',
        },
      ],
    },
  }),
  listClearingRequests: evaluateSpec(contract, 'listClearingRequests', {
    roles: 'anyone',
    request: object({ state: optional(oneOf('OPEN', 'ANSWERED')), ...pageFields }),
    response: listAnswer(clearingRequestCodec),
    errors: [],
    summary: 'Lists requests for clearings with limits, all or those of one state.',
    example: { state: 'OPEN' },
  }),
} as const;
