import { array, boolean, integer, nullable, object, oneOf, optional } from '../decode';
import { digestCodec } from '../field-codecs';
import { meterIdCodec, requestIdCodec } from '../ids';
import { limits } from '../limits';
import { answerFields, answerHeadCodec, computationCodec, computationFields, seriesCodec } from '../oracle/rows';
import { clearingAnswerTransactions } from './clearing-answers';
import { commandFields, listAnswer, pageFields } from './common';
import { exampleCommandId, exampleDigest, exampleMeterId } from './examples';
import { evaluateSpec, submitSpec } from './transaction-spec';

const contract = 'oracle';

const requestFields = { requestId: requestIdCodec };
const requestExample = { requestId: exampleCommandId };
const quantilesExample = { p10: ['90'], p50: ['120'], p90: ['180'] };

/** The transactions of the contract `oracle`. */
export const oracleTransactions = {
  ...clearingAnswerTransactions,
  requestComputation: submitSpec(contract, 'requestComputation', {
    roles: ['aggregator', 'market', 'dso'],
    request: object({ ...commandFields, ...computationFields }),
    response: computationCodec,
    errors: ['METER_UNKNOWN', 'ORACLE_METER_TWICE', 'ORACLE_PERIOD', 'ORACLE_HISTORY_NOT_ENDED', 'ORACLE_PERIOD_BEGUN'],
    facts: ['ComputationRequested'],
    summary:
      'Asks the oracles for a computation over readings that the request freezes; its id is that of the command.',
    example: {
      commandId: exampleCommandId,
      service: 'forecast-day-ahead',
      version: '1',
      meterIds: [exampleMeterId],
      firstSlot: 1_626_044,
      intervals: 24,
      intervalSlots: 4,
      historyFromSlot: 1_625_276,
      historyToSlot: 1_625_996,
      expirySlot: 1_626_016,
    },
  }),
  answer: submitSpec(contract, 'answer', {
    roles: ['oracle'],
    request: object({ ...commandFields, ...answerFields }),
    response: object({
      ...requestFields,
      answerDigest: digestCodec,
      received: integer(1, limits.answerChunksMax),
      chunks: integer(1, limits.answerChunksMax),
      complete: boolean,
    }),
    errors: [
      'ORACLE_NOT_APPROVED',
      'ORACLE_REQUEST_UNKNOWN',
      'ORACLE_REQUEST_CLOSED',
      'ORACLE_REQUEST_EXPIRED',
      'ORACLE_PERIOD_BEGUN',
      'ORACLE_SERVICE_MISMATCH',
      'ORACLE_DATA_MISMATCH',
      'ORACLE_ANSWER_TOO_LARGE',
      'ORACLE_CHUNK_INVALID',
      'ORACLE_CHUNK_EXISTS',
      'ORACLE_ANSWER_SHAPE',
      'ORACLE_ANSWER_LIMIT',
      'ORACLE_ANSWER_QUANTILES',
      'ORACLE_ANSWER_DIGEST',
    ],
    facts: ['ComputationAnswered'],
    summary: 'Files one chunk of an answer; with its last chunk the first complete answer settles the request.',
    example: {
      commandId: exampleCommandId,
      ...requestExample,
      service: 'forecast-day-ahead',
      version: '1',
      model: 'mean-7-latest',
      dataDigest: exampleDigest,
      chunk: 0,
      chunks: 1,
      answerDigest: exampleDigest,
      series: [{ meterId: exampleMeterId, importWh: quantilesExample, exportWh: quantilesExample }],
    },
  }),
  expire: submitSpec(contract, 'expire', {
    roles: 'anyone',
    request: object({ ...commandFields, ...requestFields }),
    response: computationCodec,
    errors: ['ORACLE_REQUEST_UNKNOWN', 'ORACLE_REQUEST_CLOSED', 'ORACLE_NOT_EXPIRED'],
    facts: ['ComputationExpired'],
    summary: 'Closes a request that nobody answered in time; its fallback applies.',
    example: { commandId: exampleCommandId, ...requestExample },
  }),
  getRequest: evaluateSpec(contract, 'getRequest', {
    roles: 'anyone',
    request: object(requestFields),
    response: computationCodec,
    errors: ['ORACLE_REQUEST_UNKNOWN'],
    summary: 'Answers a computation request.',
    example: requestExample,
  }),
  listRequests: evaluateSpec(contract, 'listRequests', {
    roles: 'anyone',
    request: object({ state: optional(oneOf('OPEN', 'ANSWERED', 'EXPIRED')), ...pageFields }),
    response: listAnswer(computationCodec),
    errors: [],
    summary: 'Lists computation requests, all or those of one state.',
    example: { state: 'OPEN' },
  }),
  getForecast: evaluateSpec(contract, 'getForecast', {
    roles: 'anyone',
    request: object({ ...requestFields, meterId: optional(meterIdCodec) }),
    response: object({
      request: computationCodec,
      /** The head of the answer that counts, or null before there is one. */
      answer: nullable(answerHeadCodec),
      series: array(seriesCodec, limits.forecastMetersMax),
    }),
    errors: ['ORACLE_REQUEST_UNKNOWN'],
    summary: 'Answers the forecast that a request led to, for all its meters or for one.',
    example: requestExample,
  }),
} as const;
