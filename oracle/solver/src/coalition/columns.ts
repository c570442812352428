import {
  costUnitsOf,
  freeCoalitionAsset,
  sliceRange,
  unitsPerNano,
  type BestDuty,
  type CoalitionAssetFixing,
  type CoalitionBranch,
  type CoalitionMultipliers,
  type PlacedPower,
  type PreparedCoalition,
  type PreparedCoalitionAsset,
} from '@flexledger/domain';
import { Model } from '../model';
import type { Solver } from '../solver';
import { CoalitionRows } from './coalition-rows';

/** What an asset may do, as a whole: it has been worth most to it at some multipliers. */
export interface DutyColumn {
  readonly asset: PreparedCoalitionAsset;
  readonly powers: readonly PlacedPower[];
  readonly costNano: number;
}

/** A column and the share of it that a mixture takes. */
export interface WeightedDuty {
  readonly column: DutyColumn;
  readonly weight: number;
}

/** A mixture of columns, and what the slices are served with in it, in W by request and slice. */
export interface DutyMixture {
  readonly columns: readonly WeightedDuty[];
  readonly slicesW: readonly (readonly number[])[];
}

/** Columns from which on those that are of no use are left out. */
const LARGE_POOL = 3_000;
/** Mixtures after which a column that none of them took is left out. */
const AGE_MAX = 4;
/** Below this share, a column counts as not taken. */
const WEIGHT_MIN = 1e-7;

/** What has been found that assets may do. */
export class DutyPool {
  readonly #prepared: PreparedCoalition;
  readonly #columns: DutyColumn[] = [];
  readonly #known = new Map<string, DutyColumn>();
  /** Mixtures since a column was found or taken. */
  readonly #ages = new Map<DutyColumn, number>();

  constructor(prepared: PreparedCoalition) {
    this.#prepared = prepared;
  }

  /** Adds what an asset may do; answers whether the mixtures so far have not known it. */
  add(asset: PreparedCoalitionAsset, powers: readonly PlacedPower[]): boolean {
    if (powers.length === 0) return false;
    const key = `${asset.index} ${powers.map(({ powerW, request, step }) => `${step}/${request}/${powerW}`).join(' ')}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      const wasLeftOut = this.#isLeftOut(known);
      this.#ages.set(known, 0);
      return wasLeftOut;
    }
    const column = columnOf(asset, powers);
    this.#known.set(key, column);
    this.#ages.set(column, 0);
    this.#columns.push(column);
    return true;
  }

  /** Takes in what a relaxation chose; answers how much of it is new. */
  take(duties: readonly BestDuty[]): number {
    return duties.filter(({ powers }, index) => {
      const asset = this.#prepared.assets[index];
      return asset !== undefined && this.add(asset, powers);
    }).length;
  }

  /** In a large pool, what has not been of use for some time waits until it is found again. */
  #isLeftOut(column: DutyColumn): boolean {
    return this.#columns.length > LARGE_POOL && (this.#ages.get(column) ?? 0) > AGE_MAX;
  }

  /** The best mixture of the columns that a branch allows, with the multipliers that its duals are (Dantzig and Wolfe, 1960). */
  async mix(
    solver: Pick<Solver, 'solve'>,
    branch: CoalitionBranch,
    penaltyNano: number,
    timeMsMax: number,
  ): Promise<{ readonly multipliers: CoalitionMultipliers; readonly mixture: DutyMixture }> {
    const model = new Model('minimise');
    const rows = new CoalitionRows(this.#prepared);
    const allowed = this.#columns.filter((column) => {
      return !this.#isLeftOut(column) && isAllowed(column.powers, fixingOf(branch, column.asset.index));
    });
    const byAsset = new Map<number, number[]>([...branch.assets.keys()].map((index) => [index, []]));
    for (const column of allowed) {
      const { index } = column.asset;
      const cost = column.costNano / rows.costUnitNano;
      const variable = model.addVariable({ name: `column ${index}`, lower: 0, cost });
      const variables = byAsset.get(index) ?? [];
      variables.push(variable);
      byAsset.set(index, variables);
      for (const power of column.powers) {
        rows.add(column.asset, power, { power: variable, on: [variable], amount: Number(power.powerW) });
      }
    }
    const penalty = penaltyNano / rows.costUnitNano;
    for (const [index, variables] of byAsset) {
      addChoice(model, index, variables, mayRest(fixingOf(branch, index)) ? undefined : penalty);
    }
    const slices = rows.addTo(model, (request, slice) => sliceRange(request, slice, branch), penalty);
    const { duals, primal } = await solver.solve(model, { timeMsMax });
    const columns = allowed.map((column, index) => ({ column, weight: primal[index] ?? 0 }));
    for (const { column, weight } of columns) {
      this.#ages.set(column, weight > WEIGHT_MIN ? 0 : (this.#ages.get(column) ?? 0) + 1);
    }
    const mixture = { columns: columns.filter(({ weight }) => weight > WEIGHT_MIN), slicesW: slices.powersW(primal) };
    return { multipliers: rows.multipliers(duals), mixture };
  }
}

function fixingOf({ assets }: CoalitionBranch, index: number): CoalitionAssetFixing {
  return assets.get(index) ?? freeCoalitionAsset;
}

/** At most one of the columns of an asset; with a penalty, one in any case: what they cannot do is done at a price that no answer is worth. */
function addChoice(model: Model, index: number, variables: readonly number[], penalty: number | undefined): void {
  const helper =
    penalty === undefined ? [] : [model.addVariable({ name: `missing ${index}`, lower: 0, cost: penalty })];
  const terms = [...variables, ...helper].map((variable) => ({ variable, coefficient: 1 }));
  model.addRow({ name: `asset ${index}`, ...(penalty === undefined ? {} : { lower: 1 }), upper: 1, terms });
}

/** What an asset may do, with what it costs. */
export function columnOf(asset: PreparedCoalitionAsset, powers: readonly PlacedPower[]): DutyColumn {
  return { asset, powers, costNano: Number(costUnitsOf(asset, powers)) / Number(unitsPerNano) };
}

/** Whether a branch lets an asset be off all the time. */
function mayRest({ isUsed, powers }: CoalitionAssetFixing): boolean {
  return isUsed !== true && [...powers.values()].every(({ lowW }) => lowW === 0n);
}

function isAllowed(powers: readonly PlacedPower[], { isUsed, powers: fixed, services }: CoalitionAssetFixing): boolean {
  if (isUsed === false) return false;
  if (fixed.size === 0 && services.size === 0) return true;
  const bySteps = new Map(powers.map((power) => [power.step, power]));
  const areServed = [...services].every(([step, { not, only }]) => {
    const request = bySteps.get(step)?.request;
    return request === undefined || (!not.has(request) && (only === undefined || only === request));
  });
  return (
    areServed &&
    [...fixed].every(([step, { highW, lowW }]) => {
      const powerW = bySteps.get(step)?.powerW ?? 0n;
      return lowW <= powerW && (highW === undefined || powerW <= highW);
    })
  );
}
