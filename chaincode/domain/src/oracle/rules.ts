import { array, integer, object, optional, type TypeOf } from '../decode';
import { mspIdCodec } from '../field-codecs';
import { participantIdCodec } from '../ids';
import { limits } from '../limits';
import { microCodec } from '../units';

/** What is paid for a forecast, by its score. */
export const forecastPayRulesCodec = object({
  /** What an answer with full skill gets, and the most that any gets. */
  feeMicro: microCodec,
  /** The skill from which the whole fee is paid, in millionths. */
  fullSkillPpm: integer(1, 1_000_000),
  /** To whom it is paid, by the organisation that answers. */
  payees: array(object({ mspId: mspIdCodec, participantId: participantIdCodec }), limits.organisationsMax, 1),
});
export type ForecastPayRules = TypeOf<typeof forecastPayRulesCodec>;

/** What a rule set says about computations. */
export const oracleRulesCodec = object({
  /** How many oracles must give equal answers before an answer counts; there are at least as many of them. */
  answersNeeded: integer(1, limits.organisationsMax),
  /** What is paid for forecasts by their score; absent: nothing. */
  forecastPay: optional(forecastPayRulesCodec),
});
export type OracleRules = TypeOf<typeof oracleRulesCodec>;
