import {
  optionAt,
  sliceOf,
  takesOf,
  unitsPerNano,
  type CoalitionMultipliers,
  type PlacedPower,
  type PreparedCoalition,
  type PreparedCoalitionAsset,
  type PreparedDemand,
  type StoragePrice,
} from '@flexledger/domain';
import type { Model, Term } from '../model';

const PPM = 1e6;
/** Quarter hours of an hour, and multipliers (millionths per kWh) of a thousandth of a micro-unit per Wh. */
const QUARTERS = 4;
const PICO_PER_KWH = 1e6;
/** Multipliers of counts, in millionths of a micro-unit, of a thousandth of it. */
const PICO_PER_NANO = 1e3;
/** What the largest power earns in a step in a model. */
const UNITS_OF_PRICE = 1_000;

/** Coefficients of one row, by variable. */
type Coefficients = Map<number, number>;

/** What a slice may be served with. */
export interface SliceBounds {
  readonly mayRest: boolean;
  readonly lowW: bigint;
  readonly highW: bigint;
}

/** How a variable stands for what an asset does in a step: which one for its power, by how much, and which ones for being on. */
export interface PowerVariables {
  readonly power: number;
  readonly on: readonly number[];
  /** W of one unit of the variable. */
  readonly amount: number;
}

/** The variables of what is served. */
export interface SliceVariables {
  /** In W, by request and slice. */
  powersW: (primal: Float64Array) => readonly (readonly number[])[];
}

/** A row whose dual is a multiplier. */
interface PricedRow {
  readonly row: number;
  readonly index: number;
  readonly step: number;
}

/**
 * The rows that join the assets of a case: firm power and assets against what is served, groups and storages. Every model of the case has them, whatever
 * its variables are. Powers stand in the largest power of the case and costs in a thousandth of what it earns in a step, so that the numbers of a
 * model are near 1 whatever the case is.
 */
export class CoalitionRows {
  readonly #prepared: PreparedCoalition;
  /** By request and step. */
  readonly #cover: Coefficients[][];
  readonly #count: Coefficients[][];
  readonly #groups: Coefficients[][];
  readonly #storages = new Map<number, { readonly up: Coefficients; readonly down: Coefficients }>();
  /** W of one unit of power in a model. */
  readonly powerUnitW: number;
  /** Thousandths of a micro-unit of one unit of cost in a model. */
  readonly costUnitNano: number;
  readonly #coverRows: PricedRow[] = [];
  readonly #countRows: PricedRow[] = [];
  readonly #groupRows: PricedRow[] = [];
  readonly #storageRows: (PricedRow & { readonly isUp: boolean })[] = [];

  constructor(prepared: PreparedCoalition) {
    this.#prepared = prepared;
    const { asked, assets, requests } = prepared;
    const empty = (): Coefficients[] => Array.from({ length: asked.steps }, () => new Map<number, number>());
    this.#cover = requests.map(empty);
    this.#count = requests.map(empty);
    this.#groups = asked.groups.map(empty);
    let powerUnit = 1;
    for (const { options } of assets) {
      for (const { highW } of options.flat()) powerUnit = Math.max(powerUnit, Number(highW));
    }
    this.powerUnitW = powerUnit;
    const price = requests.reduce((most, { priceUnits }) => Math.max(most, Number(priceUnits)), 1);
    this.costUnitNano = Math.max((powerUnit * price) / Number(unitsPerNano) / UNITS_OF_PRICE, 1e-6);
  }

  /** What so many units of the objective cost in a model. */
  costOf(units: bigint | number): number {
    return Number(units) / Number(unitsPerNano) / this.costUnitNano;
  }

