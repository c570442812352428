import { array, boolean, integer, object, oneOf, optional, text, type TypeOf } from '../decode';
import { digestCodec, mspIdCodec } from '../field-codecs';
import { meterIdCodec, requestIdCodec } from '../ids';
import { limits } from '../limits';
import { intervalSlotsCodec } from '../rule-set/products';
import { slotCodec } from '../time';
import { whCodec } from '../units';

/** The services that a request can name. */
export const serviceCodec = oneOf('forecast-day-ahead');
/** The versions of a service. */
export const serviceVersionCodec = oneOf('1');
/** The name of the model that made an answer. */
export const modelCodec = text(/^[a-z0-9][a-z0-9.-]{0,47}$/, 'the name of a model', 48);

const chunkCodec = integer(0, limits.answerChunksMax - 1);
const chunksCodec = integer(1, limits.answerChunksMax);

/** What a request asks for. */
export const computationFields = {
  service: serviceCodec,
  version: serviceVersionCodec,
  meterIds: array(meterIdCodec, limits.forecastMetersMax, 1),
  /** The first slot of the forecast. */
  firstSlot: slotCodec,
  intervals: integer(1, limits.sessionIntervalsMax),
  intervalSlots: intervalSlotsCodec,
  /** The history that goes in: from the first slot, up to and without the second. */
  historyFromSlot: slotCodec,
  historyToSlot: slotCodec,
  /** The first slot in which no answer is taken. */
  expirySlot: slotCodec,
};

/**
 * A computation request. OPEN until an answer is complete or the request expires. The data are frozen: the readings of a meter are
 * an unbroken chain, so what lay before `toSlot` when the request was made never changes.
 */
export const computationCodec = object({
  requestId: requestIdCodec,
  ...computationFields,
  state: oneOf('OPEN', 'ANSWERED', 'EXPIRED'),
  /** Per meter, in the order of the request, the slot before which its readings count. */
  inputs: array(object({ meterId: meterIdCodec, toSlot: slotCodec }), limits.forecastMetersMax),
  /** Digest of the interval totals that go in; the answer must name it. */
  dataDigest: digestCodec,
  /** The answer that counts, once it is complete. */
  answerDigest: optional(digestCodec),
  /** What applies where nobody answers: agents forecast from their own readings. */
  fallback: oneOf('own-history'),
});
export type Computation = TypeOf<typeof computationCodec>;

/** Quantiles of an energy per interval: in 10, 50 and 90 of 100 cases it is at most this. */
const quantilesCodec = object({
  p10: array(whCodec, limits.sessionIntervalsMax, 1),
  p50: array(whCodec, limits.sessionIntervalsMax, 1),
  p90: array(whCodec, limits.sessionIntervalsMax, 1),
});
export type Quantiles = TypeOf<typeof quantilesCodec>;

/** The forecast of one meter. */
export const seriesCodec = object({ meterId: meterIdCodec, importWh: quantilesCodec, exportWh: quantilesCodec });
export type Series = TypeOf<typeof seriesCodec>;

/** The part of an answer that travels in one chunk: meters in the order of the request. */
export const seriesListCodec = array(seriesCodec, limits.forecastMetersMax, 1);

/** The head of an answer: what all its chunks have in common. Different answers to one request stand side by side. */
export const answerHeadCodec = object({
  requestId: requestIdCodec,
  answerDigest: digestCodec,
  service: serviceCodec,
  version: serviceVersionCodec,
  model: modelCodec,
  dataDigest: digestCodec,
  chunks: chunksCodec,
  /** The chunks that are there, in rising order. */
  received: array(chunkCodec, limits.answerChunksMax),
  /** The organisation that answers. */
  mspId: mspIdCodec,
  complete: boolean,
});
export type AnswerHead = TypeOf<typeof answerHeadCodec>;

/** One chunk of an answer. */
export const answerChunkCodec = object({
  requestId: requestIdCodec,
  answerDigest: digestCodec,
  chunk: chunkCodec,
  series: seriesListCodec,
});
export type AnswerChunk = TypeOf<typeof answerChunkCodec>;

/** The fields of an answer. */
export const answerFields = {
  requestId: requestIdCodec,
  service: serviceCodec,
  version: serviceVersionCodec,
  model: modelCodec,
  dataDigest: digestCodec,
  chunk: chunkCodec,
  chunks: chunksCodec,
  answerDigest: digestCodec,
  series: seriesListCodec,
};
