import { canonicalBytes } from '../../canonical';
import { array, boolean, integer, object, oneOf, optional, type ObjectOf, type TypeOf } from '../../decode';
import { digestOf } from '../../digest';
import { demand, RuleError } from '../../errors';
import { digestCodec, elementIdCodec, mspIdCodec } from '../../field-codecs';
import { orderIdCodec, sessionIdCodec } from '../../ids';
import type { JsonValue } from '../../json';
import { limits } from '../../limits';
import { cutIntoChunks, demandAnswerChunk } from '../../oracle/answer-chunks';
import { slotCodec } from '../../time';
import { microCodec, microPerKwhCodec, whCodec } from '../../units';
import { intervalCodec, type Session } from '../rows';
import { bindingLimitFields, solverNameCodec } from './outcome';

/** The service that names the limits which bind in a session's clearing. */
export const clearingServiceCodec = oneOf('clearing-grid');
/** The versions of it. */
export const clearingVersionCodec = oneOf('1');

/**
 * A session's request for a clearing with limits; there is one for each session, under its id. OPEN until an oracle's answer is complete
 * and proven; further answers are recorded beside it until the session is cleared.
 */
export const clearingRequestCodec = object({
  sessionId: sessionIdCodec,
  service: clearingServiceCodec,
  version: clearingVersionCodec,
  gridId: elementIdCodec,
  intervals: integer(1, limits.sessionIntervalsMax),
  /** Digest of orders, grid and rules that go in; the answer must name it. */
  dataDigest: digestCodec,
  /** The first slot in which no answer is taken and the fallback applies. */
  expirySlot: slotCodec,
  state: oneOf('OPEN', 'ANSWERED'),
  /** The first answer that was complete and proven, and whose it is. */
  answer: optional(object({ mspId: mspIdCodec, answerDigest: digestCodec })),
  /** What applies where nobody answers: the contract looks for the limits itself. */
  fallback: oneOf('contract-search'),
});
export type ClearingRequest = TypeOf<typeof clearingRequestCodec>;

/** What an oracle says about one interval. The contract derives the outcome from the limits and refuses the rest if it differs. */
export const intervalAnswerCodec = object({
  interval: intervalCodec,
  bindingLimits: array(
    object({ ...bindingLimitFields, shadowPriceMicroPerKwh: microPerKwhCodec }),
    limits.bindingLimitsMax,
  ),
  /** One order of each block at the margin, where general rows bind; otherwise none is needed. */
  marginalOrderIds: array(orderIdCodec, limits.marginalOrdersMax),
  tradedWh: whCodec,
  welfareMicro: microCodec,
});
export type IntervalAnswer = TypeOf<typeof intervalAnswerCodec>;

/** Some intervals of an answer, in rising order. */
export const intervalAnswersCodec = array(intervalAnswerCodec, limits.sessionIntervalsMax, 1);

const chunkCodec = integer(0, limits.answerChunksMax - 1);
const chunksCodec = integer(1, limits.answerChunksMax);

/** What all chunks of an answer have in common. */
const answerHeadFields = {
  sessionId: sessionIdCodec,
  service: clearingServiceCodec,
  version: clearingVersionCodec,
  solver: solverNameCodec,
  dataDigest: digestCodec,
  answerDigest: digestCodec,
  chunks: chunksCodec,
};

/**
 * The head of an answer. Answers stand under organisation and digest, so that nobody can begin the answer of another one; different
 * answers to one request stand side by side.
 */
export const clearingAnswerHeadCodec = object({
  ...answerHeadFields,
  /** The chunks that are there, in rising order. */
  received: array(chunkCodec, limits.answerChunksMax),
  /** The organisation that answers. */
  mspId: mspIdCodec,
  complete: boolean,
});
export type ClearingAnswerHead = TypeOf<typeof clearingAnswerHeadCodec>;

/** One chunk of an answer, as a row. */
export const clearingAnswerChunkCodec = object({
  sessionId: sessionIdCodec,
  mspId: mspIdCodec,
  answerDigest: digestCodec,
  chunk: chunkCodec,
  intervals: intervalAnswersCodec,
});
export type ClearingAnswerChunk = TypeOf<typeof clearingAnswerChunkCodec>;

/** One chunk of an answer, as it arrives. */
export const clearingAnswerFields = { ...answerHeadFields, chunk: chunkCodec, intervals: intervalAnswersCodec };
export type ClearingAnswerPart = ObjectOf<typeof clearingAnswerFields>;

