import fc from 'fast-check';
import { InvariantError } from './assert';
import { apportion, compareBigint, mulDivCeil, mulDivFloor, mulDivHalfUp, sum } from './math';

const fixed = { numRuns: Number(process.env.PROPERTY_RUNS ?? '500'), seed: 20_160_520 };
const amount = fc.bigInt({ min: 0n, max: 10n ** 18n });
const shares = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 })
  .chain((ids) => fc.tuple(...ids.map((id) => fc.bigInt({ min: 0n, max: 1_000n }).map((weight) => ({ id, weight })))))
  .filter((entries) => entries.some((entry) => entry.weight > 0n));

describe('a fraction', () => {
  it('rounded down, up and to the nearest lies where its name says', () => {
    fc.assert(
      fc.property(amount, amount, fc.bigInt({ min: 1n, max: 10n ** 12n }), (value, numerator, denominator) => {
        const exact = value * numerator;
        const floor = mulDivFloor(value, numerator, denominator);
        const ceil = mulDivCeil(value, numerator, denominator);
        const nearest = mulDivHalfUp(value, numerator, denominator);
        expect(floor * denominator <= exact && exact < (floor + 1n) * denominator).toBe(true);
        expect(ceil).toBe(exact % denominator === 0n ? floor : floor + 1n);
        expect(nearest).toBe(2n * (exact % denominator) >= denominator ? floor + 1n : floor);
      }),
      fixed,
    );
  });

  it('of negatives or by zero is our own mistake', () => {
    expect(() => mulDivFloor(-7n, 1n, 2n)).toThrow(InvariantError);
    expect(() => mulDivCeil(7n, -1n, 2n)).toThrow(InvariantError);
    expect(() => mulDivHalfUp(7n, 1n, 0n)).toThrow(InvariantError);
  });
});

describe('apportion', () => {
  it('gives parts that sum to the total, each less than one unit from its exact share', () => {
    fc.assert(
      fc.property(amount, shares, (total, entries) => {
        const parts = apportion(total, entries);
        const weight = sum(entries.map((entry) => entry.weight));
        expect(sum(parts)).toBe(total);
        parts.forEach((part, index) => {
          const exact = total * (entries[index]?.weight ?? 0n);
          expect(part * weight > exact - weight && part * weight < exact + weight).toBe(true);
        });
      }),
      fixed,
    );
  });

  it('does not depend on the order of the shares', () => {
    fc.assert(
      fc.property(amount, shares, (total, entries) => {
        const byId = (list: typeof entries) => {
          const parts = apportion(total, list);
          return new Map(list.map((entry, index) => [entry.id, parts[index]]));
        };
        expect(byId([...entries].reverse())).toEqual(new Map([...byId(entries)].reverse()));
      }),
      fixed,
    );
  });

  it('never gives a heavier share less than a lighter one', () => {
    fc.assert(
      fc.property(amount, shares, (total, entries) => {
        const parts = apportion(total, entries);
        const sorted = entries
          .map((entry, index) => ({ weight: entry.weight, part: parts[index] ?? 0n }))
          .sort((left, right) => compareBigint(left.weight, right.weight) || compareBigint(left.part, right.part));
        const ordered = sorted.every((entry, index) => index === 0 || entry.part >= (sorted[index - 1]?.part ?? 0n));
        expect(ordered).toBe(true);
      }),
      fixed,
    );
  });

  it('splits 1 among 3, nothing, and 10^18 among 7 exactly', () => {
    const equal = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `p${index}`, weight: 1n }));
    expect(apportion(1n, equal(3))).toEqual([1n, 0n, 0n]);
    expect(apportion(0n, equal(3))).toEqual([0n, 0n, 0n]);
    expect(apportion(0n, [])).toEqual([]);
    const parts = apportion(10n ** 18n, equal(7));
    expect(sum(parts)).toBe(10n ** 18n);
    expect(new Set(parts).size).toBe(2);
  });

  it('is refused where there is nobody to give to, or somebody twice', () => {
    expect(() => apportion(1n, [])).toThrow(InvariantError);
    expect(() => apportion(1n, [{ id: 'a', weight: 0n }])).toThrow(InvariantError);
    const twice = { id: 'a', weight: 1n };
    expect(() => apportion(1n, [twice, twice])).toThrow(InvariantError);
    expect(() => apportion(-1n, [twice])).toThrow(InvariantError);
  });
});
