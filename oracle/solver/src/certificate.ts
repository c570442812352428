import type { ModelArrays } from './model';

/** What a solver has found, as it says. */
export interface Point {
  /** By variable. */
  readonly primal: Float64Array;
  /** By row: what one unit more of its bound changes the objective by. */
  readonly duals: Float64Array;
}

/**
 * How good a point is, computed from the model, the point and the duals alone: nothing in it is the solver's word. By weak duality no
 * point is better than `bound`, whatever the duals are, up to the rounding of doubles.
 */
export interface Certificate {
  /** The objective at the point. */
  readonly objective: number;
  /** What no point can better, from the duals; infinite where the duals prove nothing. */
  readonly bound: number;
  /** How far objective and bound are apart, as a share of the larger of objective and 1. */
  readonly gap: number;
  /** The most by which a row or a bound is missed. */
  readonly primalViolation: number;
}

/** Reduced costs below this share of the cost count as rounding where the bound that they would need does not exist. */
const ROUNDING = 1e-9;

/** Checks a point and its duals against their model. */
export function certify(model: ModelArrays, { primal, duals }: Point): Certificate {
  const objective = dot(model.costs, primal);
  const activity = new Float64Array(model.rowLower.length);
  const reduced = Float64Array.from(model.costs);
  eachEntry(model, (row, variable, value) => {
    activity[row] = (activity[row] ?? 0) + value * (primal[variable] ?? 0);
    reduced[variable] = (reduced[variable] ?? 0) - value * (duals[row] ?? 0);
  });
  const direction = model.sense === 'minimise' ? 1 : -1;
  const bound =
    dualValue(duals, model.rowLower, model.rowUpper, direction) +
    dualValue(reduced, model.variableLower, model.variableUpper, direction, model.costs);
  return {
    objective,
    bound,
    gap: Math.abs(objective - bound) / Math.max(Math.abs(objective), 1),
    primalViolation: Math.max(
      violation(activity, model.rowLower, model.rowUpper),
      violation(primal, model.variableLower, model.variableUpper),
    ),
  };
}

function eachEntry(
  { indices, starts, values }: ModelArrays,
  visit: (row: number, variable: number, value: number) => void,
): void {
  for (let row = 0; row + 1 < starts.length; row += 1) {
    for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at += 1) {
      visit(row, indices[at] ?? 0, values[at] ?? 0);
    }
  }
}

function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((total, value, index) => total + value * (right[index] ?? 0), 0);
}

/** Each price times the bound that it presses against: the lower one where the price has the sign of the direction. */
function dualValue(
  prices: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
  direction: number,
  scale?: Float64Array,
): number {
  let total = 0;
  for (const [index, price] of prices.entries()) {
    const pressed = (price * direction > 0 ? lower[index] : upper[index]) ?? 0;
    const isRounding = Math.abs(price) <= ROUNDING * Math.max(Math.abs(scale?.[index] ?? 0), 1);
    if (price !== 0 && (Number.isFinite(pressed) || !isRounding)) {
      total += price * pressed;
    }
  }
  return total;
}

function violation(values: Float64Array, lower: Float64Array, upper: Float64Array): number {
  return values.reduce((most, value, index) => {
    return Math.max(most, (lower[index] ?? value) - value, value - (upper[index] ?? value));
  }, 0);
}