/** What the ledger knows when a clearing is asked for. */
export interface RequestKnown {
  readonly hasLimits: boolean;
  readonly exists: boolean;
  readonly sealedOrders: number;
  readonly publishingEnded: boolean;
  readonly expiryBegun: boolean;
}

/** Refuses to ask for the clearing of a closed session that has no limits, asks twice, or whose orders can still change. */
export function acceptClearingRequest(session: Session, expirySlot: number, known: RequestKnown): void {
  const { firstSlot, gateCloseSlot, sessionId } = session;
  demand(known.hasLimits, 'MARKET_CLEARING_WITHOUT_LIMITS', { sessionId });
  demand(!known.exists, 'MARKET_CLEARING_REQUESTED', { sessionId });
  demand(known.publishingEnded || known.sealedOrders === 0, 'MARKET_ORDERS_UNPUBLISHED', {
    count: known.sealedOrders,
  });
  const inTime = gateCloseSlot < expirySlot && expirySlot <= firstSlot && !known.expiryBegun;
  demand(inTime, 'MARKET_CLEARING_EXPIRY', { expirySlot });
}

/** What the ledger knows when a chunk of an answer arrives. */
export interface AnswerKnown {
  readonly request: ClearingRequest | undefined;
  readonly isCleared: boolean;
  readonly head: ClearingAnswerHead | undefined;
  /** The intervals of the other chunks that are there, by chunk. */
  readonly others: ReadonlyMap<number, readonly IntervalAnswer[]>;
  readonly mspId: string;
  readonly approved: boolean;
  readonly expired: boolean;
}

/** The request that an answer is for, or the first refusal that needs no look at the orders. */
export function answeredRequest(part: ClearingAnswerPart, known: AnswerKnown): ClearingRequest {
  const { head, mspId, request } = known;
  demand(known.approved, 'ORACLE_NOT_APPROVED', { mspId });
  if (request === undefined) {
    throw new RuleError('ORACLE_REQUEST_UNKNOWN');
  }
  demand(!known.isCleared, 'ORACLE_REQUEST_CLOSED', { state: request.state });
  demand(!known.expired, 'ORACLE_REQUEST_EXPIRED', { expirySlot: request.expirySlot });
  demand(part.dataDigest === request.dataDigest, 'ORACLE_DATA_MISMATCH', { dataDigest: request.dataDigest });
  const bytes = canonicalBytes(intervalAnswersCodec.encode(part.intervals)).length;
  demandAnswerChunk(part, bytes, head, ({ solver }) => solver === part.solver);
  const inOrder = part.intervals.every(({ interval }, index) => {
    const before = part.intervals[index - 1];
    return interval < request.intervals && (before === undefined || before.interval < interval);
  });
  demand(inOrder, 'ORACLE_ANSWER_SHAPE');
  return request;
}

/**
 * The head of an answer with one more chunk. With the last one the whole must have its digest and every interval of the session,
 * in order.
 */
export function answerHeadWith(part: ClearingAnswerPart, known: AnswerKnown, intervals: number): ClearingAnswerHead {
  const { answerDigest, chunk, chunks, dataDigest, service, sessionId, solver, version } = part;
  const received = [...(known.head?.received ?? []), chunk].sort((left, right) => left - right);
  const complete = received.length === chunks;
  if (complete) {
    const whole = Array.from({ length: chunks }, (_, index) =>
      index === chunk ? part.intervals : (known.others.get(index) ?? []),
    ).flat();
    const exact = whole.length === intervals && whole.every(({ interval }, index) => interval === index);
    demand(exact, 'ORACLE_ANSWER_SHAPE');
    demand(clearingAnswerDigest(whole) === answerDigest, 'ORACLE_ANSWER_DIGEST');
  }
  const { mspId } = known;
  return { sessionId, service, version, solver, dataDigest, answerDigest, chunks, received, mspId, complete };
}

/** The digest that an answer's chunks are announced with. */
export function clearingAnswerDigest(intervals: readonly IntervalAnswer[]): string {
  return digestOf(encoded(intervals));
}

/** Cuts an answer into chunks: as many intervals as fit into each. */
export function clearingAnswerChunks(intervals: readonly IntervalAnswer[]): readonly (readonly IntervalAnswer[])[] {
  return cutIntoChunks(intervals, (entry) => canonicalBytes(encoded([entry])).length);
}

function encoded(intervals: readonly IntervalAnswer[]): JsonValue {
  return intervalAnswersCodec.encode(intervals);
}
