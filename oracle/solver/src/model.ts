import { SolverError } from './errors';

/** A number of a model. A bigint must be exact as a double, which every integer up to 2^53 is; no digit is ever lost. */
export type Amount = number | bigint;

/** A quantity that the solver chooses. An absent bound means that there is none. */
export interface Variable {
  readonly name: string;
  readonly lower?: Amount;
  readonly upper?: Amount;
  /** What one unit adds to the objective. */
  readonly cost: Amount;
  /** True where only whole numbers count. */
  readonly integer?: boolean;
}

/** A variable, by its number, and its coefficient in a row. */
export interface Term {
  readonly variable: number;
  readonly coefficient: Amount;
}

/** A linear expression with bounds; an equation has equal ones. A variable stands in it at most once. */
export interface Row {
  readonly name: string;
  readonly lower?: Amount;
  readonly upper?: Amount;
  readonly terms: readonly Term[];
}

/** A model in the form that the solver takes: plain arrays of doubles, by columns and by rows, and no text. */
export interface ModelArrays {
  readonly sense: 'minimise' | 'maximise';
  readonly costs: Float64Array;
  readonly variableLower: Float64Array;
  readonly variableUpper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  /** Row by row: the terms of row r stand from starts[r] up to starts[r + 1]. */
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
  /** By variable: 1 where only whole numbers count; absent where all of them may be fractions. */
  readonly integers?: Int32Array;
}

/**
 * A linear or mixed-integer programme: variables with bounds and costs, and rows. Its numbers go to the solver as doubles in arrays, so that nothing is
 * written and read again as text; a number that a double does not hold exactly is refused (SOLVER_MODEL_INVALID).
 */
export class Model {
  readonly #sense: ModelArrays['sense'];
  readonly #variables: Variable[] = [];
  readonly #rows: Row[] = [];

  constructor(sense: ModelArrays['sense']) {
    this.#sense = sense;
  }

  /** The variables, by their numbers. */
  get variables(): readonly Variable[] {
    return this.#variables;
  }

  /** The rows, in the order in which they were added. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** Adds a variable and answers its number. */
  addVariable(variable: Variable): number {
    return this.#variables.push(variable) - 1;
  }

  /** Adds a row and answers its number. */
  addRow(row: Row): number {
    return this.#rows.push(row) - 1;
  }

  /** @throws SolverError SOLVER_MODEL_INVALID */
  toArrays(): ModelArrays {
    const starts = [0];
    const indices: number[] = [];
    const values: number[] = [];
    for (const { name, terms } of this.#rows) {
      const seen = new Set<number>();
      for (const { variable, coefficient } of terms) {
        check(this.#variables[variable] !== undefined, `the row ${name} names a variable that does not exist`);
        check(!seen.has(variable), `the row ${name} names a variable twice`);
        seen.add(variable);
        indices.push(variable);
        values.push(finite(coefficient, name));
      }
      starts.push(indices.length);
    }
    return {
      sense: this.#sense,
      costs: Float64Array.from(this.#variables, ({ cost, name }) => finite(cost, name)),
      ...boundsOf('variable', this.#variables),
      ...boundsOf('row', this.#rows),
      starts: Int32Array.from(starts),
      indices: Int32Array.from(indices),
      values: Float64Array.from(values),
      ...(this.#variables.some(({ integer }) => integer === true)
        ? { integers: Int32Array.from(this.#variables, ({ integer }) => (integer === true ? 1 : 0)) }
        : {}),
    };
  }
}

type Bounds<K extends string> = Readonly<Record<`${K}Lower` | `${K}Upper`, Float64Array>>;

function boundsOf<const K extends string>(
  kind: K,
  entries: readonly { readonly name: string; readonly lower?: Amount; readonly upper?: Amount }[],
): Bounds<K> {
  const lower = Float64Array.from(entries, (entry) => bound(entry.lower, -Infinity, entry.name));
  const upper = Float64Array.from(entries, (entry) => bound(entry.upper, Infinity, entry.name));
  const crossed = entries.find((_, index) => (lower[index] ?? 0) > (upper[index] ?? 0));
  check(crossed === undefined, `the bounds of ${crossed?.name ?? ''} are crossed`);
  return { [`${kind}Lower`]: lower, [`${kind}Upper`]: upper } as Bounds<K>;
}

function bound(amount: Amount | undefined, open: number, name: string): number {
  return amount === undefined ? open : finite(amount, name);
}

/** The double that is exactly this number. */
function finite(amount: Amount, name: string): number {
  const value = Number(amount);
  check(Number.isFinite(value), `a number of ${name} is not finite`);
  check(typeof amount === 'number' || BigInt(value) === amount, `a number of ${name} does not fit a double exactly`);
  return value;
}

function check(holds: boolean, problem: string): asserts holds {
  if (!holds) {
    throw new SolverError('SOLVER_MODEL_INVALID', problem);
  }
}
