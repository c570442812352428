import { array, integer, object, optional, type TypeOf } from '../decode';
import { digestCodec, mspIdCodec } from '../field-codecs';
import { meterIdCodec, requestIdCodec } from '../ids';
import { limits } from '../limits';
import { intervalSlotsCodec } from '../rule-set/products';
import { slotCodec } from '../time';
import { deciWhCodec, whCodec } from '../units';
import { modelCodec, serviceCodec, serviceVersionCodec } from './rows';

/** A count of intervals: of one meter, of all meters of a request, or of all requests of a page of the scoreboard. */
const countCodec = integer(0, limits.forecastMetersMax * limits.sessionIntervalsMax * limits.scoresPerPageMax);
/** A rate in millionths, above a million too. */
const rateCodec = integer(0, limits.scoreRateMax);

/**
 * How far a forecast of one direction was off, as sums over intervals, so that measures can be added; the rates follow from the sums.
 * An interval counts where every quarter hour of it has a usable reading.
 */
export const measuresCodec = object({
  /** Intervals that count, and those that do not because a reading is missing or bad. */
  intervals: countCodec,
  missing: countCodec,
  actualWh: whCodec,
  /** What the middle of the forecast was off, without its sign. */
  absoluteErrorWh: whCodec,
  /** The pinball losses of the quantiles 10, 50 and 90 percent together. */
  pinballDeciWh: deciWhCodec,
  /** Intervals in which the energy was from the 10 to the 90 percent quantile. */
  covered: countCodec,
  /** Intervals that have a usable reading of the day before too, what the forecast was off in them, and what that day was. */
  compared: countCodec,
  comparedErrorWh: whCodec,
  yesterdayErrorWh: whCodec,
  /** The absolute error as a share of what was metered, halves up; absent where nothing was metered. */
  nmaePpm: optional(rateCodec),
  /** The share of the intervals that were covered, rounded down; absent where none counts. */
  coveragePpm: optional(rateCodec),
  /** By how much the error is smaller than that of the day before: 1 - error / error of the day before, rounded down; below zero where it is larger. Absent where that day was right. */
  skillPpm: optional(integer(-limits.scoreRateMax, 1_000_000)),
});
export type Measures = TypeOf<typeof measuresCodec>;

/** The measures of both directions of energy. */
export const measuredDirectionsCodec = object({ imported: measuresCodec, exported: measuresCodec });
export type MeasuredDirections = TypeOf<typeof measuredDirectionsCodec>;

const scoredAnswerFields = {
  requestId: requestIdCodec,
  answerDigest: digestCodec,
  /** From 1; the next one where readings came late. */
  version: integer(1, limits.scoreVersionMax),
  /** The organisation that answered. */
  mspId: mspIdCodec,
  model: modelCodec,
  service: serviceCodec,
  serviceVersion: serviceVersionCodec,
  firstSlot: slotCodec,
  /** The measures of all meters, each by itself, added up. */
  single: measuredDirectionsCodec,
  /** The measures of the meters together: in each interval the sum of those that have a usable reading in it. */
  total: measuredDirectionsCodec,
};

/** What an answer with forecasts was worth, worked out from the readings on the ledger. Every version is written once. */
export const scoreCodec = object({
  ...scoredAnswerFields,
  intervals: integer(1, limits.sessionIntervalsMax),
  intervalSlots: intervalSlotsCodec,
  /** In the order of the answer. */
  meters: array(
    object({ meterId: meterIdCodec, imported: measuresCodec, exported: measuresCodec }),
    limits.forecastMetersMax,
  ),
});
export type Score = TypeOf<typeof scoreCodec>;

/** The last version of a score in short, in the order of time: what the scoreboard adds up. */
export const scoreLineCodec = object(scoredAnswerFields);
export type ScoreLine = TypeOf<typeof scoreLineCodec>;

/** What all scored answers of an organisation's model to a service came to. */
export const standingCodec = object({
  service: serviceCodec,
  mspId: mspIdCodec,
  model: modelCodec,
  answers: integer(1, limits.scoresPerPageMax),
  single: measuredDirectionsCodec,
  total: measuredDirectionsCodec,
});
export type Standing = TypeOf<typeof standingCodec>;
