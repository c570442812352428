import type { PreparedAsset, PreparedCase } from '@flexledger/domain';
import { Model, type Term } from '../model';
import type { Solution } from '../solver';
import type { ChosenEnergies } from './candidate';
import type { Column } from './columns';
import { OrderRows } from './order-rows';

/** The variables of one asset in one slot: its energy, and that it is on. */
interface CellVariables {
  readonly place: number;
  readonly energy: number;
  readonly on: number;
}

interface AssetVariables {
  readonly asset: PreparedAsset;
  readonly cells: readonly CellVariables[];
}

const NANO_PER_MICRO = 1_000;
/** Above this share of being on, a slot counts as on. */
const HALF = 0.5;

/**
 * The whole case as a mixed-integer model: for each asset and slot whether it is on and with how much energy, with the rules of calls as rows. For
 * cases of few assets and slots; its optimum is that of the case.
 */
export class ScheduleModel {
  readonly model = new Model('minimise');
  readonly #assets: readonly AssetVariables[];
  readonly #energyUnitWh: number;

  constructor(prepared: PreparedCase) {
    const rows = new OrderRows(prepared);
    this.#assets = prepared.assets
      .filter(({ callsMax, cells }) => callsMax > 0 && cells.some((cell) => cell !== undefined))
      .map((asset) => this.#addAsset(asset, rows));
    rows.addTo(this.model);
    this.#energyUnitWh = rows.energyUnitWh;
  }

  /** The energies of each asset that a solution calls. */
  energies({ primal }: Solution): readonly ChosenEnergies[] {
    return this.#assets.map(({ asset, cells }) => {
      const on = cells.filter((cell) => (primal[cell.on] ?? 0) > HALF);
      const energiesWh = on.map(({ energy, place }) => [place, (primal[energy] ?? 0) * this.#energyUnitWh] as const);
      return { asset, energiesWh: new Map(energiesWh) };
    });
  }

  #addAsset(asset: PreparedAsset, rows: OrderRows): AssetVariables {
    const { model } = this;
    const name = String(asset.index);
    const starts = new Map<number, number>();
    const on = new Map<number, number>();
    const cells: CellVariables[] = [];
    for (const [place, cell] of asset.cells.entries()) {
      if (cell === undefined) continue;
      const isOn = model.addVariable({ name: `on ${name} ${place}`, lower: 0, upper: 1, cost: 0, integer: true });
      const energy = model.addVariable({
        name: `energy ${name} ${place}`,
        lower: 0,
        upper: rows.energyOf(cell.highWh),
        cost: rows.costOf(cell.costMicroPerKwh),
      });
      const cost = (Number(asset.asset.callCostMicro) * NANO_PER_MICRO) / rows.costUnitNano;
      starts.set(place, model.addVariable({ name: `start ${name} ${place}`, lower: 0, upper: 1, cost, integer: true }));
      on.set(place, isOn);
      rows.add(energy, asset, place, 1);
      const between = (limit: bigint): readonly Term[] => [
        { variable: energy, coefficient: 1 },
        { variable: isOn, coefficient: -rows.energyOf(limit) },
      ];
      model.addRow({ name: `most ${name} ${place}`, upper: 0, terms: between(cell.highWh) });
      model.addRow({ name: `least ${name} ${place}`, lower: 0, terms: between(cell.lowWh) });
      cells.push({ place, energy, on: isOn });
    }
    this.#addCalls(asset, on, starts);
    return { asset, cells };
  }

  /** A call begins where an asset is on and was not; it ends in time, rests, and there are only so many. */
  #addCalls(
    { asset, callsMax, cells, index, pauseSlots }: PreparedAsset,
    on: ReadonlyMap<number, number>,
    starts: ReadonlyMap<number, number>,
  ): void {
    const { model } = this;
    const one = (variable: number | undefined, coefficient: number): readonly Term[] =>
      variable === undefined ? [] : [{ variable, coefficient }];
    for (const [place, start] of starts) {
      const rise = [...one(start, 1), ...one(on.get(place), -1), ...one(on.get(place - 1), 1)];
      model.addRow({ name: `rise ${index} ${place}`, lower: 0, terms: rise });
      for (let back = 1; back <= pauseSlots; back += 1) {
        const before = on.get(place - back);
        if (before === undefined) continue;
        model.addRow({
          name: `rest ${index} ${place} ${back}`,
          upper: 1,
          terms: [...one(start, 1), ...one(before, 1)],
        });
      }
    }
    const run = asset.runSlotsMax;
    for (let place = 0; place + run < cells.length; place += 1) {
      const window = Array.from({ length: run + 1 }, (_, offset) => on.get(place + offset));
      if (window.some((variable) => variable === undefined)) continue;
      model.addRow({
        name: `run ${index} ${place}`,
        upper: run,
        terms: window.flatMap((variable) => one(variable, 1)),
      });
    }
    const all = [...starts.values()].flatMap((variable) => one(variable, 1));
    model.addRow({ name: `calls ${index}`, upper: callsMax, terms: all });
  }
}

