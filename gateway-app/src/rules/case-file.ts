import { isJsonObject, RuleError, type JsonObject, type JsonValue } from '@flexledger/domain';
import { CliError } from '../cli-errors';
import { parseFile } from './file-fields';

/**
 * Reads a case from a file with the codecs of the ledger. Integers that stand as decimal strings on the ledger may be JSON numbers below 2^53 in the
 * fields that are named.
 *
 * @throws CliError RULES_NOT_JSON, RULES_FIELD_INVALID, RULES_FIELD_UNKNOWN
 */
export function readCaseFile<T>(text: string, amounts: ReadonlySet<string>, read: (value: JsonObject) => T): T {
  const value = parseFile(text, 'the case') as JsonValue;
  if (!isJsonObject(value)) {
    throw new CliError('RULES_FIELD_INVALID', 'the case is no object; write an object');
  }
  try {
    return read(withTextAmounts(value, amounts));
  } catch (error) {
    if (error instanceof RuleError && error.code.startsWith('INPUT_')) {
      const code = error.code === 'INPUT_FIELD_UNKNOWN' ? 'RULES_FIELD_UNKNOWN' : 'RULES_FIELD_INVALID';
      throw new CliError(code, said(error.details), { cause: error });
    }
    throw error;
  }
}

function said({ expected, keys, path }: JsonObject): string {
  const place = typeof path === 'string' ? path : '/';
  if (typeof expected === 'string') return `${place}: write ${expected}`;
  return typeof keys === 'string' ? `${place}: known fields are ${keys}` : `${place} is absent; write it`;
}

function withTextAmounts(value: JsonObject, amounts: ReadonlySet<string>): JsonObject {
  const text = (member: JsonValue, isAmount: boolean): JsonValue => {
    if (Array.isArray(member)) return (member as readonly JsonValue[]).map((element) => text(element, isAmount));
    if (isJsonObject(member)) return withTextAmounts(member, amounts);
    return isAmount && typeof member === 'number' && Number.isSafeInteger(member) ? String(member) : member;
  };
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, text(member, amounts.has(name))]));
}

/** Lists of which each object is made complete; what is no list or no object is left for the codec to refuse. */
export function completedLists(
  lists: Readonly<Record<string, readonly [JsonValue | undefined, (member: JsonObject) => JsonObject]>>,
): JsonObject {
  const completed = Object.entries(lists).flatMap(([name, [list, complete]]) => {
    if (!Array.isArray(list)) return [];
    const members = (list as readonly JsonValue[]).map((member) => (isJsonObject(member) ? complete(member) : member));
    return [[name, members] as const];
  });
  return Object.fromEntries(completed);
}
