import fc from 'fast-check';
import { askedEnergyWh } from './activation-profile';

describe('what an activation asks for', () => {
  it('rises evenly to the whole power in the time of full activation', () => {
    // 8 kW over 750 s: half of it for 750 s and all of it for 150 s are 1,166.67 Wh.
    expect([0, 1].map((index) => askedEnergyWh(8_000n, 750, index))).toEqual([1_166n, 2_000n]);
    // 1 MW in 30 s: 885 s of 900.
    expect(askedEnergyWh(1_000_000n, 30, 0)).toBe(245_833n);
    // An hour of ramp: an eighth, three eighths, five eighths, seven eighths of a quarter hour, then all of it.
    expect([0, 1, 2, 3, 4].map((index) => askedEnergyWh(8_000n, 3_600, index))).toEqual([
      250n,
      750n,
      1_250n,
      1_750n,
      2_000n,
    ]);
  });

  it('never falls, and is never above the power', () => {
    const cases = fc.record({
      powerW: fc.bigInt({ min: 0n, max: 10n ** 9n }),
      seconds: fc.integer({ min: 1, max: 21_600 }),
      index: fc.integer({ min: 0, max: 30 }),
    });
    const holds = fc.property(cases, ({ index, powerW, seconds }) => {
      const [now, next] = [askedEnergyWh(powerW, seconds, index), askedEnergyWh(powerW, seconds, index + 1)];
      return now <= next + 1n && next * 4n <= powerW;
    });
    fc.assert(holds, { seed: 20_261_127, numRuns: 500 });
  });
});
