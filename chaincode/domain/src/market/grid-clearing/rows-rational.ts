import { assert, present } from '../../assert';

/** An exact fraction in lowest terms; the denominator is positive. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Nothing, as a fraction. */
export const zero: Rational = { numerator: 0n, denominator: 1n };

/** numerator ÷ denominator in lowest terms. Throws InvariantError for a denominator of zero. */
export function rational(numerator: bigint, denominator = 1n): Rational {
  assert(denominator !== 0n, 'A fraction has a denominator.');
  const divisor = commonDivisor(numerator, denominator);
  const sign = denominator < 0n ? -1n : 1n;
  return { numerator: (sign * numerator) / divisor, denominator: (sign * denominator) / divisor };
}

/** The largest integer that divides both; of 0 and 0 it is 1. */
export function commonDivisor(left: bigint, right: bigint): bigint {
  let [larger, smaller] = [left < 0n ? -left : left, right < 0n ? -right : right];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger === 0n ? 1n : larger;
}

/** left + right. */
export function plus(left: Rational, right: Rational): Rational {
  return rational(
    left.numerator * right.denominator + right.numerator * left.denominator,
    left.denominator * right.denominator,
  );
}

/** left - right. */
export function minus(left: Rational, right: Rational): Rational {
  return plus(left, { numerator: -right.numerator, denominator: right.denominator });
}

/** left × right. */
export function times(left: Rational, right: Rational): Rational {
  return rational(left.numerator * right.numerator, left.denominator * right.denominator);
}

/** left ÷ right. Throws InvariantError where right is zero. */
export function over(left: Rational, right: Rational): Rational {
  return rational(left.numerator * right.denominator, left.denominator * right.numerator);
}

/** Negative, 0 or positive as left is below, equal to or above right. */
export function compareRational(left: Rational, right: Rational): number {
  const difference = left.numerator * right.denominator - right.numerator * left.denominator;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** The largest integer that is not above. */
export function floorOf({ numerator, denominator }: Rational): bigint {
  const quotient = numerator / denominator;
  return quotient * denominator > numerator ? quotient - 1n : quotient;
}

/** The smallest integer that is not below. */
export function ceilingOf({ numerator, denominator }: Rational): bigint {
  return -floorOf({ numerator: -numerator, denominator });
}

/** What solves matrix × solution = denominator × right; the denominator is positive. */
export interface ExactSolution {
  readonly denominator: bigint;
  readonly solution: readonly (readonly bigint[])[];
}

/**
 * Solves a square system of integers for several right sides at once, by elimination without fractions: every division is exact, so the
 * numbers stay determinants of the input. Source: E. H. Bareiss, Mathematics of Computation 22 (1968).
 *
 * @returns undefined where the matrix is singular
 */
export function solveExactly(
  matrix: readonly (readonly bigint[])[],
  right: readonly (readonly bigint[])[],
): ExactSolution | undefined {
  const rows = matrix.map((row, index) => [...row, ...present(right[index], 'Every row has a right side.')]);
  let previous = 1n;
  for (let column = 0; column < rows.length; column += 1) {
    const found = rows.findIndex((row, index) => index >= column && row[column] !== 0n);
    if (found < 0) return undefined;
    swap(rows, column, found);
    previous = eliminate(rows, column, previous);
  }
  const sign = previous < 0n ? -1n : 1n;
  return { denominator: sign * previous, solution: rows.map((row) => row.slice(rows.length).map((x) => sign * x)) };
}

/** Clears a column in all rows but its own, and answers the pivot. */
function eliminate(rows: bigint[][], column: number, previous: bigint): bigint {
  const pivotRow = present(rows[column], 'The pivot row exists.');
  const pivot = pivotRow[column] ?? 0n;
  for (const [index, row] of rows.entries()) {
    if (index === column) continue;
    const factor = row[column] ?? 0n;
    for (let place = 0; place < row.length; place += 1) {
      row[place] = (pivot * (row[place] ?? 0n) - factor * (pivotRow[place] ?? 0n)) / previous;
    }
  }
  return pivot;
}

function swap(rows: bigint[][], left: number, right: number): void {
  const kept = present(rows[left], 'A row exists.');
  rows[left] = present(rows[right], 'A row exists.');
  rows[right] = kept;
}

/** The identity matrix. */
export function identity(size: number): readonly (readonly bigint[])[] {
  return Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (__, column) => (row === column ? 1n : 0n)),
  );
}
