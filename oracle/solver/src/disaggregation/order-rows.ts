import type { Multipliers, PreparedAsset, PreparedCase } from '@flexledger/domain';
import type { Model, Term } from '../model';

/** Shares and multipliers are in millionths. */
const PPM = 1e6;
/** What the largest energy of a slot costs in a model where it is missing. */
const UNITS_OF_SHORTFALL = 1_000;

/** Coefficients of one row, by variable. */
type Coefficients = Map<number, number>;

interface ShiftRows {
  readonly reduced: Coefficients;
  readonly increased: Coefficients;
}

/** The numbers of the rows whose duals are multipliers. */
interface RowNumbers {
  readonly slots: ReadonlyMap<number, number>;
  readonly comfort: ReadonlyMap<number, number>;
  readonly shift: ReadonlyMap<number, readonly [number, number]>;
}

/**
 * The rows that join the assets of a case: what each slot asks for, what comfort allows, and the balance of each asset that shifts. Every model of
 * the case has them, whatever its variables are. Energies stand in the largest energy of a slot and costs in what a thousandth of a shortfall of it costs, so
 * that the numbers of a model are near 1 whatever the case is.
 */
export class OrderRows {
  readonly #prepared: PreparedCase;
  readonly #slots: readonly Coefficients[];
  readonly #comfort: readonly Coefficients[];
  readonly #shift = new Map<number, ShiftRows>();
  /** Wh of one unit of energy in the model. */
  readonly energyUnitWh: number;
  /** Thousandths of a micro-unit of one unit of cost in the model. */
  readonly costUnitNano: number;
  #numbers: RowNumbers = { slots: new Map(), comfort: new Map(), shift: new Map() };

  constructor(prepared: PreparedCase) {
    this.#prepared = prepared;
    this.#slots = prepared.directions.map(() => new Map<number, number>());
    this.#comfort = prepared.asked.comfort.map(() => new Map<number, number>());
    const energies = prepared.assets.flatMap(({ cells }) => cells.map((cell) => Number(cell?.highWh ?? 0n)));
    this.energyUnitWh = energies.reduce((most, energy) => Math.max(most, energy), 1);
    this.costUnitNano =
      (this.energyUnitWh * Math.max(Number(prepared.asked.shortfallMicroPerKwh), 1)) / UNITS_OF_SHORTFALL;
  }

  /** What energy of a price costs in a model, by unit of energy. */
  costOf(priceMicroPerKwh: bigint): number {
    return (Number(priceMicroPerKwh) * this.energyUnitWh) / this.costUnitNano;
  }

  /** A limit of energy in a model. */
  energyOf(energyWh: bigint): number {
    return Number(energyWh) / this.energyUnitWh;
  }

  /** States that one unit of a variable makes an asset deliver so many units of energy in a slot. */
  add(variable: number, asset: PreparedAsset, place: number, energy: number): void {
    raise(this.#slots[place], variable, energy);
    for (const effect of asset.rebounds[place] ?? []) {
      raise(this.#slots[effect.place], variable, (energy * Number(effect.sharePpm)) / PPM);
    }
    if (asset.comfort !== undefined) {
      raise(this.#comfort[asset.comfort], variable, energy);
    }
    const { shiftTolerancePpm } = this.#prepared.asked;
    if (shiftTolerancePpm !== undefined) {
      const rows = this.#shift.get(asset.index) ?? { reduced: new Map(), increased: new Map() };
      this.#shift.set(asset.index, rows);
      const kept = 1 - Number(shiftTolerancePpm) / PPM;
      const isReduce = this.#prepared.directions[place] === 'reduce';
      raise(rows.reduced, variable, isReduce ? kept * energy : -energy);
      raise(rows.increased, variable, isReduce ? -energy : kept * energy);
    }
  }

  /** Adds the rows to a model, with a variable for the shortfall of each slot, after everything has been stated. */
  addTo(model: Model): void {
    const comfort = new Map<number, number>();
    for (const [index, coefficients] of this.#comfort.entries()) {
      const upper = this.#prepared.asked.comfort[index]?.energyWhMax;
      if (coefficients.size > 0 && upper !== undefined) {
        const limit = this.energyOf(upper);
        comfort.set(index, model.addRow({ name: `comfort ${index}`, upper: limit, terms: termsOf(coefficients) }));
      }
    }
    const shift = new Map<number, readonly [number, number]>();
    for (const [index, { increased, reduced }] of this.#shift) {
      const row = (name: string, coefficients: Coefficients): number =>
        model.addRow({ name: `${name} ${index}`, upper: 0, terms: termsOf(coefficients) });
      shift.set(index, [row('reduced', reduced), row('increased', increased)]);
    }
    this.#numbers = { slots: this.#addSlots(model), comfort, shift };
  }

  #addSlots(model: Model): ReadonlyMap<number, number> {
    const { asked, ceilingsWh, floorsWh } = this.#prepared;
    const slots = new Map<number, number>();
    for (const [place, coefficients] of this.#slots.entries()) {
      const [lower, upper] = [floorsWh[place], ceilingsWh[place]];
      if (lower !== undefined) {
        const cost = this.costOf(asked.shortfallMicroPerKwh);
        coefficients.set(model.addVariable({ name: `shortfall ${place}`, lower: 0, cost }), 1);
      }
      if (lower !== undefined || upper !== undefined) {
        const bounds = {
          ...(lower === undefined ? {} : { lower: this.energyOf(lower) }),
          ...(upper === undefined ? {} : { upper: this.energyOf(upper) }),
        };
        slots.set(place, model.addRow({ name: `slot ${place}`, ...bounds, terms: termsOf(coefficients) }));
      }
    }
    return slots;
  }

  /** The multipliers that duals stand for, within what a certificate may have. */
  multipliers(duals: Float64Array): Multipliers {
    const { asked, ceilingsWh, floorsWh } = this.#prepared;
    const most = asked.shortfallMicroPerKwh * BigInt(PPM);
    const priceUnit = (this.costUnitNano / this.energyUnitWh) * PPM;
    const dual = (row: number | undefined): bigint =>
      row === undefined ? 0n : BigInt(Math.round((duals[row] ?? 0) * priceUnit));
    const slots = floorsWh.map((floorWh, place) => {
      const price = dual(this.#numbers.slots.get(place));
      if (price > most) return most;
      const isAllowed = price > 0n ? floorWh !== undefined : ceilingsWh[place] !== undefined;
      return isAllowed ? price : 0n;
    });
    const comfort = [...this.#numbers.comfort].map(([index, row]) => [index, -dual(row)] as const);
    const shift = [...this.#numbers.shift].map(([index, [reduced, increased]]) => {
      return [index, dual(increased) - dual(reduced)] as const;
    });
    return {
      slots,
      comfort: new Map(comfort.filter(([, price]) => price > 0n)),
      shift: new Map(shift.filter(([, price]) => price !== 0n)),
    };
  }
}

function raise(coefficients: Coefficients | undefined, variable: number, amount: number): void {
  coefficients?.set(variable, (coefficients.get(variable) ?? 0) + amount);
}

function termsOf(coefficients: Coefficients): readonly Term[] {
  return [...coefficients].flatMap(([variable, coefficient]) => (coefficient === 0 ? [] : [{ variable, coefficient }]));
}
