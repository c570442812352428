import { microPerKwh, ppm } from '../../units';
import { reliabilityMarginPpm } from './reliability';
import { evenWeights, weightedPrices } from './weights';

const whole = 1_000_000n;
/** Two assets that fail together in one of four samples, and one that fails alone in another. */
const samples = [
  [whole, whole, whole],
  [0n, 0n, whole],
  [whole, whole, 500_000n],
  [whole, whole, whole],
];
const powersW = [1_000n, 1_000n, 2_000n];

describe('the margin of a pool', () => {
  const firm = [whole, whole, whole];

  test.each([
    [500_000n, 0n],
    [750_000n, 333_334n],
    [1_000_000n, 1_000_000n],
    [600_000n, 333_334n],
  ])('makes a promise hold with a probability of %s ppm', (probability, margin) => {
    expect(reliabilityMarginPpm(samples, powersW, firm, probability)).toBe(margin);
    const promisedW = (4_000n * whole) / (whole + margin);
    const kept = samples.filter((sample) => {
      return sample.reduce((total, share, index) => total + share * (powersW[index] ?? 0n), 0n) >= promisedW * whole;
    });
    expect((BigInt(kept.length) * whole) / BigInt(samples.length)).toBeGreaterThanOrEqual(probability);
  });

  test('is the whole where nothing is known or nothing is delivered', () => {
    expect(reliabilityMarginPpm([], powersW, firm, 900_000n)).toBe(whole);
    expect(reliabilityMarginPpm([[0n, 0n, 0n]], powersW, firm, 900_000n)).toBe(whole);
  });
});

describe('weights', () => {
  const costs = {
    energyMicroPerKwh: microPerKwh(100_000n),
    keepMicroPerKwh: microPerKwh(5_000n),
    wearMicroPerKwh: microPerKwh(30_000n),
    localMicroPerKwh: microPerKwh(20_000n),
    earlierMicroPerKwh: microPerKwh(1_000n),
  };

  test('count everything as it stands where they are even', () => {
    expect(weightedPrices(costs, evenWeights)).toEqual({ costMicroPerKwh: 150_000n, keepMicroPerKwh: 6_000n });
  });

  test('count by their ratio to that of profit, rounded up', () => {
    const weights = { profit: ppm(300_000n), selfSupply: ppm(0n), fairness: ppm(100_000n), wear: ppm(600_000n) };
    expect(weightedPrices(costs, weights)).toEqual({ costMicroPerKwh: 160_000n, keepMicroPerKwh: 5_334n });
  });
});
