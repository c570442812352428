import fc from 'fast-check';
import { sum } from '../math';
import { waterFill, type Vessel } from './water-fill';

const amount = fc.bigInt({ min: 0n, max: 1_000n });
const vessels = fc.array(fc.record({ weight: amount, one: amount, other: amount }), { maxLength: 12 }).map((rows) =>
  rows.map(({ one, other, weight }, index): Vessel => {
    const [low, high] = one < other ? [one, other] : [other, one];
    return { id: `v-${index}`, weight, low, high };
  }),
);

describe('water-filling', () => {
  it('gives everybody the same level inside the bounds, and the sum exactly', () => {
    const vessel = (id: string, weight: bigint, low: bigint, high: bigint): Vessel => ({ id, weight, low, high });
    const three = [vessel('a', 1n, 0n, 10n), vessel('b', 1n, 0n, 100n), vessel('c', 2n, 50n, 100n)];
    expect(waterFill(60n, three)).toEqual([5n, 5n, 50n]);
    expect(waterFill(100n, three)).toEqual([10n, 30n, 60n]);
    expect(waterFill(20n, three)).toEqual([0n, 0n, 50n]);
    expect(waterFill(999n, three)).toEqual([10n, 100n, 100n]);
    expect(waterFill(5n, [])).toEqual([]);
  });

  it('is inside the bounds, uses up what can be used, and lifts nobody past who has less per weight', () => {
    fc.assert(
      fc.property(vessels, fc.bigInt({ min: 0n, max: 9_000n }), (list, total) => {
        const parts = waterFill(total, list);
        const open = list.filter(({ weight }) => weight > 0n);
        const lowest = sum(list.map(({ low }) => low));
        const highest = sum(list.map(({ high, low, weight }) => (weight > 0n ? high : low)));
        const clipped = total < lowest ? lowest : total > highest ? highest : total;
        expect(sum(parts)).toBe(clipped);
        list.forEach(({ high, low }, index) => expect(parts[index]! >= low && parts[index]! <= high).toBe(true));
        for (const left of open) {
          for (const right of open) {
            const [one, two] = [parts[list.indexOf(left)]!, parts[list.indexOf(right)]!];
            // Left has room above and right has room below: left's level is not lower by more than the rounding.
            if (one < left.high && two > right.low) {
              expect((one + 1n) * right.weight >= (two - 1n) * left.weight).toBe(true);
            }
          }
        }
      }),
      { numRuns: 1_000, seed: 20_160_520 },
    );
  });
});
