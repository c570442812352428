import { errorRow, parseJson, RuleError, type JsonValue } from '@flexledger/domain';

/** What a contract's error message carries: `CODE: one sentence {canonical JSON details}`. */
export interface RuleRecord {
  readonly code: string;
  readonly sentence: string;
  readonly details: JsonValue;
  /** True when the same command may be accepted later. */
  readonly transient: boolean;
  /** True when no caller can put it right: the program contradicts itself. */
  readonly broken: boolean;
}

/** Fabric puts its own words and the status in front of the contract's message. */
const RECORD = /chaincode response \d{3}, (?:.*? )??([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+): (.*)$/s;

/**
 * Reads the record back out of the message of one endorser, here and nowhere else.
 * @returns undefined when the message is none of a contract of ours
 */
export function readRuleRecord(message: string): RuleRecord | undefined {
  const match = RECORD.exec(message);
  const code = match?.[1];
  const row = code === undefined ? undefined : errorRow(code);
  if (code === undefined || row === undefined) {
    return undefined;
  }
  const text = match?.[2] ?? '';
  const detailsStart = text.indexOf('{');
  const sentence = (detailsStart < 0 ? text : text.slice(0, detailsStart)).trim();
  const details = detailsStart < 0 ? {} : readDetails(text.slice(detailsStart));
  return { code, sentence, details, transient: row.transient, broken: row.whoFixes === 'developer' };
}

/** Details that cannot be read are shown as they came: the code alone decides what is done. */
function readDetails(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof RuleError) {
      return text;
    }
    throw error;
  }
}
