import { seededRandom } from './seeded-random';

describe('the seeded generator', () => {
  const take = (seed: number, count: number): readonly number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: count }, random);
  };

  it('repeats itself for the same seed and not for another one', () => {
    expect(take(42, 20)).toEqual(take(42, 20));
    expect(take(42, 20)).not.toEqual(take(43, 20));
  });

  it('stays below one and spreads evenly', () => {
    const numbers = take(1, 10_000);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const number of numbers) {
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThan(1);
      const tenth = Math.floor(number * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(900);
    expect(Math.max(...tenths)).toBeLessThan(1100);
  });
});
