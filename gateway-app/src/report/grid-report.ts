import { RadialGrid, type GridFlow } from '../grid/radial-flow';
import { localTimeOfSlot, type SimbenchGrid } from '../grid/simbench';
import type { GridReport, LineReport, OverloadReport, QuarterReport } from './report-types';

/** What the ledger says about one meter: its bus and energies in Wh per quarter hour; a missing reading is undefined. */
export interface MeteredSeries {
  readonly bus: number;
  readonly quarters: readonly ({ readonly importWh: bigint; readonly exportWh: bigint } | undefined)[];
}

const QUARTERS_PER_HOUR = 4n;

/** Loading of transformer and lines, computed from readings alone; missing readings count as nothing. */
export function gridReport(
  grid: SimbenchGrid,
  firstSlot: number,
  quarterCount: number,
  series: readonly MeteredSeries[],
): GridReport {
  const radial = new RadialGrid(grid);
  const limitWh = grid.transformer.limitW / QUARTERS_PER_HOUR;
  const flows = Array.from({ length: quarterCount }, (_, index) => radial.flow(netImportOfBuses(series, index)));
  const quarters = flows.map((flow, index) => quarterReport(flow, localTimeOfSlot(firstSlot + index), limitWh));
  return {
    transformerLimitW: grid.transformer.limitW.toString(),
    quarters,
    overload: overloadReport(quarters, limitWh),
    lines: lineReports(flows, firstSlot),
  };
}

function netImportOfBuses(series: readonly MeteredSeries[], index: number): Map<number, bigint> {
  const net = new Map<number, bigint>();
  for (const { bus, quarters } of series) {
    const reading = quarters[index];
    if (reading !== undefined) net.set(bus, (net.get(bus) ?? 0n) + reading.importWh - reading.exportWh);
  }
  return net;
}

function quarterReport(flow: GridFlow, start: string, limitWh: bigint): QuarterReport {
  const through = flow.importWh + flow.exportWh;
  return {
    start,
    importWh: flow.importWh.toString(),
    exportWh: flow.exportWh.toString(),
    loadingPermille: Number((through * 1000n) / limitWh),
    overloaded: through > limitWh,
  };
}

function overloadReport(quarters: readonly QuarterReport[], limitWh: bigint): OverloadReport {
  const over = quarters.filter((quarter) => quarter.overloaded);
  const excesses = over.map((quarter) => BigInt(quarter.importWh) + BigInt(quarter.exportWh) - limitWh);
  const peakWh = excesses.reduce((most, excess) => (excess > most ? excess : most), 0n);
  return {
    quarters: over.length,
    first: over[0]?.start ?? null,
    last: over.at(-1)?.start ?? null,
    energyWh: excesses.reduce((sum, excess) => sum + excess, 0n).toString(),
    peakW: (peakWh * QUARTERS_PER_HOUR).toString(),
  };
}

/** Per line the quarter hour with the highest flow, most loaded line first. */
function lineReports(flows: readonly GridFlow[], firstSlot: number): LineReport[] {
  const lines = flows[0]?.lines ?? [];
  return lines
    .map((line, index): LineReport => {
      let peakWh = 0n;
      let peakIndex = 0;
      flows.forEach((flow, quarter) => {
        const at = flow.lines[index];
        const throughWh = at === undefined ? 0n : at.downstreamWh + at.upstreamWh;
        if (throughWh > peakWh) [peakWh, peakIndex] = [throughWh, quarter];
      });
      const loadingPermille = Number((peakWh * QUARTERS_PER_HOUR * 1000n) / line.limitW);
      return {
        name: line.name,
        limitW: line.limitW.toString(),
        loadingPermille,
        at: localTimeOfSlot(firstSlot + peakIndex),
      };
    })
    .sort((left, right) => right.loadingPermille - left.loadingPermille);
}
