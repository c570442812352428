import { array, boolean, integer, nullable, object, oneOf, optional } from '../../decode';
import { digestCodec } from '../../field-codecs';
import {
  disaggregationAnswerFields,
  disaggregationPlaceFields,
  disaggregationPlanCodec,
  disaggregationRequestCodec,
  splitProgrammesCodec,
} from '../../flexibility/disaggregation/request';
import { disaggregationCaseCodec } from '../../flexibility/disaggregation/rows';
import { flexOrderIdCodec } from '../../flexibility/ids';
import { participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { microPerKwhCodec } from '../../units';
import { commandFields, listAnswer, pageFields } from '../common';
import { exampleCommandId, exampleDigest } from '../examples';
import { signatureErrors, signedExample, signedFields } from '../signed';
import { evaluateSpec, submitSpec } from '../transaction-spec';
import { flexibilityContract as contract } from './common';
import { exampleFlexOrderId } from './orders';

const examplePlace = { orderId: exampleFlexOrderId, revision: 1 };

/** The transactions of the contract `flexibility` by which an order is split among enrolled assets. */
export const disaggregationTransactions = {
  requestDisaggregation: submitSpec(contract, 'requestDisaggregation', {
    roles: ['aggregator'],
    request: object({
      ...signedFields,
      orderId: flexOrderIdCodec,
      programmeIds: splitProgrammesCodec,
      /** Who is not to be called: those who have opted out or failed. */
      excludedIds: array(participantIdCodec, limits.disaggregationAssetsMax),
      fairnessMicroPerKwh: microPerKwhCodec,
      /** The first slot in which no answer is taken. */
      answerBySlot: slotCodec,
    }),
    response: disaggregationRequestCodec,
    errors: [
      ...signatureErrors,
      'FLEX_PROGRAMME_UNKNOWN',
      'FLEX_NOT_OWN_PROGRAMME',
      'FLEX_PROGRAMME_CLOSED',
      'FLEX_OFF',
      'FLEX_REFERENCE_UNKNOWN',
      'FLEX_SPLIT_OTHERS',
      'FLEX_SPLIT_SETTLED',
      'FLEX_SPLIT_OPEN',
      'FLEX_SPLIT_EXPIRY',
      'FLEX_SPLIT_REVISIONS',
      'FLEX_SPLIT_DIRECTION',
      'FLEX_SPLIT_ASSETS',
      'FLEX_SPLIT_TOO_LARGE',
    ],
    facts: ['DisaggregationRequested'],
    summary:
      'Asks the oracles which enrolled assets deliver an order, and how much each in which slot; the case is frozen.',
    example: {
      ...signedExample,
      orderId: exampleFlexOrderId,
      programmeIds: ['01pr0gramme000000000000000'],
      excludedIds: [],
      fairnessMicroPerKwh: '1000',
      answerBySlot: 1_626_100,
    },
  }),
  answerDisaggregation: submitSpec(contract, 'answerDisaggregation', {
    roles: ['oracle'],
    request: object({ ...commandFields, ...disaggregationAnswerFields }),
    response: object({
      ...disaggregationPlaceFields,
      answerDigest: digestCodec,
      received: integer(1, limits.disaggregationChunksMax),
      chunks: integer(1, limits.disaggregationChunksMax),
      complete: boolean,
      /** Whether it is the best answer so far. */
      best: boolean,
    }),
    errors: [
      'ORACLE_NOT_APPROVED',
      'ORACLE_REQUEST_UNKNOWN',
      'ORACLE_REQUEST_CLOSED',
      'ORACLE_REQUEST_EXPIRED',
      'ORACLE_DATA_MISMATCH',
      'ORACLE_CHUNK_INVALID',
      'ORACLE_CHUNK_EXISTS',
      'ORACLE_ANSWER_SHAPE',
      'ORACLE_ANSWER_DIGEST',
      'FLEX_PLAN_ASSET_UNKNOWN',
      'FLEX_PLAN_ORDER',
      'FLEX_PLAN_OPTED_OUT',
      'FLEX_PLAN_CALLS',
      'FLEX_PLAN_REST',
      'FLEX_PLAN_RUN',
      'FLEX_PLAN_NOTICE',
      'FLEX_PLAN_BAND',
      'FLEX_PLAN_NOT_NEUTRAL',
      'FLEX_OBJECTIVE_MISSTATED',
      'FLEX_CERTIFICATE_TOO_LARGE',
      'FLEX_CERTIFICATE_INVALID',
      'FLEX_BOUND_MISSTATED',
      'FLEX_GAP_EXCEEDED',
    ],
    facts: ['DisaggregationAnswered'],
    summary:
      'Files one chunk of an answer to a request to split an order; with the last one the whole is proven, and counts if it is better than those before.',
    example: {
      commandId: exampleCommandId,
      ...examplePlace,
      solver: 'highs 1.15.1',
      dataDigest: exampleDigest,
      answerDigest: exampleDigest,
      chunks: 1,
      chunk: 0,
      piece: '{"boundNano":"0"}',
    },
  }),
  planDisaggregation: submitSpec(contract, 'planDisaggregation', {
    roles: ['aggregator', 'dso', 'market'],
    request: object({ ...commandFields, ...disaggregationPlaceFields }),
    response: disaggregationPlanCodec,
    errors: ['FLEX_SPLIT_UNKNOWN', 'FLEX_SPLIT_PLANNED', 'FLEX_SPLIT_NOT_EXPIRED'],
    facts: ['DisaggregationPlanned'],
    summary:
      'Makes the best answer the plan of an order once no more are taken; without one the contract asks in merit order.',
    example: { commandId: exampleCommandId, ...examplePlace },
  }),
  getDisaggregation: evaluateSpec(contract, 'getDisaggregation', {
    roles: 'anyone',
    request: object(disaggregationPlaceFields),
    response: object({
      request: nullable(disaggregationRequestCodec),
      asked: nullable(disaggregationCaseCodec),
      plan: nullable(disaggregationPlanCodec),
    }),
    errors: [],
    summary: 'Answers a request to split an order, its case and its plan, each or null.',
    example: examplePlace,
  }),
  listDisaggregations: evaluateSpec(contract, 'listDisaggregations', {
    roles: 'anyone',
    request: object({ state: optional(oneOf('OPEN', 'ANSWERED', 'PLANNED')), ...pageFields }),
    response: listAnswer(disaggregationRequestCodec),
    errors: [],
    summary: 'Lists requests to split orders, all or those of one state.',
    example: { state: 'OPEN' },
  }),
} as const;
