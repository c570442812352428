import * as fc from 'fast-check';
import { linDistFlowRows, ptdfRows, type MeshedLine, type VoltageBands } from './rows-network';
import { deriveWithRows, searchRows } from './rows-derive';
import type { ClearingGrid, GridOrder } from './types';

describe('the rows of a meshed grid', () => {
  const meshed = fc.integer({ min: 2, max: 6 }).chain((count) => {
    const bus = fc.integer({ min: 0, max: count - 1 });
    return fc.record({
      count: fc.constant(count),
      chords: fc.array(fc.tuple(bus, bus), { maxLength: 5 }),
      reactances: fc.array(fc.bigInt({ min: 1n, max: 40n }), { minLength: 12, maxLength: 12 }),
      exports: fc.array(fc.integer({ min: -50, max: 50 }), { minLength: count - 1, maxLength: count - 1 }),
    });
  });

  it("make flows that obey both of Kirchhoff's laws", () => {
    fc.assert(
      fc.property(meshed, ({ count, chords, reactances, exports }) => {
        const ends = [
          ...Array.from({ length: count - 1 }, (_, index) => [index, index + 1] as const),
          ...chords.filter(([from, to]) => from !== to),
        ];
        const lines = ends.map(([from, to], index): MeshedLine => ({
          id: `l${index}`,
          fromBus: `b${from}`,
          toBus: `b${to}`,
          limitWh: 7n,
          reactanceMilliOhm: reactances[index]!,
        }));
        const buses = Array.from({ length: count }, (_, index) => `b${index}`);
        const rows = ptdfRows('b0', buses, lines)!;
        const net = new Map(exports.map((value, index) => [`b${index + 1}`, value]));
        const flows = lines.map(({ id }) => {
          const row = rows.find((entry) => entry.lineId === id && entry.direction === 'forward')!;
          const back = rows.find((entry) => entry.lineId === id && entry.direction === 'backward')!;
          expect([row.bound, back.bound]).toEqual([row.scale * 7n, row.scale * 7n]);
          const load = (coefficients: ReadonlyMap<string, bigint>) =>
            [...coefficients].reduce((total, [busId, value]) => total + Number(value) * (net.get(busId) ?? 0), 0);
          expect(load(back.coefficients)).toBeCloseTo(-load(row.coefficients), 6);
          return load(row.coefficients) / Number(row.scale);
        });
        for (const [busId, value] of net) {
          const out = lines.reduce(
            (total, { fromBus, toBus }, index) =>
              total + (fromBus === busId ? flows[index]! : 0) - (toBus === busId ? flows[index]! : 0),
            0,
          );
          expect(out).toBeCloseTo(value, 6);
        }
        // Voltage law: walking the chain of the first lines gives every bus an angle, and every chord agrees with it.
        const angles = [0];
        for (let index = 0; index < count - 1; index += 1) {
          angles.push(angles[index]! - flows[index]! * Number(reactances[index]));
        }
        for (const [index, [from, to]] of ends.entries()) {
          expect(angles[from]! - angles[to]!).toBeCloseTo(flows[index]! * Number(reactances[index]), 5);
        }
      }),
      { seed: 20261130, numRuns: 200 },
    );
  });

  it('are not there for a grid in two parts', () => {
    const line = { id: 'l', fromBus: 'a', toBus: 'b', limitWh: 1n, reactanceMilliOhm: 1n };
    expect(ptdfRows('a', ['a', 'b', 'c'], [line])).toBeUndefined();
    expect(() => ptdfRows('a', ['a', 'b'], [{ ...line, reactanceMilliOhm: 0n }])).toThrow('INVARIANT_BROKEN');
    expect(() => ptdfRows('a', ['a'], [line])).toThrow('INVARIANT_BROKEN');
  });
});

/** A feeder: the slack `s` feeds `m` over 0.1 + j0.08 ohm, `m` feeds `e` over 0.3 + j0.1 ohm and `f` over 0.2 ohm. */
const grid: ClearingGrid = {
  slackBus: 's',
  buses: ['s', 'm', 'e', 'f'],
  branches: [
    { id: 's-m', fromBus: 's', toBus: 'm', forwardLimitWh: undefined, backwardLimitWh: undefined },
    { id: 'e-m', fromBus: 'e', toBus: 'm', forwardLimitWh: undefined, backwardLimitWh: undefined },
    { id: 'm-f', fromBus: 'm', toBus: 'f', forwardLimitWh: undefined, backwardLimitWh: undefined },
  ],
};
const impedances = new Map([
  ['s-m', { resistanceMicroOhm: 100_000n, reactanceMicroOhm: 80_000n }],
  ['e-m', { resistanceMicroOhm: 300_000n, reactanceMicroOhm: 100_000n }],
  ['m-f', { resistanceMicroOhm: 200_000n, reactanceMicroOhm: 0n }],
]);

