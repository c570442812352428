import * as fc from 'fast-check';
import {
  ceilingOf,
  commonDivisor,
  compareRational,
  floorOf,
  identity,
  minus,
  over,
  plus,
  rational,
  solveExactly,
  times,
} from './rows-rational';

const integer = fc.bigInt({ min: -1_000_000n, max: 1_000_000n });
const fraction = fc
  .tuple(integer, integer)
  .filter(([, denominator]) => denominator !== 0n)
  .map(([numerator, denominator]) => rational(numerator, denominator));

describe('exact fractions', () => {
  it('stand in lowest terms with a positive denominator', () => {
    expect(rational(6n, -4n)).toEqual({ numerator: -3n, denominator: 2n });
    expect(rational(0n, -7n)).toEqual({ numerator: 0n, denominator: 1n });
    expect(commonDivisor(0n, 0n)).toBe(1n);
    expect(() => rational(1n, 0n)).toThrow('INVARIANT_BROKEN');
  });

  it('obey the laws of a field and of its order', () => {
    fc.assert(
      fc.property(fraction, fraction, fraction, (a, b, c) => {
        expect(plus(a, b)).toEqual(plus(b, a));
        expect(times(a, plus(b, c))).toEqual(plus(times(a, b), times(a, c)));
        expect(plus(minus(a, b), b)).toEqual(a);
        if (b.numerator !== 0n) expect(times(over(a, b), b)).toEqual(a);
        expect(compareRational(a, b)).toBe(-compareRational(b, a) + 0);
        expect(compareRational(plus(a, c), plus(b, c))).toBe(compareRational(a, b));
      }),
      { seed: 20261110, numRuns: 500 },
    );
  });

  it('round down and up to the integers around them, below zero too', () => {
    expect([floorOf(rational(-7n, 2n)), ceilingOf(rational(-7n, 2n))]).toEqual([-4n, -3n]);
    expect([floorOf(rational(7n, 2n)), ceilingOf(rational(7n, 2n))]).toEqual([3n, 4n]);
    expect([floorOf(rational(4n, 2n)), ceilingOf(rational(4n, 2n))]).toEqual([2n, 2n]);
  });
});

describe('elimination without fractions', () => {
  const square = fc.integer({ min: 1, max: 6 }).chain((size) =>
    fc.record({
      matrix: fc.array(fc.array(fc.bigInt({ min: -9n, max: 9n }), { minLength: size, maxLength: size }), {
        minLength: size,
        maxLength: size,
      }),
      right: fc.array(fc.array(fc.bigInt({ min: -99n, max: 99n }), { minLength: 2, maxLength: 2 }), {
        minLength: size,
        maxLength: size,
      }),
    }),
  );

  /** The determinant by the rule of the first row: slow, and nothing like elimination. */
  function determinant(matrix: readonly (readonly bigint[])[]): bigint {
    if (matrix.length === 0) return 1n;
    return matrix[0]!.reduce((total, value, column) => {
      const minor = matrix.slice(1).map((row) => row.filter((_, index) => index !== column));
      return total + (column % 2 === 0 ? value : -value) * determinant(minor);
    }, 0n);
  }

  it('solves every system that has one solution, over the determinant, and refuses the others', () => {
    fc.assert(
      fc.property(square, ({ matrix, right }) => {
        const exact = solveExactly(matrix, right);
        const size = determinant(matrix);
        if (size === 0n) {
          expect(exact).toBeUndefined();
          return;
        }
        expect(exact!.denominator).toBe(size < 0n ? -size : size);
        for (const [index, row] of matrix.entries()) {
          for (const side of [0, 1]) {
            const value = row.reduce((total, cell, column) => total + cell * exact!.solution[column]![side]!, 0n);
            expect(value).toBe(right[index]![side]! * exact!.denominator);
          }
        }
      }),
      { seed: 20261111, numRuns: 400 },
    );
  });

  it('inverts the identity to itself, and has nothing to do for no equation', () => {
    expect(solveExactly(identity(3), identity(3))).toEqual({ denominator: 1n, solution: identity(3) });
    expect(solveExactly([], [])).toEqual({ denominator: 1n, solution: [] });
  });
});
