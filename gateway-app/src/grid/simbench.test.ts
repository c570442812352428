import { parseDecimal, roundHalfUp } from './decimal';
import {
  loadProfileYear,
  loadSimbenchGrid,
  localDayFirstSlot,
  localTimeOfSlot,
  quarterHourEnergyWh,
  loadReactiveVarh,
  unitEnergiesWh,
} from './simbench';

const grid = loadSimbenchGrid();
const year = loadProfileYear();

/** Net export of the whole grid in Wh per quarter hour of one local day. */
function netExportsWh(firstSlot: number): bigint[] {
  const sums = Array.from({ length: 96 }, () => 0n);
  const add = (energies: bigint[], sign: bigint): void =>
    energies.forEach((energy, index) => {
      sums[index] = (sums[index] ?? 0n) + sign * energy;
    });
  for (const pv of grid.pv) add(unitEnergiesWh(year, pv, firstSlot, 96), 1n);
  for (const load of grid.loads) add(unitEnergiesWh(year, load, firstSlot, 96), -1n);
  return sums;
}

describe('the decimal arithmetic of the profiles', () => {
  test.each([
    ['0.5', 1n],
    ['0.49999', 0n],
    ['-0.5', -1n],
    ['2.5', 3n],
    ['1e-5', 0n],
    ['25e-1', 3n],
    ['3e2', 300n],
  ])('rounds %s to %s', (text, rounded) => {
    expect(roundHalfUp(parseDecimal(text))).toBe(rounded);
  });

  test.each(['', ' 1', '1,5', '0x10', 'NaN', '1.'])('refuses the text "%s"', (text) => {
    expect(() => parseDecimal(text)).toThrow(TypeError);
  });

  test('computes energy from the digits, where floating point would not be exact', () => {
    expect(quarterHourEnergyWh(parseDecimal('5.8999999999999995'), '0.36842')).toBe(543n);
    expect(quarterHourEnergyWh(parseDecimal('2.0'), '0.001')).toBe(1n);
  });
});

describe('the SimBench grid', () => {
  test('has the sizes that its source states', () => {
    expect([grid.buses.length, grid.lines.length, grid.loads.length, grid.pv.length, grid.storages.length]).toEqual([
      15, 13, 28, 8, 5,
    ]);
    expect(grid.transformer.limitW).toBe(160_000n);
    expect(grid.pv.reduce((sum, pv) => sum + pv.ratedW, 0n)).toBe(468_200n);
    expect(grid.lines[0]?.limitW).toBe(187_061n);
  });

  test('has a load on every bus with a PV system, so that each PV system has an owner', () => {
    const busesWithLoad = new Set(grid.loads.map((load) => load.bus));
    expect(grid.pv.filter((pv) => !busesWithLoad.has(pv.bus))).toEqual([]);
  });

  test('covers the leap year in local time', () => {
    expect(year.rowSlots.length).toBe(35_136);
    expect(year.rowSlots[0]).toBe(localDayFirstSlot(1, 1));
    expect(year.rowOfSlot.get(localDayFirstSlot(5, 20) + 52)).toBe(13_488);
  });

  test('has the reactive power of its loads as the independent power flow was given it', () => {
    for (const { loadKvar, step } of grid.references) {
      const firstSlot = year.rowSlots[step] ?? 0;
      const errors = grid.loads.map((load, index) => {
        const [energyVarh = 0n] = loadReactiveVarh(year, load, firstSlot, 1);
        return Math.abs(Number(energyVarh) - (loadKvar[index] ?? NaN) * 250);
      });
      // Quarter hours of kvar are 250 varh; the reference is rounded to a thousandth.
      expect(Math.max(...errors)).toBeLessThanOrEqual(0.76);
    }
  });

  test('refuses a range across a jump of the time labels instead of shifting it', () => {
    const [load] = grid.loads;
    if (load === undefined) throw new Error('the grid has no load');
    expect(() => unitEnergiesWh(year, load, localDayFirstSlot(3, 27), 96)).toThrow('does not hold 96 quarter hours');
    expect(unitEnergiesWh(year, load, localDayFirstSlot(3, 26), 96).length).toBe(96);
  });

  test('reproduces the net import of every reference quarter hour within rounding', () => {
    expect(grid.references.length).toBe(3);
    for (const reference of grid.references) {
      const slot = year.rowSlots[reference.step] ?? 0;
      const sum = (units: typeof grid.loads): bigint =>
        units.reduce((total, unit) => total + (unitEnergiesWh(year, unit, slot, 1)[0] ?? 0n), 0n);
      const netImportW = Number(sum(grid.loads) - sum(grid.pv)) * 4;
      // 36 energies, each rounded to 1 Wh: at most 18 Wh, that is 72 W.
      expect(Math.abs(netImportW - reference.netImportKw * 1000)).toBeLessThanOrEqual(72);
    }
  });

  test('exports more than the transformer can carry in twelve quarter hours of 20 May', () => {
    const firstSlot = localDayFirstSlot(5, 20);
    const limitWh = grid.transformer.limitW / 4n;
    const over = netExportsWh(firstSlot)
      .map((exportWh, index) => ({ excessWh: exportWh - limitWh, time: localTimeOfSlot(firstSlot + index) }))
      .filter((quarter) => quarter.excessWh > 0n);
    expect(over.map((quarter) => quarter.time)).toEqual([
      '12:30',
      '12:45',
      '13:00',
      '13:15',
      '13:30',
      '13:45',
      '14:00',
      '14:15',
      '14:30',
      '14:45',
      '15:00',
      '15:15',
    ]);
    const totalKwh = over.reduce((sum, quarter) => sum + Number(quarter.excessWh), 0) / 1000;
    const largestKw = (Math.max(...over.map((quarter) => Number(quarter.excessWh))) * 4) / 1000;
    expect(totalKwh).toBeCloseTo(128.5, 1);
    expect(largestKw).toBeCloseTo(76.6, 1);
  });
});