function bands(more: Partial<VoltageBands> = {}): VoltageBands {
  const buses = ['m', 'e', 'f'].map((busId) => ({
    busId,
    minimumMillivolt: 360_000n,
    maximumMillivolt: 440_000n,
    reactiveTakenVar: busId === 'e' ? 3_000n : 1_000n,
  }));
  return { slackMillivolt: 400_000n, impedances, buses, intervalMinutes: 15n, ...more };
}

describe('the rows of bus voltages', () => {
  it('say what following the voltage from branch to branch says', () => {
    const rows = linDistFlowRows(grid, bands());
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -90_000n, max: 90_000n }), { minLength: 3, maxLength: 3 }), (exports) => {
        const [m, e, f] = exports as [bigint, bigint, bigint];
        // In volts and watts: energy of a quarter hour times 4.
        const power = (wh: bigint) => -4 * Number(wh);
        const squared = (from: number, r: number, p: number, x: number, q: number) => from - 2 * (r * p + x * q);
        const atM = squared(400 ** 2, 0.1, power(m + e + f), 0.08, 5_000);
        const volts = { m: atM, e: squared(atM, 0.3, power(e), 0.1, 3_000), f: squared(atM, 0.2, power(f), 0, 1_000) };
        for (const [busId, value] of Object.entries(volts)) {
          for (const [id, wanted] of [
            ['voltage-high', 440 ** 2 - value],
            ['voltage-low', value - 360 ** 2],
          ] as const) {
            const row = rows.find((entry) => entry.id === `${id} ${busId}`)!;
            const net = new Map([['m', m], ['e', e], ['f', f]]); // prettier-ignore
            const load = [...row.coefficients].reduce((total, [bus, c]) => total + c * (net.get(bus) ?? 0n), 0n);
            // The rows count 15 × mV².
            expect(Number(row.bound - load) / 15_000_000).toBeCloseTo(wanted, 4);
          }
        }
      }),
      { seed: 20261131, numRuns: 200 },
    );
  });

  it('ask of a bus outside its band only that trade makes it no worse, and nothing of the slack', () => {
    const buses = [
      { busId: 'e', minimumMillivolt: 360_000n, maximumMillivolt: 390_000n, reactiveTakenVar: 0n },
      { busId: 's', minimumMillivolt: 0n, maximumMillivolt: 1n, reactiveTakenVar: 0n },
    ];
    const rows = linDistFlowRows(grid, bands({ buses }));
    expect(rows.map(({ id, bound }) => [id, bound > 0n])).toEqual([
      ['voltage-high e', false],
      ['voltage-low e', true],
    ]);
    expect(rows[0]!.bound).toBe(0n);
  });

  it('hold sales back where they would lift a voltage too far, and price it by bus', () => {
    const withRows = { ...grid, rows: linDistFlowRows(grid, bands({ intervalMinutes: 60n })) };
    const orders: GridOrder[] = [
      { orderId: 'pv-e', side: 'sell', busId: 'e', limitPriceMicroPerKwh: 10n, energyWh: 90_000n },
      { orderId: 'pv-f', side: 'sell', busId: 'f', limitPriceMicroPerKwh: 10n, energyWh: 40_000n },
      { orderId: 'feed-in', side: 'buy', busId: 's', limitPriceMicroPerKwh: 80n, energyWh: 500_000n },
    ];
    const rules = {
      kPpm: 500_000n,
      curtailment: 'pro-rata' as const,
      priceFloorMicroPerKwh: 0n,
      priceCapMicroPerKwh: 1_000n,
      rotation: 0n,
    };
    const derivation = deriveWithRows(orders, withRows, searchRows(orders, withRows, 64)!, rules);
    if (derivation.kind === 'refused') throw new Error(derivation.code);
    const { clearing } = derivation;
    expect(clearing.bindingLimits.map(({ id }) => id)).toEqual(['voltage-high e']);
    const fills = new Map(clearing.fills.map(({ orderId, energyWh }) => [orderId, energyWh]));
    // A watt-hour at e lifts e four times as much as one at f, so e gives way, and f sells all.
    expect(fills.get('pv-f')).toBe(40_000n);
    const volts = (e: bigint, f: bigint) =>
      400 ** 2 - 2 * 0.08 * 5_000 - 2 * 0.1 * 3_000 + 2 * (0.4 * Number(e) + 0.1 * Number(f));
    expect(volts(fills.get('pv-e')!, 40_000n)).toBeLessThanOrEqual(440 ** 2 + 2 * 0.4);
    expect(volts(fills.get('pv-e')! + 1n, 40_000n)).toBeGreaterThan(440 ** 2);
    expect(clearing.zones.map(({ busIds, price }) => [busIds.join(), price!.clearingMicroPerKwh])).toEqual([
      ['e', 10n],
      ['f,m', 62n],
      ['s', 80n],
    ]);
    expect(clearing.rentNano).toBeGreaterThan(0n);
  });
});
