import {
  freeAsset,
  type AssetFixing,
  type Branch,
  type Multipliers,
  type PlacedCall,
  type PreparedAsset,
  type PreparedCase,
  type Relaxed,
} from '@flexledger/domain';
import { Model } from '../model';
import type { Solver } from '../solver';
import { OrderRows } from './order-rows';

/** A profile of an asset that has been worth most to it at some multipliers. */
export interface Column {
  readonly asset: PreparedAsset;
  readonly calls: readonly PlacedCall[];
  /** By place; off where absent. */
  readonly energiesWh: ReadonlyMap<number, bigint>;
  readonly costNano: number;
}

/** A column and the share of it that the relaxed answer takes. */
export interface WeightedColumn {
  readonly column: Column;
  readonly weight: number;
}

/** What the columns of a branch come to when shares of them may be mixed. */
export interface Mixed {
  readonly multipliers: Multipliers;
  readonly columns: readonly WeightedColumn[];
}

const NANO_PER_MICRO = 1_000;
/** Columns from which on those that are of no use are left out. */
const LARGE_POOL = 1_000;
/** Mixtures after which a column that none of them took is left out. */
const AGE_MAX = 4;
/** Below this share, a column counts as not taken. */
const WEIGHT_MIN = 1e-7;

/** The profiles that have been found, of all assets, without those that are never called. */
export class ColumnPool {
  readonly #prepared: PreparedCase;
  readonly #columns: Column[] = [];
  readonly #known = new Map<string, Column>();
  /** Mixtures since a column was found or taken. */
  readonly #ages = new Map<Column, number>();

  constructor(prepared: PreparedCase) {
    this.#prepared = prepared;
  }

  /** Adds a profile; answers whether the mixtures so far have not known it. */
  add(asset: PreparedAsset, calls: readonly PlacedCall[]): boolean {
    if (calls.length === 0) return false;
    const column = columnOf(asset, calls);
    const key = `${asset.index} ${[...column.energiesWh].flat().join(' ')}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      const wasLeftOut = this.#isLeftOut(known);
      this.#ages.set(known, 0);
      return wasLeftOut;
    }
    this.#known.set(key, column);
    this.#ages.set(column, 0);
    this.#columns.push(column);
    return true;
  }

  /** Takes in what a relaxation chose; answers how many profiles are new. */
  take({ plans }: Relaxed): number {
    return plans.filter(({ calls }, index) => {
      const asset = this.#prepared.assets[index];
      return asset !== undefined && this.add(asset, calls);
    }).length;
  }

  /** In a large pool, what has not been of use for some time waits until it is found again. */
  #isLeftOut(column: Column): boolean {
    return this.#columns.length > LARGE_POOL && (this.#ages.get(column) ?? 0) > AGE_MAX;
  }

  /** The best mixture of the columns that a branch allows, with the multipliers that its duals are (Dantzig and Wolfe, 1960). */
  async mix(solver: Pick<Solver, 'solve'>, branch: Branch, penaltyNano: number, timeMsMax: number): Promise<Mixed> {
    const model = new Model('minimise');
    const rows = new OrderRows(this.#prepared);
    const allowed = this.#columns.filter(
      (column) => !this.#isLeftOut(column) && isAllowed(column.energiesWh, branch.get(column.asset.index) ?? freeAsset),
    );
    const byAsset = new Map<number, number[]>([...branch.keys()].map((index) => [index, []]));
    for (const column of allowed) {
      const { index } = column.asset;
      const cost = column.costNano / rows.costUnitNano;
      const variable = model.addVariable({ name: `column ${index}`, lower: 0, cost });
      byAsset.set(index, [...(byAsset.get(index) ?? []), variable]);
      for (const [place, energyWh] of column.energiesWh) {
        rows.add(variable, column.asset, place, rows.energyOf(energyWh));
      }
    }
    for (const [index, variables] of byAsset) {
      // What the columns so far cannot do is done at a price that no answer is worth.
      const penalty = mayRest(branch.get(index) ?? freeAsset) ? undefined : penaltyNano / rows.costUnitNano;
      addChoice(model, index, variables, penalty);
    }
    rows.addTo(model);
    const { duals, primal } = await solver.solve(model, { timeMsMax });
    const columns = allowed.map((column, index) => ({ column, weight: primal[index] ?? 0 }));
    for (const { column, weight } of columns) {
      this.#ages.set(column, weight > WEIGHT_MIN ? 0 : (this.#ages.get(column) ?? 0) + 1);
    }
    return { multipliers: rows.multipliers(duals), columns: columns.filter(({ weight }) => weight > WEIGHT_MIN) };
  }
}

/** At most one of the columns of an asset; with a penalty, one in any case. */
function addChoice(model: Model, index: number, variables: readonly number[], penalty: number | undefined): void {
  const helper =
    penalty === undefined ? [] : [model.addVariable({ name: `missing ${index}`, lower: 0, cost: penalty })];
  const terms = [...variables, ...helper].map((variable) => ({ variable, coefficient: 1 }));
  model.addRow({ name: `asset ${index}`, ...(penalty === undefined ? {} : { lower: 1 }), upper: 1, terms });
}

/** A profile with what it costs. */
export function columnOf(asset: PreparedAsset, calls: readonly PlacedCall[]): Column {
  const energiesWh = new Map<number, bigint>();
  let costNano = 0;
  for (const { energiesWh: energies, place } of calls) {
    costNano += Number(asset.asset.callCostMicro) * NANO_PER_MICRO;
    for (const [index, energyWh] of energies.entries()) {
      energiesWh.set(place + index, energyWh);
      costNano += Number(energyWh) * Number(asset.cells[place + index]?.costMicroPerKwh ?? 0n);
    }
  }
  return { asset, calls, energiesWh, costNano };
}

/** Whether a branch lets an asset be off all the time. */
function mayRest({ called, energies }: AssetFixing): boolean {
  return called !== true && [...energies.values()].every(({ lowWh }) => lowWh === 0n);
}

function isAllowed(column: Column['energiesWh'], { called, energies }: AssetFixing): boolean {
  if (called === false) return false;
  return [...energies].every(([place, { highWh, lowWh }]) => {
    const energyWh = column.get(place) ?? 0n;
    return lowWh <= energyWh && (highWh === undefined || energyWh <= highWh);
  });
}
