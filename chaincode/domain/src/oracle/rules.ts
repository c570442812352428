import { integer, object, type TypeOf } from '../decode';
import { limits } from '../limits';

/** What a rule set says about computations. */
export const oracleRulesCodec = object({
  /** How many oracles must give equal answers before an answer counts; there are at least as many of them. */
  answersNeeded: integer(1, limits.organisationsMax),
});
export type OracleRules = TypeOf<typeof oracleRulesCodec>;
