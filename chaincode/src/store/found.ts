import { RuleError, type ErrorCode, type JsonObject } from '@flexledger/domain';

/** The row that was loaded, or a refusal with this code where there is none. */
export function found<T>(row: T | undefined, code: ErrorCode, details: JsonObject): T {
  if (row === undefined) {
    throw new RuleError(code, details);
  }
  return row;
}
