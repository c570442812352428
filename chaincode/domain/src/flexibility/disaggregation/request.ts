import { array, integer, object, oneOf, optional, type ObjectOf, type TypeOf } from '../../decode';
import { digestOf } from '../../digest';
import { demand } from '../../errors';
import { digestCodec, mspIdCodec } from '../../field-codecs';
import { participantIdCodec, programmeIdCodec } from '../../ids';
import { limits } from '../../limits';
import { answerChunkFields, answerHeadFields, receivedFields } from '../../oracle/answer-parts';
import { slotCodec } from '../../time';
import { nanoCodec, ppmCodec, whCodec } from '../../units';
import { flexOrderIdCodec } from '../ids';
import { isBetter } from './answer';
import {
  assetPlansCodec,
  disaggregationAnswerCodec,
  disaggregationCaseCodec,
  type DisaggregationAnswer,
  type DisaggregationCase,
} from './rows';

/** Revisions of one order: each plans again after opt-outs and failures. */
export const disaggregationRevisionCodec = integer(1, limits.disaggregationRevisionsMax);

/** The programmes whose prosumers are asked, in this order. */
export const splitProgrammesCodec = array(programmeIdCodec, limits.programmesPerAssetMax, 1);

/** Which request. */
export const disaggregationPlaceFields = { orderId: flexOrderIdCodec, revision: disaggregationRevisionCodec };

/**
 * A request to split an order. OPEN until an answer is proven; ANSWERED, while a better one may still be filed; PLANNED once the time for answers
 * has passed and the best of them, or the fallback, is the plan.
 */
export const disaggregationRequestCodec = object({
  ...disaggregationPlaceFields,
  service: oneOf('disaggregation'),
  version: oneOf('1'),
  aggregatorId: participantIdCodec,
  programmeIds: splitProgrammesCodec,
  /** Digest of the case; the answer must name it. */
  dataDigest: digestCodec,
  /** By which share of its objective an answer may be above its proven bound. */
  gapPpmMax: ppmCodec,
  /** The first slot in which no answer is taken; the prosumers are told in it. */
  expirySlot: slotCodec,
  state: oneOf('OPEN', 'ANSWERED', 'PLANNED'),
  /** The best answer so far. */
  answer: optional(
    object({ mspId: mspIdCodec, answerDigest: digestCodec, objectiveNano: nanoCodec, boundNano: nanoCodec }),
  ),
  /** What applies where nobody answers: the contract asks the assets in merit order. */
  fallback: oneOf('merit-order'),
});
export type DisaggregationRequest = TypeOf<typeof disaggregationRequestCodec>;

/** The case of a request, as it was frozen. */
export const frozenCaseCodec = object({ ...disaggregationPlaceFields, asked: disaggregationCaseCodec });

/** The plan of a revision: what the assets of an order do, and how good that is. */
export const disaggregationPlanCodec = object({
  ...disaggregationPlaceFields,
  source: oneOf('oracle', 'merit-order'),
  plans: assetPlansCodec,
  objectiveNano: nanoCodec,
  boundNano: nanoCodec,
});
export type DisaggregationPlan = TypeOf<typeof disaggregationPlanCodec>;

/** What a prosumer has been called for in the plans of an aggregator so far, for fairness over time. */
export const flexUseCodec = object({ participantId: participantIdCodec, calledWh: whCodec });

/** Which request of an order is the last. */
export const splitHeadCodec = object({ revision: disaggregationRevisionCodec });

/** The head of an answer. */
export const disaggregationHeadCodec = object({ ...disaggregationPlaceFields, ...receivedFields });
export type DisaggregationHead = TypeOf<typeof disaggregationHeadCodec>;

/** One chunk of an answer, as a row. */
export const disaggregationChunkCodec = object(answerChunkFields);

/** One chunk of an answer, as it arrives. */
export const disaggregationAnswerFields = { ...disaggregationPlaceFields, ...answerHeadFields, ...answerChunkFields };
export type DisaggregationPart = ObjectOf<typeof disaggregationAnswerFields>;

/** The digest of a case. */
export function disaggregationDigest(asked: DisaggregationCase): string {
  return digestOf(disaggregationCaseCodec.encode(asked));
}

/** What the ledger knows when a split is asked for. */
export interface SplitKnown {
  /** The last request of the order. */
  readonly before: DisaggregationRequest | undefined;
  readonly expiryCome: boolean;
  readonly firstSlot: number;
}

/** The number of the next revision. Refuses one while another is open, and a time for answers that has passed or is none. */
export function nextRevision(expirySlot: number, { before, expiryCome, firstSlot }: SplitKnown): number {
  demand(before === undefined || before.state === 'PLANNED', 'FLEX_SPLIT_OPEN', { revision: before?.revision ?? 0 });
  demand(!expiryCome && expirySlot <= firstSlot, 'FLEX_SPLIT_EXPIRY', { expirySlot });
  const revision = (before?.revision ?? 0) + 1;
  demand(revision <= limits.disaggregationRevisionsMax, 'FLEX_SPLIT_REVISIONS', {
    revisionsMax: limits.disaggregationRevisionsMax,
  });
  return revision;
}

/** The digest that an answer's chunks are announced with. */
export function splitAnswerDigest(answer: DisaggregationAnswer): string {
  return digestOf(disaggregationAnswerCodec.encode(answer));
}

/** A request with a proven answer, where that is better than the best one so far. */
export function withAnswer(
  request: DisaggregationRequest,
  { answerDigest, mspId }: DisaggregationHead,
  { boundNano, objectiveNano }: DisaggregationAnswer,
): DisaggregationRequest {
  const answer = { mspId, answerDigest, objectiveNano, boundNano };
  const isBest = request.answer === undefined || isBetter(answer, request.answer);
  return isBest ? { ...request, state: 'ANSWERED', answer } : request;
}
