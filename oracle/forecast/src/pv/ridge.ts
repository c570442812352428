/** A linear model that learns row by row and can be asked for its coefficients at any time, so that a back-test costs no more than one fit. */
export class Ridge {
  readonly #size: number;
  readonly #products: Float64Array;
  readonly #moments: Float64Array;

  constructor(size: number) {
    this.#size = size;
    this.#products = new Float64Array(size * size);
    this.#moments = new Float64Array(size);
  }

  learn(row: Float64Array, value: number, weight: number): void {
    for (let column = 0; column < this.#size; column += 1) {
      const weighted = weight * at(row, column);
      this.#moments[column] = at(this.#moments, column) + weighted * value;
      for (let other = 0; other <= column; other += 1) {
        const place = column * this.#size + other;
        this.#products[place] = at(this.#products, place) + weighted * at(row, other);
      }
    }
  }

  /**
   * The coefficients that make the weighted squares of the errors, and `penalty` times those of the coefficients in the columns' own units, least.
   * By Cholesky's decomposition; a column without any value gets 0.
   */
  coefficients(penalty: number): Float64Array {
    const size = this.#size;
    const lower = Float64Array.from(this.#products);
    const solution = Float64Array.from(this.#moments);
    for (let row = 0; row < size; row += 1) {
      const diagonal = row * size + row;
      lower[diagonal] = at(lower, diagonal) * (1 + penalty) + Number.EPSILON;
      for (let column = 0; column <= row; column += 1) decompose(lower, size, row, column);
    }
    for (let row = 0; row < size; row += 1)
      substitute(solution, row, 0, row, (other) => at(lower, row * size + other), at(lower, row * size + row));
    for (let row = size - 1; row >= 0; row -= 1) {
      substitute(solution, row, row + 1, size, (other) => at(lower, other * size + row), at(lower, row * size + row));
    }
    return solution;
  }
}

function decompose(lower: Float64Array, size: number, row: number, column: number): void {
  const place = row * size + column;
  let rest = at(lower, place);
  for (let inner = 0; inner < column; inner += 1) {
    rest -= at(lower, row * size + inner) * at(lower, column * size + inner);
  }
  lower[place] = row === column ? Math.sqrt(Math.max(rest, Number.EPSILON)) : rest / at(lower, column * size + column);
}

function substitute(
  solution: Float64Array,
  row: number,
  from: number,
  to: number,
  factorOf: (other: number) => number,
  diagonal: number,
): void {
  let rest = at(solution, row);
  for (let other = from; other < to; other += 1) rest -= factorOf(other) * at(solution, other);
  solution[row] = rest / diagonal;
}

/** What a model with these coefficients says of a row. */
export function predict(coefficients: Float64Array, row: Float64Array): number {
  let sum = 0;
  for (let column = 0; column < coefficients.length; column += 1) sum += at(coefficients, column) * at(row, column);
  return sum;
}

/** A value of a list that is there; 0 outside of it. */
export function at(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}
