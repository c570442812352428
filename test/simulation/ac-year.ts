import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { repositoryRoot } from '../faults/fault-network';
import { runAcPowerFlow, type AcCase, type AcResult } from '../reference/ac-power-flow';
import { clearWorstQuarters, type ClearedQuarter } from './perfect-year';
import { energyAt, quartersPerHour, type MarketYear } from './year-data';

const folder = path.join(repositoryRoot, 'data', 'simbench-lv');
/** How many of the worst quarter hours go through the AC power flow. */
const worstCount = 100;

interface ReactiveLoad {
  readonly kvar: number;
  readonly profile: string;
}

/** What the worst quarter hours do to the grid when voltages, reactive power and losses are counted, which the market leaves out. */
export interface AcFigures {
  readonly pandapower: string;
  readonly quarters: number;
  readonly mostTransformerLoadingPercent: number;
  readonly mostLineLoadingPercent: number;
  readonly mostVoltagePu: number;
  readonly leastVoltagePu: number;
  readonly mostLossesKw: number;
  readonly busesOutsideBand: number;
}

/** Quarter hours as cases of the AC power flow: active power as given, reactive power as the profiles have it. */
function acCases(year: MarketYear, cleared: readonly ClearedQuarter[]): readonly AcCase[] {
  const text = gunzipSync(readFileSync(path.join(folder, 'profiles_year_rural1.csv.gz'))).toString('utf8');
  const [header = '', ...rows] = text.trimEnd().split('\n');
  const names = header.split(',');
  const { loads } = JSON.parse(readFileSync(path.join(folder, 'rural1-2034.json'), 'utf8')) as {
    readonly loads: readonly ReactiveLoad[];
  };
  return cleared.map(({ energiesWh, quarter }) => {
    const cells = rows[quarter]?.split(',') ?? [];
    const kwOf = (kind: string): readonly number[] =>
      year.units.flatMap((unit, index) =>
        unit.kind === kind ? [((energiesWh[index] ?? 0) * quartersPerHour) / 1_000] : [],
      );
    return {
      loadKw: kwOf('load'),
      loadKvar: loads.map(({ kvar, profile }) => kvar * Number(cells[names.indexOf(`${profile}_q`)])),
      pvKw: kwOf('pv'),
    };
  });
}

/** The worst quarter hours without a market and cleared. */
export interface AcComparison {
  readonly before: AcFigures;
  readonly after: AcFigures;
}

/** The AC power flow of the worst quarter hours of the year, without a market and cleared; the reason where pandapower is absent. */
export function compareWorstQuarters(year: MarketYear): AcComparison | string {
  const cleared = clearWorstQuarters(year, worstCount);
  const uncleared = cleared.map(({ quarter }) => ({
    quarter,
    energiesWh: year.units.map((unit) => energyAt(unit, quarter)),
  }));
  const answer = runAcPowerFlow(acCases(year, [...uncleared, ...cleared]));
  if (answer.kind === 'absent') return answer.reason;
  const { pandapower, results } = answer;
  return {
    before: acFigures(pandapower, results.slice(0, uncleared.length)),
    after: acFigures(pandapower, results.slice(uncleared.length)),
  };
}

/** The extremes of AC results, and how many voltages are outside the band of the grid file. */
function acFigures(pandapower: string, results: readonly AcResult[]): AcFigures {
  const { buses } = JSON.parse(readFileSync(path.join(folder, 'rural1-2034.json'), 'utf8')) as {
    readonly buses: readonly { readonly vm_min: number; readonly vm_max: number }[];
  };
  const voltages = results.flatMap(({ voltagesPu }) => voltagesPu);
  const outside = results.flatMap(({ voltagesPu }) =>
    voltagesPu.filter((voltage, bus) => voltage < (buses[bus]?.vm_min ?? 1) || voltage > (buses[bus]?.vm_max ?? 1)),
  );
  const most = (values: readonly number[]): number => Number(Math.max(...values).toFixed(4));
  return {
    pandapower,
    quarters: results.length,
    mostTransformerLoadingPercent: most(results.map((result) => result.transformerLoadingPercent)),
    mostLineLoadingPercent: most(results.flatMap(({ lineLoadingPercent }) => lineLoadingPercent)),
    mostVoltagePu: most(voltages),
    leastVoltagePu: -most(voltages.map((voltage) => -voltage)),
    mostLossesKw: most(results.map(({ lossesKw }) => lossesKw)),
    busesOutsideBand: outside.length,
  };
}
