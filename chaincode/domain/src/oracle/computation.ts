import { canonicalBytes, canonicalJson } from '../canonical';
import { digestOf } from '../digest';
import { demand, RuleError } from '../errors';
import type { MeterId } from '../ids';
import type { JsonValue } from '../json';
import { limits } from '../limits';
import { addSlots, type Slot } from '../time';
import { seriesIdsOf } from './total';
import { cutIntoChunks, demandAnswerChunk } from './answer-chunks';
import { modelCardCodec, seriesListCodec, type AnswerHead, type Computation, type ModelCard } from './rows';
import type { Quantiles, Refusal, Series } from './rows';

/** The part of a computation that its asker chooses. */
export type ComputationAsked = Pick<
  Computation,
  'meterIds' | 'firstSlot' | 'historyFromSlot' | 'historyToSlot' | 'expirySlot'
>;

/** What the ledger clock says about a request. */
export interface RequestClock {
  /** Whether every slot of the history has ended. */
  readonly historyEnded: boolean;
  readonly firstSlotBegun: boolean;
}

/** Refuses a request that names a meter twice, whose periods do not follow each other, or that comes too early or too late. */
export function acceptRequest(asked: ComputationAsked, clock: RequestClock): void {
  demand(new Set(asked.meterIds).size === asked.meterIds.length, 'ORACLE_METER_TWICE');
  const historySlots = asked.historyToSlot - asked.historyFromSlot;
  const inOrder =
    historySlots > 0 &&
    historySlots <= limits.historySlotsMax &&
    historySlots * asked.meterIds.length <= limits.historyReadingsMax &&
    asked.historyToSlot <= asked.expirySlot &&
    asked.expirySlot <= asked.firstSlot;
  const { historyReadingsMax, historySlotsMax } = limits;
  demand(inOrder, 'ORACLE_PERIOD', { historySlotsMax, historyReadingsMax });
  demand(clock.historyEnded, 'ORACLE_HISTORY_NOT_ENDED', { historyToSlot: asked.historyToSlot });
  demand(!clock.firstSlotBegun, 'ORACLE_PERIOD_BEGUN', { firstSlot: asked.firstSlot });
}

/** One chunk of an answer, as it arrives. */
export interface AnswerPart {
  readonly service: string;
  readonly version: string;
  readonly model: string;
  readonly dataDigest: string;
  readonly chunk: number;
  readonly chunks: number;
  readonly answerDigest: string;
  readonly series: readonly Series[];
  readonly card?: ModelCard;
}

/** What the ledger knows when a chunk arrives. */
export interface AnswerState {
  readonly request: Computation | undefined;
  /** What this organisation has answered so far. */
  readonly head: AnswerHead | undefined;
  /** The series of the other chunks that are there, by chunk. */
  readonly others: ReadonlyMap<number, readonly Series[]>;
  readonly mspId: string;
  readonly approved: boolean;
  readonly firstSlotBegun: boolean;
  readonly expired: boolean;
}

/**
 * Accepts one chunk of an answer, or refuses with the first code in precedence order. The digest of the answer is over all series of
 * all chunks; with the last chunk the whole must have it and hold exactly the series of the request, in its order. Each organisation has one
 * answer: with its first chunk it has decided. A request that others have settled still takes the answer of one that has none, as a check.
 *
 * @returns the head of the answer with this chunk in it
 */
export function acceptAnswer(part: AnswerPart, state: AnswerState): AnswerHead {
  const { head, request } = state;
  demand(state.approved, 'ORACLE_NOT_APPROVED', { mspId: state.mspId });
  demand(request !== undefined, 'ORACLE_REQUEST_UNKNOWN');
  const isTaken = request.state === 'OPEN' || (request.state === 'ANSWERED' && !hasAnswered(part, head));
  demand(isTaken, 'ORACLE_REQUEST_CLOSED', { state: request.state });
  demand(!state.expired, 'ORACLE_REQUEST_EXPIRED', { expirySlot: request.expirySlot });
  demand(!state.firstSlotBegun, 'ORACLE_PERIOD_BEGUN', { firstSlot: request.firstSlot });
  demand(part.service === request.service && part.version === request.version, 'ORACLE_SERVICE_MISMATCH');
  demand(part.dataDigest === request.dataDigest, 'ORACLE_DATA_MISMATCH', { dataDigest: request.dataDigest });
  demand(head === undefined || head.answerDigest === part.answerDigest, 'ORACLE_ANSWER_SECOND', { mspId: state.mspId });
  const bytes = canonicalBytes(encodedSeries(part.series)).length;
  demandAnswerChunk(
    part,
    bytes,
    head,
    ({ card, model }) => model === part.model && cardText(card) === cardText(part.card),
  );
  demandSeries(part.series, request);
  const received = [...(head?.received ?? []), part.chunk].sort((left, right) => left - right);
  const complete = received.length === part.chunks;
  if (complete) {
    demandWhole(part, request, state.others);
  }
  demandCard(part, request);
  return {
    requestId: request.requestId,
    answerDigest: part.answerDigest,
    service: request.service,
    version: request.version,
    model: part.model,
    dataDigest: part.dataDigest,
    chunks: part.chunks,
    received,
    mspId: state.mspId,
    complete,
    ...(part.card === undefined ? {} : { card: part.card }),
  };
}

