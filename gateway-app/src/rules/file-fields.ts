import { CliError } from '../cli-errors';

const DIGITS_MAX = 30;
const IDENTIFIER_CHARACTERS_MAX = 200;

/** The fields of an object of a file, not yet checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** The JSON of a file. */
export function parseFile(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError('RULES_NOT_JSON', `${what} is not JSON (${String(error)})`, { cause: error });
  }
}

/** A whole number from a minimum on. */
export function atLeast(value: unknown, minimum: bigint, place: string): bigint {
  const number = integerOf(value);
  if (number !== undefined && number >= minimum) return number;
  throw new CliError('RULES_FIELD_INVALID', `${place} is ${shown(value)}; write a whole number from ${minimum} on`);
}

/** A whole number, as a JSON number that is exact or as decimal digits. */
export function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== 'string' || value.length > DIGITS_MAX) return undefined;
  return /^(0|-?[1-9][0-9]*)$/.test(value) ? BigInt(value) : undefined;
}

/** Any text that is not empty and has no control characters; a whole number stands for its digits. */
export function identifierOf(value: unknown, place: string): string {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  const isText = typeof text === 'string' && text.length > 0 && text.length <= IDENTIFIER_CHARACTERS_MAX;
  if (isText && !/[\p{Cc}\p{Cs}]/u.test(text)) return text;
  throw new CliError(
    'RULES_FIELD_INVALID',
    `${place} is ${shown(value)}; write a text of 1 to ${IDENTIFIER_CHARACTERS_MAX} characters without control characters`,
  );
}

/** An object with no other fields than these. */
export function fieldsOf(value: unknown, place: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CliError('RULES_FIELD_INVALID', `${place} is ${shown(value)}; write an object`);
  }
  const odd = Object.keys(value).find((name) => !known.includes(name));
  if (odd === undefined) return value as Fields;
  throw new CliError('RULES_FIELD_UNKNOWN', `${place} has the field ${shown(odd)}; known are ${known.join(', ')}`);
}

/** A list. */
export function listOf(value: unknown, place: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new CliError('RULES_FIELD_INVALID', `${place} is ${shown(value)}; write a list`);
}

/** What was written, short enough for one line. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