/** Which slots an asset is on in, as one choice; without a variable where it is decided. */
interface Pattern {
  readonly variable: number | undefined;
  readonly column: Column;
}

interface PatternedAsset {
  readonly asset: PreparedAsset;
  readonly patterns: readonly Pattern[];
  readonly energies: ReadonlyMap<number, number>;
}

/**
 * A case of many assets, of which some keep a pattern of slots and the others choose one of a few or none, while all energies are free within
 * their bands. What it finds is an answer, but not always the best one.
 */
export class PatternModel {
  readonly model = new Model('minimise');
  readonly #assets: readonly PatternedAsset[];
  readonly #energyUnitWh: number;

  constructor(prepared: PreparedCase, fixed: readonly Column[], free: readonly Column[]) {
    const rows = new OrderRows(prepared);
    const byAsset = patternsOf([...fixed, ...free]);
    const kept = new Set(fixed);
    this.#assets = [...byAsset].map(([asset, columns]) => this.#addAsset(asset, columns, kept, rows));
    rows.addTo(this.model);
    this.#energyUnitWh = rows.energyUnitWh;
  }

  /** The energies of each asset that a solution calls. */
  energies({ primal }: Solution): readonly ChosenEnergies[] {
    return this.#assets.map(({ asset, energies, patterns }) => {
      const chosen = patterns.find(({ variable }) => variable === undefined || (primal[variable] ?? 0) > HALF);
      const places = [...(chosen?.column.energiesWh.keys() ?? [])];
      const energyAt = (place: number): number => (primal[energies.get(place) ?? -1] ?? 0) * this.#energyUnitWh;
      return { asset, energiesWh: new Map(places.map((place) => [place, energyAt(place)])) };
    });
  }

  #addAsset(
    asset: PreparedAsset,
    columns: readonly Column[],
    fixed: ReadonlySet<Column>,
    rows: OrderRows,
  ): PatternedAsset {
    const { model } = this;
    const kept = columns.filter((column) => fixed.has(column));
    const patterns =
      kept.length > 0 ? kept.map((column) => ({ column, variable: undefined })) : this.#choice(asset, columns, rows);
    const energies = new Map<number, number>();
    for (const place of new Set(patterns.flatMap(({ column }) => [...column.energiesWh.keys()]))) {
      const cell = asset.cells[place];
      if (cell === undefined) continue;
      const name = `energy ${asset.index} ${place}`;
      const [low, high] = [rows.energyOf(cell.lowWh), rows.energyOf(cell.highWh)];
      const lower = kept.length > 0 ? low : 0;
      const energy = model.addVariable({ name, lower, upper: high, cost: rows.costOf(cell.costMicroPerKwh) });
      energies.set(place, energy);
      rows.add(energy, asset, place, 1);
      if (kept.length > 0) continue;
      const on = patterns.flatMap(({ column, variable }) => (column.energiesWh.has(place) ? [variable] : []));
      const between = (limit: number): readonly Term[] => [
        { variable: energy, coefficient: 1 },
        ...on.flatMap((variable) => (variable === undefined ? [] : [{ variable, coefficient: -limit }])),
      ];
      model.addRow({ name: `most ${name}`, upper: 0, terms: between(high) });
      model.addRow({ name: `least ${name}`, lower: 0, terms: between(low) });
    }
    return { asset, patterns, energies };
  }

  /** One of the patterns, or none. */
  #choice(asset: PreparedAsset, columns: readonly Column[], rows: OrderRows): readonly Pattern[] {
    const patterns = columns.map((column) => {
      const callNano = Number(asset.asset.callCostMicro) * NANO_PER_MICRO;
      const cost = (callNano * column.calls.length) / rows.costUnitNano;
      const name = `pattern ${asset.index}`;
      return { variable: this.model.addVariable({ name, lower: 0, upper: 1, cost, integer: true }), column };
    });
    const terms = patterns.map(({ variable }) => ({ variable, coefficient: 1 }));
    this.model.addRow({ name: `choice ${asset.index}`, upper: 1, terms });
    return patterns;
  }
}

/** The columns by asset, without those that are on in the same slots as one before. */
function patternsOf(columns: readonly Column[]): ReadonlyMap<PreparedAsset, readonly Column[]> {
  const byAsset = new Map<PreparedAsset, Column[]>();
  for (const column of columns) {
    const known = byAsset.get(column.asset) ?? [];
    if (!known.some(({ energiesWh }) => samePlaces(energiesWh, column.energiesWh))) {
      byAsset.set(column.asset, [...known, column]);
    }
  }
  return byAsset;
}

function samePlaces(left: Column['energiesWh'], right: Column['energiesWh']): boolean {
  return left.size === right.size && [...left.keys()].every((place) => right.has(place));
}
