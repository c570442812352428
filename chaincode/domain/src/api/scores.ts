import { array, integer, nullable, object, optional, text } from '../decode';
import { mspIdCodec } from '../field-codecs';
import { requestIdCodec } from '../ids';
import { limits } from '../limits';
import { modelCodec, serviceCodec } from '../oracle/rows';
import { forecastCoverCodec } from '../oracle/forecast-pay';
import { scoreCodec, standingCodec } from '../oracle/score-rows';
import { slotCodec } from '../time';
import { commandFields } from './common';
import { exampleCommandId } from './examples';
import { signatureErrors, signedExample, signedFields } from './signed';
import { evaluateSpec, submitSpec } from './transaction-spec';

const contract = 'oracle';

const scoredFields = {
  requestId: requestIdCodec,
  /** Whose answer; the one that counts where it is absent. */
  mspId: optional(mspIdCodec),
};
/** Where a page of scores ended: slot, request and organisation. */
const scoreBookmarkCodec = text(
  /^[0-9]{8}\.[0-9a-z]{26}\.[A-Za-z0-9.-]{1,64}$/,
  'the bookmark of a page of scores',
  100,
);
const example = { requestId: exampleCommandId };

/** The transactions of the contract `oracle` that say how good forecasts were. */
export const scoreTransactions = {
  scoreForecast: submitSpec(contract, 'scoreForecast', {
    roles: 'anyone',
    request: object({ ...commandFields, ...scoredFields }),
    response: scoreCodec,
    errors: ['ORACLE_REQUEST_UNKNOWN', 'ORACLE_NOT_ANSWERED', 'ORACLE_FORECAST_NOT_ENDED'],
    facts: ['ForecastScored'],
    summary: 'Scores an answer against the readings of its slots once these have ended; again after a late reading.',
    example: { commandId: exampleCommandId, ...example },
  }),
  coverForecast: submitSpec(contract, 'coverForecast', {
    roles: ['aggregator', 'market', 'community'],
    request: object({ ...signedFields, requestId: requestIdCodec }),
    response: forecastCoverCodec,
    errors: [
      ...signatureErrors,
      'ACCOUNTS_BALANCE_TOO_LOW',
      'ORACLE_REQUEST_UNKNOWN',
      'ORACLE_REQUEST_CLOSED',
      'ORACLE_PAY_OFF',
      'ORACLE_COVERED',
    ],
    facts: ['ForecastCovered'],
    summary: 'Sets the fee of a forecast aside before it is answered; signed by the participant who pays.',
    example: { ...signedExample, requestId: exampleCommandId },
  }),
  payForecast: submitSpec(contract, 'payForecast', {
    roles: 'anyone',
    request: object({ ...commandFields, requestId: requestIdCodec }),
    response: forecastCoverCodec,
    errors: ['ACCOUNTS_BALANCE_TOO_HIGH', 'ORACLE_REQUEST_UNKNOWN', 'ORACLE_NOT_COVERED', 'ORACLE_PAY_HELD'],
    facts: ['ForecastScored', 'ForecastPaid'],
    summary: 'Pays the answer that counts by its score, and gives the rest back, once late readings count no more.',
    example: { commandId: exampleCommandId, ...example },
  }),
  getForecastCover: evaluateSpec(contract, 'getForecastCover', {
    roles: 'anyone',
    request: object({ requestId: requestIdCodec }),
    response: object({ cover: nullable(forecastCoverCodec) }),
    errors: [],
    summary: 'Answers what is set aside for a forecast and what was paid, or null.',
    example,
  }),
  getScore: evaluateSpec(contract, 'getScore', {
    roles: 'anyone',
    request: object({ ...scoredFields, version: optional(integer(1, limits.scoreVersionMax)) }),
    response: scoreCodec,
    errors: ['ORACLE_REQUEST_UNKNOWN', 'ORACLE_SCORE_UNKNOWN'],
    summary: 'Answers the score of an answer; the last version where none is named.',
    example,
  }),
  getScoreboard: evaluateSpec(contract, 'getScoreboard', {
    roles: 'anyone',
    request: object({
      /** Scores of forecasts that began before this slot are left out. */
      fromSlot: optional(slotCodec),
      service: optional(serviceCodec),
      mspId: optional(mspIdCodec),
      model: optional(modelCodec),
      bookmark: optional(scoreBookmarkCodec),
    }),
    response: object({
      standings: array(standingCodec, limits.scoresPerPageMax),
      bookmark: nullable(scoreBookmarkCodec),
    }),
    errors: [],
    summary: 'Adds up a page of scores by service, organisation and model; the pages add up to the scoreboard.',
    example: { fromSlot: 1_626_044 },
  }),
} as const;
