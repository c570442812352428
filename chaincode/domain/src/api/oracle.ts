import { array, boolean, integer, nullable, object, oneOf, optional } from '../decode';
import { digestCodec } from '../field-codecs';
import { meterIdCodec, requestIdCodec } from '../ids';
import { feedQuoteCodec } from '../feeds/rows';
import { limits } from '../limits';
import {
  answerFields,
  answerHeadCodec,
  computationCodec,
  computationFields,
  disagreementCodec,
  refusalCodec,
  refusalReasonCodec,
  seriesCodec,
} from '../oracle/rows';
import { clearingAnswerTransactions } from './clearing-answers';
import { commandFields, listAnswer, pageFields } from './common';
import { exampleCommandId, exampleDigest, exampleMeterId } from './examples';
import { feedTransactions } from './feeds';
import { scoreTransactions } from './scores';
import { evaluateSpec, submitSpec } from './transaction-spec';

const contract = 'oracle';

const requestFields = { requestId: requestIdCodec };
const requestExample = { requestId: exampleCommandId };
const quantilesExample = { p10: ['90'], p50: ['120'], p90: ['180'] };

/** The transactions of the contract `oracle`. */
export const oracleTransactions = {
  ...clearingAnswerTransactions,
  ...scoreTransactions,
  ...feedTransactions,
  requestComputation: submitSpec(contract, 'requestComputation', {
    roles: ['aggregator', 'market', 'dso'],
    request: object({
      ...commandFields,
      ...computationFields,
      /** Absent for those behind the congestion point. */
      meterIds: optional(computationFields.meterIds),
      /** Signals from outside that go in; absent for none. */
      feeds: optional(array(feedQuoteCodec, limits.feedsPerRequestMax, 1)),
    }),
    response: computationCodec,
    errors: [
      'GRID_UNKNOWN',
      'METER_UNKNOWN',
      'FEED_UNKNOWN',
      'FEED_RETIRED',
      'FEED_STALE',
      'FEED_TWICE',
      'FEED_PUBLICATION_UNKNOWN',
      'FEED_DIGEST_MISMATCH',
      'ORACLE_METERS_ABSENT',
      'ORACLE_CONGESTION_POINT_UNKNOWN',
      'ORACLE_CONGESTION_POINT_SIZE',
      'ORACLE_CONGESTION_POINT_METERS',
      'ORACLE_METER_TWICE',
      'ORACLE_PERIOD',
      'ORACLE_HISTORY_NOT_ENDED',
      'ORACLE_PERIOD_BEGUN',
    ],
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
      'ORACLE_ANSWER_SECOND',
      'ORACLE_ANSWER_TOO_LARGE',
      'ORACLE_CHUNK_INVALID',
      'ORACLE_CHUNK_EXISTS',
      'ORACLE_ANSWER_SHAPE',
      'ORACLE_ANSWER_LIMIT',
      'ORACLE_ANSWER_QUANTILES',
      'ORACLE_ANSWER_DIGEST',
      'ORACLE_CARD_INVALID',
    ],
    facts: ['ComputationAnswered', 'AnswersDisagree'],
    summary:
      'Files one chunk of the answer of an oracle; the first complete answer settles the request, or the last of as many equal ones as the rules need.',
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
  refuse: submitSpec(contract, 'refuse', {
    roles: ['oracle'],
    request: object({ ...commandFields, ...requestFields, reason: refusalReasonCodec }),
    response: object({
      ...requestFields,
      /** True where no oracle is left that could answer: then the request may expire at once. */
      mayExpire: boolean,
    }),
    errors: [
      'ORACLE_NOT_APPROVED',
      'ORACLE_REQUEST_UNKNOWN',
      'ORACLE_REQUEST_CLOSED',
      'ORACLE_REQUEST_EXPIRED',
      'ORACLE_DECIDED',
    ],
    facts: ['ComputationRefused'],
    summary: 'Records that an oracle will not answer a request, and why.',
    example: { commandId: exampleCommandId, ...requestExample, reason: 'ORACLE_SERVICE_FAILED' },
  }),
  expire: submitSpec(contract, 'expire', {
    roles: 'anyone',
    request: object({ ...commandFields, ...requestFields }),
    response: computationCodec,
    errors: ['ORACLE_REQUEST_UNKNOWN', 'ORACLE_REQUEST_CLOSED', 'ORACLE_NOT_EXPIRED'],
    facts: ['ComputationExpired'],
    summary:
      'Closes a request that nobody answered in time, or that too few oracles are left to answer; its fallback applies.',
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
  getAnswers: evaluateSpec(contract, 'getAnswers', {
    roles: 'anyone',
    request: object(requestFields),
    response: object({
      request: computationCodec,
      /** What each organisation has answered, whether it counts or not. */
      answers: array(answerHeadCodec, limits.listRowsMax),
      refusals: array(refusalCodec, limits.listRowsMax),
    }),
    errors: ['ORACLE_REQUEST_UNKNOWN'],
    summary: 'Answers who has answered a request, and who has refused it.',
    example: requestExample,
  }),
  listDisagreements: evaluateSpec(contract, 'listDisagreements', {
    roles: 'anyone',
    request: object(pageFields),
    response: listAnswer(disagreementCodec),
    errors: [],
    summary: 'Lists the requests to which oracles have given answers that differ.',
    example: {},
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
