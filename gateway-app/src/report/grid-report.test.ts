import { loadProfileYear, loadSimbenchGrid, localDayFirstSlot, unitEnergiesWh } from '../grid/simbench';
import { gridReport, type MeteredSeries } from './grid-report';

const grid = loadSimbenchGrid();
const year = loadProfileYear();
const firstSlot = localDayFirstSlot(5, 20);

function seriesOfTheDay(): MeteredSeries[] {
  const loads = grid.loads.map((unit): MeteredSeries => ({
    bus: unit.bus,
    quarters: unitEnergiesWh(year, unit, firstSlot, 96).map((importWh) => ({ importWh, exportWh: 0n })),
  }));
  const pv = grid.pv.map((unit): MeteredSeries => ({
    bus: unit.bus,
    quarters: unitEnergiesWh(year, unit, firstSlot, 96).map((exportWh) => ({ importWh: 0n, exportWh })),
  }));
  return [...loads, ...pv];
}

describe('the loading of the grid', () => {
  const report = gridReport(grid, firstSlot, 96, seriesOfTheDay());

  test('shows the overload of 20 May from 12:30 to 15:15', () => {
    expect(report.overload).toMatchObject({ quarters: 12, first: '12:30', last: '15:15' });
    expect(Number(report.overload.energyWh) / 1000).toBeCloseTo(128.5, 1);
    expect(Number(report.overload.peakW) / 1000).toBeCloseTo(76.6, 1);
  });

  test('names the most loaded line first, with the time of its peak', () => {
    expect(report.lines.length).toBe(13);
    expect(report.lines[0]?.name).toBe('LV1.101 Line 7');
    expect(report.lines[0]?.at).toMatch(/^1[2-5]:/);
    expect(report.lines.every((line) => line.loadingPermille < 1000)).toBe(true);
  });

  test('counts a missing reading as nothing', () => {
    const missing = seriesOfTheDay().map((series) => ({ ...series, quarters: series.quarters.map(() => undefined) }));
    expect(gridReport(grid, firstSlot, 96, missing).quarters.every((quarter) => quarter.loadingPermille === 0)).toBe(
      true,
    );
  });
});
