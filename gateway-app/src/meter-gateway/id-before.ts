/** The digits of Crockford's base32 in lower case; their order is that of their characters. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';

/** The id that comes directly before another one in the order of ids; undefined for the first of all. */
export function idBefore(id: string): string | undefined {
  const last = [...id].findLastIndex((digit) => digit !== DIGITS[0]);
  if (last < 0) return undefined;
  const smaller = DIGITS[DIGITS.indexOf(id[last] ?? '') - 1] ?? '';
  return id.slice(0, last) + smaller + 'z'.repeat(id.length - last - 1);
}
