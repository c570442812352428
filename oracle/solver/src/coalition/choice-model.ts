import {
  freeCoalition,
  sliceRange,
  type CoalitionOption,
  type PlacedPower,
  type PreparedCoalition,
  type PreparedCoalitionAsset,
} from '@flexledger/domain';
import { Model, type Term } from '../model';
import type { Solution } from '../solver';
import { CoalitionRows, type SliceVariables } from './coalition-rows';

/** What a solution makes an asset do, in fractions of a W. */
export interface ChosenPowers {
  readonly asset: PreparedCoalitionAsset;
  readonly powers: readonly (Pick<PlacedPower, 'step' | 'request'> & { readonly powerW: number })[];
}

/** What a solution chooses. */
export interface ChosenCoalition {
  readonly assets: readonly ChosenPowers[];
  /** By request and slice. */
  readonly slicesW: readonly (readonly number[])[];
}

/** The variables of one asset for one request in one step. One of `on` is 1 where it is on. */
interface CellVariables {
  readonly step: number;
  readonly request: number;
  readonly power: number;
  readonly on: readonly number[];
}

interface AssetVariables {
  readonly asset: PreparedCoalitionAsset;
  readonly cells: readonly CellVariables[];
}

/** Above this share of being on, it counts as on. */
const HALF = 0.5;

/**
 * The whole case as a mixed-integer model, with whole powers. For cases of few assets and steps; its optimum is that of the case.
 */
export class ChoiceModel {
  readonly model = new Model('minimise');
  readonly #prepared: PreparedCoalition;
  readonly #rows: CoalitionRows;
  readonly #assets: readonly AssetVariables[];
  readonly #slices: SliceVariables;

  constructor(prepared: PreparedCoalition) {
    this.#prepared = prepared;
    this.#rows = new CoalitionRows(prepared);
    this.#assets = prepared.assets.map((asset) => ({ asset, cells: this.#addAsset(asset) }));
    const boundsOf: Parameters<CoalitionRows['addTo']>[1] = (request, slice) =>
      sliceRange(request, slice, freeCoalition);
    this.#slices = this.#rows.addTo(this.model, boundsOf, undefined);
  }

  /** What a solution chooses. */
  chosen({ primal }: Solution): ChosenCoalition {
    const isOn = (on: readonly number[]): boolean => on.some((variable) => (primal[variable] ?? 0) > HALF);
    return {
      assets: this.#assets.map(({ asset, cells }) => ({
        asset,
        powers: cells
          .filter(({ on }) => isOn(on))
          .map(({ power, request, step }) => ({ step, request, powerW: primal[power] ?? 0 })),
      })),
      slicesW: this.#slices.powersW(primal),
    };
  }

  #addCell(asset: PreparedCoalitionAsset, step: number, option: CoalitionOption, on: readonly number[]): CellVariables {
    const { request } = option;
    const name = `power ${asset.index} ${step} ${request}`;
    const [low, high] = [Number(option.lowW), Number(option.highW)];
    const cost = this.#rows.costOf(option.costUnits);
    const power = this.model.addVariable({ name, lower: 0, upper: high, cost, integer: true });
    const between = (limit: number): readonly Term[] => [
      { variable: power, coefficient: 1 },
      ...on.map((variable) => ({ variable, coefficient: -limit })),
    ];
    this.model.addRow({ name: `most ${name}`, upper: 0, terms: between(high) });
    this.model.addRow({ name: `least ${name}`, lower: 0, terms: between(low) });
    this.#rows.add(asset, { step, request }, { power, on, amount: 1 });
    return { step, request, power, on };
  }

  #addAsset(asset: PreparedCoalitionAsset): readonly CellVariables[] {
    const cells: CellVariables[] = [];
    const isOn = new Map<number, readonly number[]>();
    for (const [step, options] of asset.options.entries()) {
      const on = options.map((option) => {
        const name = `on ${asset.index} ${step} ${option.request}`;
        const variable = this.model.addVariable({ name, lower: 0, upper: 1, cost: 0, integer: true });
        cells.push(this.#addCell(asset, step, option, [variable]));
        return variable;
      });
      if (on.length > 0) isOn.set(step, on);
      if (on.length > 1) this.model.addRow({ name: `one ${asset.index} ${step}`, upper: 1, terms: ones(on, 1) });
    }
    this.#addRuns(asset, isOn);
    return cells;
  }

  /** A run begins where an asset is on and was not; it ends in time, and rests. */
  #addRuns({ index, runs, startUnits }: PreparedCoalitionAsset, isOn: ReadonlyMap<number, readonly number[]>): void {
    const { steps } = this.#prepared.asked;
    const { model } = this;
    const at = (step: number): readonly number[] => isOn.get(step) ?? [];
    for (const step of isOn.keys()) {
      const cost = this.#rows.costOf(startUnits);
      const start = model.addVariable({ name: `start ${index} ${step}`, lower: 0, upper: 1, cost, integer: true });
      const rise = [...ones([start], 1), ...ones(at(step), -1), ...ones(at(step - 1), 1)];
      model.addRow({ name: `rise ${index} ${step}`, lower: 0, terms: rise });
      for (let back = 2; back <= runs.pause; back += 1) {
        if (at(step - back).length === 0) continue;
        const terms = [...ones([start], 1), ...ones(at(step - back), 1)];
        model.addRow({ name: `rest ${index} ${step} ${back}`, upper: 1, terms });
      }
    }
    for (let step = 0; step + runs.longest < steps; step += 1) {
      const window = Array.from({ length: runs.longest + 1 }, (_, offset) => at(step + offset));
      if (window.some((on) => on.length === 0)) continue;
      model.addRow({ name: `run ${index} ${step}`, upper: runs.longest, terms: ones(window.flat(), 1) });
    }
  }
}

function ones(variables: readonly number[], coefficient: number): readonly Term[] {
  return variables.map((variable) => ({ variable, coefficient }));
}
