import fc from 'fast-check';
import { decivolt, reactive } from '../../units';
import { checkCurve, reactivePowerAt } from './curve';
import type { VoltVarPoint } from './rows';

const point = (voltage: bigint, direction: VoltVarPoint['direction'], powerVar: bigint): VoltVarPoint => ({
  voltageDecivolt: decivolt(voltage),
  direction,
  powerVar: reactive(powerVar),
});
const points = [
  point(2_180n, 'inject', 4_000n),
  point(2_250n, 'inject', 0n),
  point(2_350n, 'absorb', 0n),
  point(2_420n, 'absorb', 4_000n),
];
const control = { kind: 'CURVE', points } as const;

describe('a volt-var curve', () => {
  it('asks for what lies between its points, and beyond its ends for what stands there', () => {
    const cases = [
      [2_000n, 'inject', 4_000n],
      [2_180n, 'inject', 4_000n],
      [2_215n, 'inject', 2_000n],
      [2_300n, 'inject', 0n],
      // 4,000 × 10 ÷ 70, rounded down.
      [2_360n, 'absorb', 571n],
      [2_420n, 'absorb', 4_000n],
      [2_600n, 'absorb', 4_000n],
    ] as const;
    for (const [voltage, direction, powerVar] of cases) {
      expect([voltage, reactivePowerAt(control, voltage)]).toEqual([voltage, { direction, powerVar }]);
    }
  });

  it('falls from injection to absorption, and asks no more than the inverter has', () => {
    expect(() => {
      checkCurve(points, 4_000n);
    }).not.toThrow();
    expect(() => {
      checkCurve(points, 3_999n);
    }).toThrow('FLEX_VOLTAGE_CURVE');
    expect(() => {
      checkCurve([...points].reverse(), 4_000n);
    }).toThrow('FLEX_VOLTAGE_CURVE');
    const wrong = [point(2_200n, 'absorb', 1n), point(2_400n, 'inject', 1n)];
    expect(() => {
      checkCurve(wrong, 4_000n);
    }).toThrow('FLEX_VOLTAGE_CURVE');
    const still = [point(2_200n, 'inject', 1n), point(2_200n, 'inject', 0n)];
    expect(() => {
      checkCurve(still, 4_000n);
    }).toThrow('FLEX_VOLTAGE_CURVE');
  });

  it('never asks for more at a higher voltage, and never beyond its points', () => {
    const voltage = fc.bigInt({ min: 2_000n, max: 2_600n });
    const signed = (at: bigint) => {
      const { direction, powerVar } = reactivePowerAt(control, at);
      return direction === 'inject' ? powerVar : 0n - powerVar;
    };
    const holds = fc.property(voltage, voltage, (left, right) => {
      const [low, high] = left < right ? [left, right] : [right, left];
      return signed(low) >= signed(high) && signed(low) <= 4_000n && signed(high) >= -4_000n;
    });
    fc.assert(holds, { numRuns: Number(process.env.PROPERTY_RUNS ?? '1000'), seed: 20_260_523 });
  });
});

describe('other controls', () => {
  it('are steps of a compensator whatever the voltage is, and no reactive power of a tap changer', () => {
    const compensator = { kind: 'COMPENSATOR', steps: 3, stepVar: reactive(5_000n), direction: 'absorb' } as const;
    expect(reactivePowerAt(compensator, 2_300n)).toEqual({ direction: 'absorb', powerVar: 15_000n });
    const tap = { kind: 'TAP', position: 4, neutralPosition: 2, stepPpm: 25_000n } as never;
    expect(reactivePowerAt(tap, 2_300n).powerVar).toBe(0n);
  });
});
