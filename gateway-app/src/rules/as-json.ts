/** JSON of what has integers: numbers below 2^53 and decimal strings from there on. */
export function asJson(value: object): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? written(part) : part), 2);
}

function written(value: bigint): number | string {
  const isExact = value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
  return isExact ? Number(value) : value.toString();
}
