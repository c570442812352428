import { assert, present } from '../../assert';
import {
  compareRational,
  minus,
  over,
  plus,
  rational,
  solveExactly,
  times,
  zero,
  type Rational,
} from './rows-rational';

/** A linear condition on the shares: Σ coefficient × value = bound, or >= bound. */
export interface ShareCondition {
  readonly kind: 'equal' | 'atLeast';
  readonly coefficients: readonly bigint[];
  readonly bound: bigint;
}

/** An active condition, turned so that it holds from below, with its multiplier. */
interface Active {
  readonly condition: ShareCondition;
  readonly normal: readonly bigint[];
  multiplier: Rational;
}

interface Search {
  readonly energiesWh: readonly bigint[];
  readonly active: Active[];
  values: readonly Rational[];
  roundsLeft: number;
}

interface Direction {
  readonly step: readonly Rational[];
  readonly slope: Rational;
  readonly falls: readonly Rational[];
}

/**
 * The values that keep all conditions and have the smallest Σ value² ÷ energy: the rule that shares a tie evenly, each in proportion to
 * its energy as far as the conditions let it. It is strictly convex, so there is exactly one answer, whoever computes it. Values are at
 * least 0 and at most the energies.
 *
 * Method: the dual active sets of D. Goldfarb and A. Idnani, Mathematical Programming 27 (1983), in exact fractions.
 *
 * @param energiesWh above zero
 * @returns undefined where the conditions contradict each other, or after `roundsMax` changes of the active set
 */
export function evenShares(
  energiesWh: readonly bigint[],
  conditions: readonly ShareCondition[],
  roundsMax: number,
): readonly Rational[] | undefined {
  const unit = (at: number, sign: bigint): readonly bigint[] =>
    energiesWh.map((_, index) => (index === at ? sign : 0n));
  const all: readonly ShareCondition[] = [
    ...conditions.filter(({ kind }) => kind === 'equal'),
    ...conditions.filter(({ kind }) => kind === 'atLeast'),
    ...energiesWh.map((energyWh, index): ShareCondition => ({
      kind: 'atLeast',
      coefficients: unit(index, -1n),
      bound: -energyWh,
    })),
    ...energiesWh.map((_, index): ShareCondition => ({ kind: 'atLeast', coefficients: unit(index, 1n), bound: 0n })),
  ];
  const search: Search = { energiesWh, active: [], values: energiesWh.map(() => zero), roundsLeft: roundsMax };
  for (;;) {
    const broken = firstBroken(all, search);
    if (broken === undefined) return search.values;
    if (!mend(search, entered(broken, search.values))) return undefined;
  }
}

/** Moves until the entering condition holds, dropping what stands in the way; false where that is not possible. */
function mend(search: Search, entering: Active): boolean {
  const { energiesWh, active } = search;
  while (search.roundsLeft > 0) {
    search.roundsLeft -= 1;
    const direction = directionOf(energiesWh, active, entering.normal);
    const blocking = firstToDrop(active, direction.falls);
    const missing = minus(rational(boundOf(entering)), dot(entering.normal, search.values));
    const full = direction.slope.numerator === 0n ? undefined : over(missing, direction.slope);
    const length = shorter(full, blocking?.length);
    if (length === undefined) return false;
    move(search, entering, direction, length);
    if (full !== undefined && compareRational(length, full) === 0) {
      active.push(entering);
      return true;
    }
    active.splice(present(blocking, 'A shorter step is blocked.').index, 1);
  }
  return false;
}

/** A direction without slope moves the multipliers only: its step is zero. */
function move(search: Search, entering: Active, { step, falls }: Direction, length: Rational): void {
  search.values = search.values.map((value, index) => plus(value, times(length, step[index] ?? zero)));
  for (const [index, one] of search.active.entries()) {
    one.multiplier = minus(one.multiplier, times(length, falls[index] ?? zero));
  }
  entering.multiplier = plus(entering.multiplier, length);
}

/** Equalities come first and stay; a broken one is turned to the side from which it is broken. */
function firstBroken(all: readonly ShareCondition[], { active, values }: Search): ShareCondition | undefined {
  const held = new Set(active.map(({ condition }) => condition));
  return all.find((condition) => {
    if (held.has(condition)) return false;
    const side = compareRational(dot(condition.coefficients, values), rational(condition.bound));
    return condition.kind === 'equal' ? side !== 0 : side < 0;
  });
}

function entered(condition: ShareCondition, values: readonly Rational[]): Active {
  const isAbove = compareRational(dot(condition.coefficients, values), rational(condition.bound)) > 0;
  const normal = isAbove ? condition.coefficients.map((value) => -value) : condition.coefficients;
  return { condition, normal, multiplier: zero };
}

function boundOf({ condition, normal }: Active): bigint {
  return normal === condition.coefficients ? condition.bound : -condition.bound;
}

/** The way into the entering condition along which the active ones keep their values, and how fast their multipliers fall. */
function directionOf(energiesWh: readonly bigint[], active: readonly Active[], normal: readonly bigint[]): Direction {
  const weighted = (left: readonly bigint[], right: readonly bigint[]): bigint =>
    energiesWh.reduce((total, energyWh, index) => total + energyWh * (left[index] ?? 0n) * (right[index] ?? 0n), 0n);
  const matrix = active.map((one) => active.map((other) => weighted(one.normal, other.normal)));
  const exact = solveExactly(
    matrix,
    active.map((one) => [weighted(one.normal, normal)]),
  );
  const { denominator, solution } = present(exact, 'Active conditions are independent.');
  const falls = solution.map((row) => rational(row[0] ?? 0n, denominator));
  const step = energiesWh.map((energyWh, index) => {
    const along = active.reduce((total, one, at) => total + (one.normal[index] ?? 0n) * (solution[at]?.[0] ?? 0n), 0n);
    return rational(energyWh * ((normal[index] ?? 0n) * denominator - along), denominator);
  });
  return { step, slope: dot(normal, step), falls };
}

function firstToDrop(
  active: readonly Active[],
  falls: readonly Rational[],
): { readonly index: number; readonly length: Rational } | undefined {
  let first: { readonly index: number; readonly length: Rational } | undefined;
  for (const [index, { condition, multiplier }] of active.entries()) {
    const fall = falls[index] ?? zero;
    if (condition.kind === 'equal' || fall.numerator <= 0n) continue;
    const length = over(multiplier, fall);
    if (first === undefined || compareRational(length, first.length) < 0) first = { index, length };
  }
  return first;
}

function shorter(left: Rational | undefined, right: Rational | undefined): Rational | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return compareRational(left, right) <= 0 ? left : right;
}

function dot(coefficients: readonly bigint[], values: readonly Rational[]): Rational {
  assert(coefficients.length === values.length, 'A condition has a coefficient for every share.');
  return coefficients.reduce(
    (total, value, index) => (value === 0n ? total : plus(total, times(rational(value), values[index] ?? zero))),
    zero,
  );
}
