import { assert } from './assert';
import { compareText } from './canonical-writer';

/** value × numerator ÷ denominator, rounded down; all not negative, the denominator positive. */
export function mulDivFloor(value: bigint, numerator: bigint, denominator: bigint): bigint {
  assertFraction(value, numerator, denominator);
  return (value * numerator) / denominator;
}

/** value × numerator ÷ denominator, rounded up; all not negative, the denominator positive. */
export function mulDivCeil(value: bigint, numerator: bigint, denominator: bigint): bigint {
  assertFraction(value, numerator, denominator);
  return (value * numerator + denominator - 1n) / denominator;
}

/** value × numerator ÷ denominator, rounded to the nearest, halves up; all not negative, the denominator positive. */
export function mulDivHalfUp(value: bigint, numerator: bigint, denominator: bigint): bigint {
  assertFraction(value, numerator, denominator);
  return (2n * value * numerator + denominator) / (2n * denominator);
}

/** value ÷ divisor, rounded down: towards minus infinity for a value below zero; the divisor is positive. */
export function floorQuotient(value: bigint, divisor: bigint): bigint {
  assert(divisor > 0n, 'A divisor is positive.');
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}

/** value ÷ divisor, rounded to the nearest, halves up, for a value below zero too; the divisor is positive. */
export function nearestQuotient(value: bigint, divisor: bigint): bigint {
  return floorQuotient(2n * value + divisor, 2n * divisor);
}

/** The largest whole number whose square is not above the value, which is not negative: Newton's method. */
export function floorSquareRoot(value: bigint): bigint {
  assert(value >= 0n, 'A square is not negative.');
  if (value < 2n) {
    return value;
  }
  let estimate = 1n << BigInt((value.toString(2).length >> 1) + 1);
  for (;;) {
    const next = (estimate + value / estimate) >> 1n;
    if (next >= estimate) {
      return estimate;
    }
    estimate = next;
  }
}

/** The sum; 0 of nothing. */
export function sum(values: Iterable<bigint>): bigint {
  let total = 0n;
  for (const value of values) {
    total += value;
  }
  return total;
}

const exactNumberMax = BigInt(Number.MAX_SAFE_INTEGER);

/** An amount as a number, which is exact: it must be below 2^53. */
export function exactNumber(value: bigint): number {
  assert(value >= 0n && value <= exactNumberMax, 'A number is exact below 2^53.');
  return Number(value);
}

/** A value of either sign as a number, which is exact: without its sign it must be below 2^53. */
export function exactSignedNumber(value: bigint): number {
  return value < 0n ? -exactNumber(-value) : exactNumber(value);
}

/**
 * An integer as a key of a map or a sort: a number where that is exact (below 2^53), which is found several times faster, and itself
 * elsewhere. Two keys are equal exactly if their integers are, and numbers and bigints compare by their exact values.
 */
export function integerKey(value: bigint): number | bigint {
  const key = Number(value);
  return Number.isSafeInteger(key) ? key : value;
}

/** The smaller of two. */
export function least<T extends bigint>(left: T, right: T): T {
  return left < right ? left : right;
}

/** The larger of two. */
export function greatest<T extends bigint>(left: T, right: T): T {
  return left > right ? left : right;
}

/** Someone who gets a part of a whole, in proportion to a weight that is not negative. Ids are unique. */
export interface Share {
  readonly id: string;
  readonly weight: bigint;
}

/**
 * Splits a total in proportion to weights so that the parts sum to it exactly: everybody gets the floor of the exact part, and
 * what is left goes one by one to the largest remainders, ties to the smaller id (method of Hamilton). Answers the parts in
 * the order of the shares. A total above zero needs a weight above zero; a zero total gives zeros.
 */
export function apportion(total: bigint, shares: readonly Share[]): readonly bigint[] {
  assert(total >= 0n, 'A total to split is not negative.');
  assert(new Set(shares.map((share) => share.id)).size === shares.length, 'Everybody stands once in a split.');
  assert(
    shares.every((share) => share.weight >= 0n),
    'A weight is not negative.',
  );
  const weight = sum(shares.map((share) => share.weight));
  if (total === 0n) {
    return shares.map(() => 0n);
  }
  assert(weight > 0n, 'A total above zero is split among weights above zero.');
  const parts = shares.map((share) => (total * share.weight) / weight);
  const order = shares
    .map((share, index) => ({ id: share.id, index, remainder: (total * share.weight) % weight }))
    .sort((left, right) => compareBigint(right.remainder, left.remainder) || compareText(left.id, right.id));
  const rest = Number(total - sum(parts));
  assert(rest < Math.max(shares.length, 1), 'The floors leave less than one unit for each.');
  const lucky = new Set(order.slice(0, rest).map((entry) => entry.index));
  return parts.map((part, index) => (lucky.has(index) ? part + 1n : part));
}

/** Orders integers: negative, 0 or positive as `sort` takes it. */
export function compareBigint(left: bigint, right: bigint): number {
  if (left === right) {
    return 0;
  }
  return left < right ? -1 : 1;
}

function assertFraction(value: bigint, numerator: bigint, denominator: bigint): void {
  assert(
    value >= 0n && numerator >= 0n && denominator > 0n,
    'A fraction is not negative and its denominator positive.',
  );
}
