import { array, boolean, integer, nullable, object, oneOf, optional } from '../../decode';
import { digestCodec } from '../../field-codecs';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import {
  coalitionPartFields,
  coalitionPlanCodec,
  coalitionPlanIdCodec,
  coalitionRequestCodec,
} from '../../vpp/coalition/request';
import { coalitionCaseCodec, coalitionGroupCodec } from '../../vpp/coalition/rows';
import { serviceRequestIdCodec } from '../../vpp/ids';
import { commandFields, listAnswer, pageFields } from '../common';
import { exampleAssetId, exampleCommandId, exampleDigest } from '../examples';
import { answerErrors } from '../oracle-answers';
import { signatureErrors, signedExample, signedFields } from '../signed';
import { evaluateSpec, submitSpec } from '../transaction-spec';
import { exampleServiceRequestId, vppContract as contract } from './common';

const examplePlanId = '01p1anc0a10000000000000000';

/** The transactions of the contract `vpp` by which coalitions are chosen. */
export const coalitionTransactions = {
  requestCoalition: submitSpec(contract, 'requestCoalition', {
    roles: ['aggregator'],
    request: object({
      ...signedFields,
      /** The open requests for services that the aggregator wants to serve. */
      requestIds: array(serviceRequestIdCodec, limits.coalitionRequestsMax, 1),
      /** Limits that assets share: of a transformer, or what local demand leaves. */
      groups: array(coalitionGroupCodec, limits.coalitionGroupsMax),
      /** The first slot in which no answer is taken. */
      answerBySlot: slotCodec,
    }),
    response: coalitionRequestCodec,
    errors: [
      ...signatureErrors,
      'VPP_OFF',
      'VPP_NAMED_TWICE',
      'VPP_NOT_AGGREGATOR',
      'VPP_REQUEST_UNKNOWN',
      'VPP_REQUEST_CLOSED',
      'VPP_CASE_TIME',
      'VPP_CASE_SPAN',
      'VPP_CASE_ASSETS',
      'VPP_CASE_EMPTY',
      'VPP_CASE_TOO_LARGE',
      'VPP_CASE_TWICE',
      'VPP_CASE_GROUP',
    ],
    facts: ['CoalitionRequested'],
    summary:
      'Asks the oracles which mandated assets serve which requests for services, in which slice and with how much; the case is frozen.',
    example: {
      ...signedExample,
      requestIds: [exampleServiceRequestId],
      groups: [
        { groupId: 'transformer', assetIds: [exampleAssetId], direction: 'up', maxWByStep: ['400000', '400000'] },
      ],
      answerBySlot: 1_626_030,
    },
  }),
  answerCoalition: submitSpec(contract, 'answerCoalition', {
    roles: ['oracle'],
    request: object({ ...commandFields, ...coalitionPartFields }),
    response: object({
      planId: coalitionPlanIdCodec,
      answerDigest: digestCodec,
      received: integer(1, limits.disaggregationChunksMax),
      chunks: integer(1, limits.disaggregationChunksMax),
      complete: boolean,
      /** Whether it is the best answer so far. */
      best: boolean,
    }),
    errors: [
      ...answerErrors,
      'VPP_PLAN_ASSET_UNKNOWN',
      'VPP_PLAN_ORDER',
      'VPP_PLAN_REQUEST_UNKNOWN',
      'VPP_PLAN_DUTY_ORDER',
      'VPP_PLAN_REST',
      'VPP_PLAN_RUN',
      'VPP_PLAN_NOT_ABLE',
      'VPP_PLAN_BAND',
      'VPP_PLAN_STORAGE',
      'VPP_PLAN_GROUP',
      'VPP_PLAN_SERVED',
      'VPP_PLAN_BID',
      'VPP_PLAN_NOT_COVERED',
      'VPP_PLAN_TOO_FEW_ASSETS',
      'VPP_OBJECTIVE_MISSTATED',
      'VPP_CERTIFICATE_TOO_LARGE',
      'VPP_CERTIFICATE_INVALID',
      'VPP_BOUND_MISSTATED',
      'VPP_GAP_EXCEEDED',
    ],
    facts: ['CoalitionAnswered'],
    summary:
      'Files one chunk of an answer to a request for coalitions; with the last one the whole is proven, and counts if it is better than those before.',
    example: {
      commandId: exampleCommandId,
      planId: examplePlanId,
      solver: 'highs 1.15.1',
      dataDigest: exampleDigest,
      answerDigest: exampleDigest,
      chunks: 1,
      chunk: 0,
      piece: '{"boundNano":"0"}',
    },
  }),
  planCoalition: submitSpec(contract, 'planCoalition', {
    roles: ['aggregator', 'tso', 'dso', 'market'],
    request: object({ ...commandFields, planId: coalitionPlanIdCodec }),
    response: coalitionPlanCodec,
    errors: ['VPP_CASE_UNKNOWN', 'VPP_PLANNED', 'VPP_PLAN_NOT_EXPIRED'],
    facts: ['CoalitionPlanned'],
    summary:
      'Makes the best answer the plan once no more are taken; without one the contract takes assets in the order of what they earn.',
    example: { commandId: exampleCommandId, planId: examplePlanId },
  }),
  getCoalitionPlan: evaluateSpec(contract, 'getCoalitionPlan', {
    roles: 'anyone',
    request: object({ planId: coalitionPlanIdCodec }),
    response: object({
      request: nullable(coalitionRequestCodec),
      asked: nullable(coalitionCaseCodec),
      plan: nullable(coalitionPlanCodec),
    }),
    errors: [],
    summary: 'Answers a request for coalitions, its case and its plan, each or null.',
    example: { planId: examplePlanId },
  }),
  listCoalitionRequests: evaluateSpec(contract, 'listCoalitionRequests', {
    roles: 'anyone',
    request: object({ state: optional(oneOf('OPEN', 'ANSWERED', 'PLANNED')), ...pageFields }),
    response: listAnswer(coalitionRequestCodec),
    errors: [],
    summary: 'Lists requests for coalitions, all or those of one state.',
    example: { state: 'OPEN' },
  }),
} as const;
