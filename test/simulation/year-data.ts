import {
  loadProfileYear,
  loadSimbenchGrid,
  quarterHourEnergyWh,
  type GridUnit,
  type ProfileYear,
  type SimbenchGrid,
} from '@flexledger/gateway-app';

/** Quarter hours of an hour and of a day. */
export const quartersPerHour = 4;
export const quartersPerDay = 96;

/** A load or a PV system with a year of quarter hours, in whole Wh as a meter would count them. */
export interface YearUnit {
  /** `load-07` or `pv-03`, numbered as in the grid file; also the id of its orders. */
  readonly id: string;
  readonly kind: 'load' | 'pv';
  readonly busId: string;
  readonly ratedW: bigint;
  /** A plain number is exact here: no unit of the grid has more than 30,000 Wh in a quarter hour. */
  readonly energiesWh: readonly number[];
}

/** The grid with the year's energies of all its units, storages left out. */
export interface MarketYear {
  readonly grid: SimbenchGrid;
  readonly units: readonly YearUnit[];
  readonly quarters: number;
  /** Slot (quarter hours since 1970 UTC) of the first quarter hour. */
  readonly firstSlot: number;
}

/** The id of a bus of the grid file. */
export function busIdOf(bus: number): string {
  return `bus-${bus}`;
}

/**
 * Loads the SimBench year. Its rows are taken one after the other as the quarter hours that they are; the labels, which jump twice as civil time
 * does, are not asked for more than the first.
 */
export function loadMarketYear(): MarketYear {
  const grid = loadSimbenchGrid();
  const year = loadProfileYear();
  const unitsOf = (kind: YearUnit['kind'], units: readonly GridUnit[]): readonly YearUnit[] =>
    units.map((unit) => ({
      id: `${kind}-${String(unit.id).padStart(2, '0')}`,
      kind,
      busId: busIdOf(unit.bus),
      ratedW: unit.ratedW,
      energiesWh: energiesOf(year, unit),
    }));
  const firstSlot = year.rowSlots[0];
  if (firstSlot === undefined) throw new Error('the year of profiles is empty');
  const units = [...unitsOf('load', grid.loads), ...unitsOf('pv', grid.pv)];
  return { grid, units, quarters: year.rowSlots.length, firstSlot };
}

function energiesOf(year: ProfileYear, unit: GridUnit): readonly number[] {
  const column = year.columns.get(unit.profile);
  if (column === undefined) throw new Error(`the profile ${unit.profile} is not in the data`);
  return column.map((value) => Number(quarterHourEnergyWh(unit.ratedKw, value)));
}

/** What a unit takes or gives in a quarter hour, in Wh. */
export function energyAt(unit: YearUnit, quarter: number): number {
  const energyWh = unit.energiesWh[quarter];
  if (energyWh === undefined) throw new Error(`the year has no quarter hour ${quarter}`);
  return energyWh;
}

/** What the grid as a whole gives to the medium voltage in a quarter hour without losses, in Wh; below zero where it takes. */
export function netExportWh({ units }: MarketYear, quarter: number): number {
  return units.reduce((total, unit) => total + (unit.kind === 'pv' ? 1 : -1) * energyAt(unit, quarter), 0);
}

/** What the transformer carries in a quarter hour at its rated power, in Wh. */
export function transformerQuarterWh({ grid }: MarketYear): number {
  return Number(grid.transformer.limitW) / quartersPerHour;
}

/** What a year without a market does to the transformer. */
export interface YearWithoutMarket {
  readonly quartersExportOver: number;
  readonly quartersImportOver: number;
  readonly mostExportWh: number;
  readonly mostImportWh: number;
  /** What is above the limit in those quarter hours, in Wh: whatever market there is, this much cannot go out. */
  readonly excessWh: number;
  readonly loadWh: number;
  readonly pvWh: number;
}

/** The year as it is without any market: everybody gives and takes what they have and need. */
export function yearWithoutMarket(year: MarketYear): YearWithoutMarket {
  const limitWh = transformerQuarterWh(year);
  const nets = Array.from({ length: year.quarters }, (_, quarter) => netExportWh(year, quarter));
  const over = nets.filter((net) => net > limitWh);
  const totalOf = (kind: YearUnit['kind']): number =>
    year.units
      .filter((unit) => unit.kind === kind)
      .reduce((total, { energiesWh }) => energiesWh.reduce((sum, energyWh) => sum + energyWh, total), 0);
  return {
    quartersExportOver: over.length,
    quartersImportOver: nets.filter((net) => -net > limitWh).length,
    mostExportWh: nets.reduce((most, net) => Math.max(most, net), 0),
    mostImportWh: nets.reduce((most, net) => Math.max(most, -net), 0),
    excessWh: over.reduce((sum, net) => sum + net - limitWh, 0),
    loadWh: totalOf('load'),
    pvWh: totalOf('pv'),
  };
}