  /** States what an asset does in a step. */
  add(
    asset: PreparedCoalitionAsset,
    { request, step }: Pick<PlacedPower, 'request' | 'step'>,
    variables: PowerVariables,
  ): void {
    const option = optionAt(asset, step, request);
    const asked = this.#prepared.requests[request];
    if (option === undefined || asked === undefined) return;
    const power = variables.amount / this.powerUnitW;
    raise(cellOf(this.#cover, request, step), variables.power, (power * Number(option.firmPpm)) / PPM);
    if (asked.demand.assetsMin > 1) {
      for (const on of variables.on) raise(cellOf(this.#count, request, step), on, 1);
    }
    for (const group of asset.groups.filter((each) => cellOf(this.#prepared.counts, each, request) === true)) {
      raise(cellOf(this.#groups, group, step), variables.power, power);
    }
    this.#addStored(asset, asked, variables.power, power);
  }

  #addStored(asset: PreparedCoalitionAsset, asked: PreparedDemand, variable: number, power: number): void {
    const held = (power * Number(this.#prepared.stepSlots) * Number(asked.demand.holdPpm)) / PPM / QUARTERS;
    if (asset.asset.storage === undefined || held === 0) return;
    const rows = this.#storages.get(asset.index) ?? { up: new Map<number, number>(), down: new Map<number, number>() };
    this.#storages.set(asset.index, rows);
    const takes = takesOf(asked);
    if (takes.up) raise(rows.up, variable, held);
    if (takes.down) raise(rows.down, variable, held);
  }

  /**
   * Adds the rows to a model, with a variable for what each slice is served with, after everything has been stated. Where integers are asked for, it is
   * a whole number of steps.
   */
  addTo(
    model: Model,
    boundsOf: (request: PreparedDemand, slice: number) => SliceBounds,
    penalty: number | undefined,
  ): SliceVariables {
    const isWhole = penalty === undefined;
    const served = this.#prepared.requests.map((request) =>
      Array.from({ length: request.demand.slices }, (_, slice) => {
        return this.#addSlice(model, request, boundsOf(request, slice), isWhole);
      }),
    );
    for (const request of this.#prepared.requests) {
      for (let step = request.demand.firstStep; step < request.endStep; step += 1) {
        const slice = served[request.index]?.[sliceOf(request, step)];
        if (slice !== undefined) this.#addCover(model, request, step, slice, penalty);
      }
    }
    this.#addLimits(model);
    const unit = this.powerUnitW;
    return {
      powersW: (primal) =>
        served.map((slices) => slices.map(({ power, unitW }) => (primal[power] ?? 0) * (isWhole ? unitW : unit))),
    };
  }

  #addSlice(
    model: Model,
    request: PreparedDemand,
    { highW, lowW, mayRest }: SliceBounds,
    isWhole: boolean,
  ): { readonly power: number; readonly served: number | undefined; readonly unitW: number; readonly isMust: boolean } {
    const unitW = isWhole ? Number(request.demand.stepW) : this.powerUnitW;
    const isPossible = lowW <= highW;
    const [low, high] = isPossible ? [Number(lowW) / unitW, Number(highW) / unitW] : [0, 0];
    const name = `slice ${request.index}`;
    const cost = -this.costOf(request.priceUnits) * unitW * request.demand.sliceSteps;
    const isMust = !mayRest;
    const power = model.addVariable({ name, lower: isMust ? low : 0, upper: high, cost, integer: isWhole });
    const needsServed = request.demand.assetsMin > 1 || (isWhole && mayRest && low > 1);
    if (!needsServed) return { power, served: undefined, unitW, isMust };
    const served = model.addVariable({
      name,
      lower: isMust ? 1 : 0,
      upper: isPossible ? 1 : 0,
      cost: 0,
      integer: isWhole,
    });
    const terms = (limit: number): readonly Term[] => [
      { variable: power, coefficient: 1 },
      { variable: served, coefficient: -limit },
    ];
    model.addRow({ name: `most ${name}`, upper: 0, terms: terms(high) });
    model.addRow({ name: `least ${name}`, lower: 0, terms: terms(low) });
    return { power, served, unitW, isMust };
  }

  #addCover(
    model: Model,
    request: PreparedDemand,
    step: number,
    slice: {
      readonly power: number;
      readonly served: number | undefined;
      readonly unitW: number;
      readonly isMust: boolean;
    },
    penalty: number | undefined,
  ): void {
    const { index } = request;
    const factor = (1 + Number(request.demand.marginPpm) / PPM) * (slice.unitW / this.powerUnitW);
    const missing = (): readonly Term[] => {
      // What must be served and cannot be is paid for at a price that no answer is worth.
      if (penalty === undefined || !slice.isMust) return [];
      return [
        { variable: model.addVariable({ name: `missing ${index} ${step}`, lower: 0, cost: penalty }), coefficient: 1 },
      ];
    };
    const cover = [
      ...termsOf(this.#cover[index]?.[step]),
      { variable: slice.power, coefficient: -factor },
      ...missing(),
    ];
    this.#coverRows.push({
      row: model.addRow({ name: `cover ${index} ${step}`, lower: 0, terms: cover }),
      index,
      step,
    });
    if (request.demand.assetsMin <= 1 || slice.served === undefined) return;
    const needed = { variable: slice.served, coefficient: -request.demand.assetsMin };
    const count = [...termsOf(this.#count[index]?.[step]), needed, ...missing()];
    this.#countRows.push({
      row: model.addRow({ name: `count ${index} ${step}`, lower: 0, terms: count }),
      index,
      step,
    });
  }

  #addLimits(model: Model): void {
    for (const [index, { maxWByStep }] of this.#prepared.asked.groups.entries()) {
      for (const [step, maxW] of maxWByStep.entries()) {
        const terms = termsOf(cellOf(this.#groups, index, step));
        if (terms.length === 0) continue;
        const row = model.addRow({ name: `group ${index} ${step}`, upper: Number(maxW) / this.powerUnitW, terms });
        this.#groupRows.push({ row, index, step });
      }
    }
    for (const [index, { down, up }] of this.#storages) {
      const storage = this.#prepared.assets[index]?.asset.storage;
      if (storage === undefined) continue;
      this.#addStorage(model, index, { coefficients: up, energyWh: storage.upWh, isUp: true });
      this.#addStorage(model, index, { coefficients: down, energyWh: storage.downWh, isUp: false });
    }
  }

  #addStorage(
    model: Model,
    index: number,
    {
      coefficients,
      energyWh,
      isUp,
    }: { readonly coefficients: Coefficients; readonly energyWh: bigint; readonly isUp: boolean },
  ): void {
    if (coefficients.size === 0) return;
    const upper = Number(energyWh) / this.powerUnitW;
    const row = model.addRow({ name: `storage ${index}`, upper, terms: termsOf(coefficients) });
    this.#storageRows.push({ row, index, step: 0, isUp });
  }

  /** The multipliers that duals stand for. */
  multipliers(duals: Float64Array): CoalitionMultipliers {
    const { asked, requests, stepSlots } = this.#prepared;
    const nanoPerW = this.costUnitNano / this.powerUnitW;
    const perStep = (nanoPerW * QUARTERS * PICO_PER_KWH) / Number(stepSlots);
    const zeros = (): bigint[] => Array.from({ length: asked.steps }, () => 0n);
    const priced = (rows: readonly PricedRow[], count: number, unit: number): readonly (readonly bigint[])[] => {
      const prices = Array.from({ length: count }, zeros);
      for (const { index, row, step } of rows) {
        const list = prices[index];
        if (list !== undefined) list[step] = wholePrice((duals[row] ?? 0) * unit);
      }
      return prices;
    };
    const storages = new Map<number, StoragePrice>();
    for (const { index, isUp, row } of this.#storageRows) {
      const price = wholePrice(-(duals[row] ?? 0) * nanoPerW * PICO_PER_KWH);
      if (price === 0n) continue;
      const before = storages.get(index) ?? { up: 0n, down: 0n };
      storages.set(index, isUp ? { ...before, up: price } : { ...before, down: price });
    }
    return {
      cover: priced(this.#coverRows, requests.length, perStep),
      count: priced(this.#countRows, requests.length, this.costUnitNano * PICO_PER_NANO),
      groups: priced(this.#groupRows, asked.groups.length, -perStep),
      storages,
    };
  }
}

/** A multiplier is a whole number that is not below zero. */
function wholePrice(price: number): bigint {
  return price > 0 ? BigInt(Math.round(price)) : 0n;
}

function cellOf<T>(rows: readonly (readonly T[])[], row: number, cell: number): T | undefined {
  return rows[row]?.[cell];
}

function raise(coefficients: Coefficients | undefined, variable: number, amount: number): void {
  coefficients?.set(variable, (coefficients.get(variable) ?? 0) + amount);
}

function termsOf(coefficients: Coefficients | undefined): readonly Term[] {
  return [...(coefficients ?? [])].flatMap(([variable, coefficient]) =>
    coefficient === 0 ? [] : [{ variable, coefficient }],
  );
}
