import { array, mapped, object, oneOf, optional, text, type ObjectOf, type TypeOf } from '../../decode';
import { digestOf } from '../../digest';
import { demand } from '../../errors';
import { digestCodec, elementIdCodec, mspIdCodec } from '../../field-codecs';
import { participantIdCodec, type CommandId } from '../../ids';
import { limits } from '../../limits';
import { answerChunkFields, answerHeadFields, receivedFields } from '../../oracle/answer-parts';
import { slotCodec, type Slot } from '../../time';
import { nanoCodec, ppmCodec } from '../../units';
import { isBetterCoalition } from './answer';
import type { CoalitionRequestKnown } from './build-case';
import { coalitionCaseCodec, coalitionChoiceFields, type CoalitionAnswer, type CoalitionCase } from './rows';

declare const planIdBrand: unique symbol;
/** Names a choice of coalitions: its case, its answers and its plan. */
export type CoalitionPlanId = string & { readonly [planIdBrand]: true };

export const coalitionPlanIdCodec = mapped(
  text(/^[0-9a-hjkmnp-tv-z]{26}$/, '26 lower-case Crockford base32 characters', 26),
  'an id',
  (value) => value as CoalitionPlanId,
  (value) => value,
);

/** The id of what a command asks for: its own. */
export function coalitionPlanIdOf(commandId: CommandId): CoalitionPlanId {
  return commandId as string as CoalitionPlanId;
}

/**
 * A request to choose coalitions. OPEN until an answer is proven; ANSWERED, while a better one may still be filed; PLANNED once the time for
 * answers has passed and the best of them, or the fallback, is the plan.
 */
export const coalitionRequestCodec = object({
  planId: coalitionPlanIdCodec,
  service: oneOf('coalition'),
  version: oneOf('1'),
  aggregatorId: participantIdCodec,
  /** The requests for services that the case chooses from. */
  requestIds: array(elementIdCodec, limits.coalitionRequestsMax, 1),
  /** Digest of the case; the answer must name it. */
  dataDigest: digestCodec,
  /** By which share of its objective the proven bound may be above an answer. */
  gapPpmMax: ppmCodec,
  /** The first slot in which no answer is taken. */
  expirySlot: slotCodec,
  state: oneOf('OPEN', 'ANSWERED', 'PLANNED'),
  /** The best answer so far. */
  answer: optional(
    object({ mspId: mspIdCodec, answerDigest: digestCodec, objectiveNano: nanoCodec, boundNano: nanoCodec }),
  ),
  /** What applies where nobody answers: the contract takes assets in the order of what they earn. */
  fallback: oneOf('greedy'),
});
export type CoalitionRequest = TypeOf<typeof coalitionRequestCodec>;

/** The case of a request, as it was frozen. */
export const frozenCoalitionCaseCodec = object({ planId: coalitionPlanIdCodec, asked: coalitionCaseCodec });

/** What came of a request: who serves what, and how good that is. */
export const coalitionPlanCodec = object({
  planId: coalitionPlanIdCodec,
  aggregatorId: participantIdCodec,
  source: oneOf('oracle', 'greedy'),
  ...coalitionChoiceFields,
});
export type CoalitionPlan = TypeOf<typeof coalitionPlanCodec>;

const placeFields = { planId: coalitionPlanIdCodec };

/** The head of an answer. */
export const coalitionHeadCodec = object({ ...placeFields, ...receivedFields });
export type CoalitionHead = TypeOf<typeof coalitionHeadCodec>;

/** One chunk of an answer, as a row. */
export const coalitionChunkCodec = object(answerChunkFields);

/** One chunk of an answer, as it arrives. */
export const coalitionPartFields = { ...placeFields, ...answerHeadFields, ...answerChunkFields };
export type CoalitionPart = ObjectOf<typeof coalitionPartFields>;

/** The digest of a case. */
export function coalitionDigest(asked: CoalitionCase): string {
  return digestOf(coalitionCaseCodec.encode(asked));
}

/** Refuses a time for answers that has passed, or that does not end before the first slice begins (VPP_CASE_TIME). */
export function demandCaseTime(
  answerBySlot: Slot,
  requests: readonly CoalitionRequestKnown[],
  hasBegun: boolean,
): void {
  const firstSlot = Math.min(...requests.map(({ request }) => request.firstSlot));
  demand(!hasBegun && answerBySlot <= firstSlot, 'VPP_CASE_TIME', { answerBySlot });
}

/** A request with a proven answer, where that is better than the best one so far. */
export function withCoalitionAnswer(
  request: CoalitionRequest,
  { answerDigest, mspId }: CoalitionHead,
  { boundNano, objectiveNano }: CoalitionAnswer,
): CoalitionRequest {
  const answer = { mspId, answerDigest, objectiveNano, boundNano };
  const isBest = request.answer === undefined || isBetterCoalition(answer, request.answer);
  return isBest ? { ...request, state: 'ANSWERED', answer } : request;
}