/** A card is of the model that answers, and of readings before the first slot: what was trained on what it forecasts knows it already. */
function demandCard({ card, model }: AnswerPart, { firstSlot }: Computation): void {
  if (card !== undefined) {
    const { fromSlot, toSlot } = card.trainedOn;
    demand(card.model === model && fromSlot <= toSlot && toSlot < firstSlot, 'ORACLE_CARD_INVALID', { firstSlot });
  }
}

function cardText(card: ModelCard | undefined): string {
  return card === undefined ? '' : canonicalJson(modelCardCodec.encode(card));
}

/** True where all chunks of this very answer are there already. */
function hasAnswered({ answerDigest }: AnswerPart, head: AnswerHead | undefined): boolean {
  return head?.complete === true && head.answerDigest === answerDigest;
}

/** The digest that an answer's chunks are announced with. */
export function answerDigestOf(series: readonly Series[]): string {
  return digestOf(encodedSeries(series));
}

/** Cuts an answer into chunks: as many meters as fit into each, in the order of the request. */
export function answerChunks(series: readonly Series[]): readonly (readonly Series[])[] {
  return cutIntoChunks(series, (entry) => canonicalBytes(encodedSeries([entry])).length);
}

function encodedSeries(series: readonly Series[]): JsonValue {
  return series.length === 0 ? [] : seriesListCodec.encode(series);
}

function demandSeries(series: readonly Series[], request: Computation): void {
  const ids = seriesIdsOf(request);
  const places = series.map((entry) => ids.indexOf(entry.meterId));
  const inOrder = places.every((place, index) => place >= 0 && (index === 0 || place > (places[index - 1] ?? place)));
  const shapes = series.flatMap(({ exportWh, importWh }) => [exportWh, importWh]);
  const rightLength = shapes.every(({ p10, p50, p90 }) =>
    [p10, p50, p90].every((values) => values.length === request.intervals),
  );
  demand(inOrder && rightLength, 'ORACLE_ANSWER_SHAPE');
  const energyWhMax = limits.forecastIntervalWhMax * (request.total === true ? request.meterIds.length : 1);
  const small = shapes.every(({ p90 }) => p90.every((value) => value <= energyWhMax));
  demand(small, 'ORACLE_ANSWER_LIMIT', { energyWhMax });
  demand(shapes.every(risingQuantiles), 'ORACLE_ANSWER_QUANTILES');
}

function risingQuantiles({ p10, p50, p90 }: Quantiles): boolean {
  return p50.every((middle, index) => (p10[index] ?? middle) <= middle && middle <= (p90[index] ?? middle));
}

function demandWhole(part: AnswerPart, request: Computation, others: AnswerState['others']): void {
  const whole: Series[] = [];
  for (let chunk = 0; chunk < part.chunks; chunk += 1) {
    whole.push(...(chunk === part.chunk ? part.series : (others.get(chunk) ?? [])));
  }
  const ids = seriesIdsOf(request);
  const exact = whole.length === ids.length && whole.every((entry, index) => entry.meterId === ids[index]);
  demand(exact, 'ORACLE_ANSWER_SHAPE');
  demand(answerDigestOf(whole) === part.answerDigest, 'ORACLE_ANSWER_DIGEST');
}

/** What the ledger knows when an oracle says that it will not answer. */
export type RefusalState = Pick<AnswerState, 'request' | 'head' | 'mspId' | 'approved' | 'expired'> & {
  readonly refusal: Refusal | undefined;
};

/** Records that an oracle will not answer an open request, once and with its reason; it may change its mind and answer, but not the other way. */
export function acceptRefusal(
  reason: string,
  { approved, expired, head, mspId, refusal, request }: RefusalState,
): Refusal {
  demand(approved, 'ORACLE_NOT_APPROVED', { mspId });
  demand(request !== undefined, 'ORACLE_REQUEST_UNKNOWN');
  demand(request.state === 'OPEN', 'ORACLE_REQUEST_CLOSED', { state: request.state });
  demand(!expired, 'ORACLE_REQUEST_EXPIRED', { expirySlot: request.expirySlot });
  demand(refusal === undefined && head?.complete !== true, 'ORACLE_DECIDED', { mspId });
  return { requestId: request.requestId, mspId, reason };
}

/** Refuses to expire a request that is closed, or whose last slot for an answer has not passed while an answer is still possible. */
export function acceptExpiry(request: Computation | undefined, expired: boolean): Computation {
  if (request === undefined) {
    throw new RuleError('ORACLE_REQUEST_UNKNOWN');
  }
  demand(request.state === 'OPEN', 'ORACLE_REQUEST_CLOSED', { state: request.state });
  demand(expired, 'ORACLE_NOT_EXPIRED', { expirySlot: request.expirySlot });
  return { ...request, state: 'EXPIRED' };
}

/** The slot before which a meter's readings count: the end of the history, or where its chain ended when the request was made. */
export function inputEnd(historyFromSlot: Slot, historyToSlot: Slot, nextSlot: Slot | undefined): Slot {
  const end = Math.min(historyToSlot, nextSlot ?? historyFromSlot);
  return addSlots(historyFromSlot, Math.max(end - historyFromSlot, 0));
}

/** The meters of a request with the slots that count for each. */
export function inputsOf(
  asked: ComputationAsked,
  nextSlots: ReadonlyMap<MeterId, Slot>,
): readonly { readonly meterId: MeterId; readonly toSlot: Slot }[] {
  return asked.meterIds.map((meterId) => ({
    meterId,
    toSlot: inputEnd(asked.historyFromSlot, asked.historyToSlot, nextSlots.get(meterId)),
  }));
}
