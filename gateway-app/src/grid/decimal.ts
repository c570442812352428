/**
 * Exact arithmetic on decimal texts. Profiles and ratings come as texts such as `0.57324` or `5.8999999999999995`;
 * multiplying them as floating-point numbers would let the last bit depend on the order of operations, so energies are
 * computed from the digits themselves.
 */

/** The number `digits` · 10^-`scale`. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

const DECIMAL_TEXT = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,2}))?$/;

/** Reads a decimal text, with an optional exponent; throws a TypeError for any other text. */
export function parseDecimal(text: string): Decimal {
  const match = DECIMAL_TEXT.exec(text);
  if (match === null) throw new TypeError(`"${text}" is not a decimal number`);
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match;
  const magnitude = BigInt(whole + fraction);
  const scale = fraction.length - Number(exponentText);
  const digits = sign === '-' ? -magnitude : magnitude;
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** The product of two decimals; exact. */
export function multiply(left: Decimal, right: Decimal): Decimal {
  return { digits: left.digits * right.digits, scale: left.scale + right.scale };
}

/** The nearest integer; a half is rounded away from zero (0.5 -> 1, -0.5 -> -1). */
export function roundHalfUp(value: Decimal): bigint {
  const divisor = 10n ** BigInt(value.scale);
  const negative = value.digits < 0n;
  const magnitude = negative ? -value.digits : value.digits;
  const rounded = (2n * magnitude + divisor) / (2n * divisor);
  return negative ? -rounded : rounded;
}

/** `value` · `factor`, rounded to the nearest integer (halves away from zero). */
export function scaleToInteger(value: Decimal, factor: bigint): bigint {
  return roundHalfUp({ digits: value.digits * factor, scale: value.scale });
}
