import * as fc from 'fast-check';
import { compareRational, rational } from './rows-rational';
import { evenShares, type ShareCondition } from './rows-shares';

const rounds = 5_000;

function numbers(values: readonly { numerator: bigint; denominator: bigint }[] | undefined): readonly number[] {
  return values!.map(({ numerator, denominator }) => Number(numerator) / Number(denominator));
}

describe('sharing a tie evenly', () => {
  it('gives each its part in proportion to its energy', () => {
    const total: ShareCondition = { kind: 'equal', coefficients: [1n, 1n, 1n], bound: 6n };
    expect(evenShares([2n, 4n, 6n], [total], rounds)).toEqual([rational(1n), rational(2n), rational(3n)]);
  });

  it('gives what a limit keeps from some to the others, in proportion', () => {
    const total: ShareCondition = { kind: 'equal', coefficients: [1n, 1n, 1n], bound: 12n };
    const limit: ShareCondition = { kind: 'atLeast', coefficients: [-1n, 0n, 0n], bound: -1n };
    expect(numbers(evenShares([10n, 10n, 20n], [total, limit], rounds))).toEqual([1, 11 / 3, 22 / 3]);
  });

  it('lets nobody get more than its energy or less than nothing', () => {
    const weighted: ShareCondition = { kind: 'equal', coefficients: [5n, 1n, -3n], bound: 17n };
    const shares = evenShares([3n, 4n, 5n], [weighted], rounds)!;
    expect(shares[0]).toEqual(rational(3n));
    expect(shares[2]).toEqual(rational(0n));
    expect(shares[1]).toEqual(rational(2n));
  });

  it('says so where conditions contradict each other, or the rounds do not suffice', () => {
    const tooMuch: ShareCondition = { kind: 'equal', coefficients: [1n, 1n], bound: 9n };
    expect(evenShares([4n, 4n], [tooMuch], rounds)).toBeUndefined();
    expect(evenShares([4n, 4n], [{ ...tooMuch, bound: 4n }], 0)).toBeUndefined();
  });

  it('has the smallest Σ value² ÷ energy of all whole points that keep the conditions', () => {
    const market = fc.record({
      energies: fc.array(fc.bigInt({ min: 1n, max: 5n }), { minLength: 2, maxLength: 4 }),
      point: fc.array(fc.nat({ max: 5 }), { minLength: 4, maxLength: 4 }),
      rows: fc.array(fc.array(fc.bigInt({ min: -2n, max: 2n }), { minLength: 4, maxLength: 4 }), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(market, ({ energies, point, rows }) => {
        // The conditions are made to hold at a known point, so that there is a solution.
        const known = energies.map((energy, index) => BigInt(point[index]!) % (energy + 1n));
        const at = (row: readonly bigint[], values: readonly bigint[]) =>
          values.reduce((total, value, index) => total + row[index]! * value, 0n);
        const cut = (row: readonly bigint[]) => row.slice(0, energies.length);
        const conditions: ShareCondition[] = [
          { kind: 'equal', coefficients: energies.map(() => 1n), bound: known.reduce((a, b) => a + b, 0n) },
          ...rows.map((row): ShareCondition => ({ kind: 'atLeast', coefficients: cut(row), bound: at(row, known) })),
        ];
        const shares = evenShares(energies, conditions, rounds)!;
        const cost = numbers(shares).reduce((total, value, index) => total + value ** 2 / Number(energies[index]), 0);
        for (const whole of wholePoints(energies)) {
          const keeps = conditions.every(({ kind, coefficients, bound }) =>
            kind === 'equal' ? at(coefficients, whole) === bound : at(coefficients, whole) >= bound,
          );
          const own = whole.reduce((total, value, index) => total + Number(value) ** 2 / Number(energies[index]), 0);
          if (keeps) expect(cost).toBeLessThanOrEqual(own + 1e-9);
        }
        for (const { kind, coefficients, bound } of conditions) {
          const value = shares.reduce(
            (total, share, index) =>
              total + Number(coefficients[index]) * (Number(share.numerator) / Number(share.denominator)),
            0,
          );
          if (kind === 'equal') expect(value).toBeCloseTo(Number(bound), 9);
          else expect(value).toBeGreaterThanOrEqual(Number(bound) - 1e-9);
        }
        expect(shares.every((share, index) => compareRational(share, rational(energies[index]!)) <= 0)).toBe(true);
      }),
      { seed: 20261112, numRuns: 300 },
    );
  });
});

function wholePoints(energies: readonly bigint[]): readonly (readonly bigint[])[] {
  return energies.reduce<readonly (readonly bigint[])[]>(
    (points, energy) =>
      points.flatMap((point) => Array.from({ length: Number(energy) + 1 }, (_, value) => [...point, BigInt(value)])),
    [[]],
  );
}
