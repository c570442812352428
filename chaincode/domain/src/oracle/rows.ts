import { array, boolean, integer, nullable, object, oneOf, optional, text, type TypeOf } from '../decode';
import { digestCodec, elementIdCodec, mspIdCodec } from '../field-codecs';
import { meterIdCodec, requestIdCodec } from '../ids';
import { feedInputCodec } from '../feeds/rows';
import { limits } from '../limits';
import { intervalSlotsCodec } from '../rule-set/products';
import { slotCodec } from '../time';
import { whCodec } from '../units';

/** The name of a service: which ones there are is a matter of the oracles, and one that nobody offers is refused by each of them. */
export const serviceCodec = text(/^[a-z0-9][a-z0-9.-]{0,47}$/, 'the name of a service', 48);
/** The version of a service. */
export const serviceVersionCodec = text(/^[a-z0-9][a-z0-9.-]{0,15}$/, 'the version of a service', 16);
/** The name of the model that made an answer. */
export const modelCodec = text(/^[a-z0-9][a-z0-9.-]{0,47}$/, 'the name of a model', 48);

const cardRateCodec = nullable(integer(0, limits.scoreRateMax));

/** How a forecast came about, and how well its model did on days that it had not learned from: the word of the oracle, which scores put to the test. */
export const modelCardCodec = object({
  model: modelCodec,
  features: array(text(/^[a-z0-9][a-z0-9.:_-]{0,47}$/, 'the name of a feature', 48), limits.cardFeaturesMax),
  /** The first and the last quarter hour that it was trained on, and how many readings were usable. */
  trainedOn: object({ fromSlot: slotCodec, toSlot: slotCodec, rows: integer(0, limits.cardRowsMax) }),
  /** Of the back-test: mean absolute error by mean load, and the share of values inside the band; null where there was too little to test on. */
  errors: object({ nmaePpm: cardRateCodec, coveragePpm: cardRateCodec }),
  /** Digest of what it was trained on, where that is more than the inputs of the request. */
  dataDigest: optional(digestCodec),
});
export type ModelCard = TypeOf<typeof modelCardCodec>;

const chunkCodec = integer(0, limits.answerChunksMax - 1);
const chunksCodec = integer(1, limits.answerChunksMax);

/** What a request asks for. */
export const computationFields = {
  service: serviceCodec,
  version: serviceVersionCodec,
  meterIds: array(meterIdCodec, limits.forecastMetersMax, 1),
  /** Asks for exactly the meters of the connections behind this congestion point; absent for whichever meters the request names. */
  congestionPoint: optional(object({ gridId: elementIdCodec, congestionPointId: elementIdCodec })),
  /** True asks for one series of all the meters together, as a portfolio or the connections behind a congestion point; absent for one of each. */
  total: optional(boolean),
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
  /** What became of the signals from outside that the request names; absent where it names none. */
  feeds: optional(array(feedInputCodec, limits.feedsPerRequestMax, 1)),
  /** Digest of the interval totals and signals that go in; the answer must name it. */
  dataDigest: digestCodec,
  /** The answer that counts, once it is complete. */
  answerDigest: optional(digestCodec),
  /** Whose copy of it counts; absent in rows of before there were several oracles. */
  answeredBy: optional(mspIdCodec),
  /** How many oracles must give equal answers, as the rules said when the request was made; absent for one. */
  answersNeeded: optional(integer(2, limits.organisationsMax)),
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

/** The head of an answer: what all its chunks have in common. The answers of the organisations stand side by side, one each. */
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
  /** How the model came about; absent where the oracle does not tell. */
  card: optional(modelCardCodec),
});
export type AnswerHead = TypeOf<typeof answerHeadCodec>;

/** One chunk of an answer. */
export const answerChunkCodec = object({
  requestId: requestIdCodec,
  answerDigest: digestCodec,
  chunk: chunkCodec,
  series: seriesListCodec,
  /** The organisation that answers; absent in rows of before there were several oracles. */
  mspId: optional(mspIdCodec),
});
export type AnswerChunk = TypeOf<typeof answerChunkCodec>;

/** Why an oracle does not answer: a code of its own, such as ORACLE_SERVICE_FAILED. */
export const refusalReasonCodec = text(/^[A-Z][A-Z0-9_]{2,63}$/, 'the code of a reason', 64);

/** That an oracle will not answer a request. */
export const refusalCodec = object({ requestId: requestIdCodec, mspId: mspIdCodec, reason: refusalReasonCodec });
export type Refusal = TypeOf<typeof refusalCodec>;

/** Complete answers to one request that differ. */
export const disagreementCodec = object({
  requestId: requestIdCodec,
  /** All complete answers, by organisation. */
  answers: array(
    object({ mspId: mspIdCodec, answerDigest: digestCodec, model: modelCodec }),
    limits.organisationsMax,
    2,
  ),
});
export type Disagreement = TypeOf<typeof disagreementCodec>;

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
  card: optional(modelCardCodec),
};
