import fc from 'fast-check';
import { IntervalBuilder, type Built } from './interval-builder';
import type { Measurement } from './measurement';
import { faultsOf, seconds } from './testing/input-items';

const NOON = seconds('2024-05-01T12:00:00Z');
const MICRO = 1_000_000n;

function energy(minute: number, minutes: number, importWh: number): Measurement {
  const fromSeconds = NOON + minute * 60;
  return {
    kind: 'energy',
    fromSeconds,
    toSeconds: fromSeconds + minutes * 60,
    importMicroWh: BigInt(Math.round(importWh * 1_000_000)),
    exportMicroWh: 0n,
  };
}

function counter(second: number, importWh: number): Measurement {
  return { kind: 'register', atSeconds: NOON + second, importMicroWh: BigInt(importWh) * MICRO, exportMicroWh: 0n };
}

function build(resolutionMinutes: number, measurements: readonly Measurement[]): Built {
  const builder = new IntervalBuilder(resolutionMinutes, 60);
  const built = measurements.map((measurement) => builder.add(measurement));
  return { values: built.flatMap(({ values }) => values), faults: built.flatMap(({ faults }) => faults) };
}

function shown({ values }: Built): string[] {
  return values.map(({ startSeconds, importWh }) => `${(startSeconds - NOON) / 60}: ${importWh}`);
}

describe('the values of a meter', () => {
  test('add up energies of shorter periods that fill an interval', () => {
    const built = build(15, [energy(0, 5, 1), energy(5, 5, 2), energy(10, 5, 3), energy(15, 15, 4)]);
    expect([shown(built), built.faults]).toEqual([['0: 6', '15: 4'], []]);
  });

  test('are the differences of counters at the borders of intervals, the first ones read at or after each', () => {
    const built = build(15, [
      counter(-400, 90),
      counter(3, 100),
      counter(899, 149),
      counter(905, 150),
      counter(1800, 175),
    ]);
    expect([shown(built), built.faults]).toEqual([['0: 50', '15: 25'], []]);
  });

  test('keep sums exact, whatever the fractions of a watt-hour are', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 5_000_000n), { minLength: 1, maxLength: 60 }), (amounts) => {
        const built = build(
          15,
          amounts.map((importMicroWh, index) => ({ ...energy(index * 15, 15, 0), importMicroWh })),
        );
        const total = built.values.reduce((sum, { importWh }) => sum + importWh, 0n);
        expect(built.values).toHaveLength(amounts.length);
        expect(total).toBe(amounts.reduce((sum, amount) => sum + amount, 0n) / MICRO);
      }),
      { seed: 20260501 },
    );
  });

  test('go on from what was written down, as if there had been no stop', () => {
    const measurements = [
      counter(0, 100),
      counter(300, 101),
      energy(40, 5, 0.4),
      energy(45, 15, 0.7),
      counter(900, 110),
    ];
    const through = new IntervalBuilder(15, 60);
    let stopped = new IntervalBuilder(15, 60);
    for (const measurement of measurements) {
      const expected = through.add(measurement);
      expect(stopped.add(measurement)).toEqual(expected);
      stopped = new IntervalBuilder(15, 60, stopped.state);
    }
  });

  test.each<[string, readonly Measurement[], readonly string[], readonly string[]]>([
    ['a period across a border', [energy(10, 10, 1)], ['VALUE_PERIOD'], []],
    ['a period that comes again', [energy(0, 15, 1), energy(0, 15, 1)], ['VALUE_BACK'], ['0: 1']],
    ['a part of an interval', [energy(0, 5, 1), energy(15, 15, 1)], ['VALUE_INCOMPLETE'], ['15: 1']],
    [
      'counters that come late',
      [counter(0, 1), counter(990, 2), counter(1800, 3), counter(2700, 5)],
      ['REGISTER_LATE'],
      ['30: 2'],
    ],
    ['counters that leave intervals out', [counter(0, 1), counter(2700, 9)], ['VALUE_INCOMPLETE'], []],
    [
      'a counter that went back',
      [counter(0, 9), counter(900, 1), counter(1800, 2), counter(2700, 4)],
      ['REGISTER_BACK'],
      ['30: 2'],
    ],
    ['counters of an earlier time', [counter(0, 1), counter(900, 2), counter(60, 1)], ['VALUE_BACK'], ['0: 1']],
    ['two different counters at one time', [counter(0, 1), counter(0, 2)], ['VALUE_BACK'], []],
    ['the same counters twice', [counter(0, 1), counter(0, 1), counter(900, 2)], [], ['0: 1']],
  ])('leave out %s and say so', (_, measurements, codes, values) => {
    const built = build(15, measurements);
    expect(faultsOf([built]).map((fault) => fault.split(' ')[0])).toEqual(codes);
    expect(shown(built)).toEqual(values);
  });

  test('say how much energy the counters have for a time that was not measured by interval', () => {
    const { faults } = build(15, [counter(0, 1), counter(2700, 9)]);
    expect(faults[0]?.sentence).toContain('the counters say 8.000000 Wh imported');
  });
});
