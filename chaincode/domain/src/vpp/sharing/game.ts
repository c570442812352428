import { assert } from '../../assert';
import { compareText } from '../../canonical-writer';
import { exactNumber, floorQuotient, sum } from '../../math';

/**
 * A game in characteristic form: what each set of players is worth alone, in micro-units. A set is the sum of 2^index over its players,
 * which is its place in `values`; the empty set is worth nothing.
 */
export interface CoalitionGame {
  /** Unique ids; their order is the order of the shares. */
  readonly players: readonly string[];
  /** 2^players values. */
  readonly values: readonly bigint[];
}

/** Shares as exact fractions of a micro-unit with one denominator, which is positive. They sum to what all players are worth together. */
export interface ExactShares {
  readonly numerators: readonly bigint[];
  readonly denominator: bigint;
}

/** What all players are worth together. */
export function wholeValue({ players, values }: CoalitionGame): bigint {
  return valueAt(values, 2 ** players.length - 1);
}

/** An entry of a list that has one at each set of players. */
export function valueAt(values: readonly bigint[], set: number): bigint {
  const value = values[set];
  assert(value !== undefined, 'Every set of players has a value.');
  return value;
}

/** The sum over the players of each set of players, set by set, for a list with one number per player. */
export function subsetSums(numbers: readonly bigint[]): readonly bigint[] {
  const sums = [0n];
  for (const number of numbers) {
    const known = sums.length;
    for (let set = 0; set < known; set += 1) {
      sums.push(valueAt(sums, set) + number);
    }
  }
  return sums;
}

/**
 * Whether no set of players is worth more alone than its shares give it. It is asked of the exact shares: rounding to micro-units, by less
 * than one for each player, does not take a division out of the core.
 */
export function isInCore(game: CoalitionGame, { denominator, numerators }: ExactShares): boolean {
  return subsetSums(numerators).every((given, set) => given >= valueAt(game.values, set) * denominator);
}

/**
 * Exact shares as whole micro-units that sum to the total: the floor of each, and what is left one by one to the largest remainders, ties
 * to the smaller id.
 */
export function roundedShares(players: readonly string[], { denominator, numerators }: ExactShares): readonly bigint[] {
  const floors = numerators.map((numerator) => floorQuotient(numerator, denominator));
  const order = numerators
    .map((numerator, index) => ({ index, remainder: numerator - floorQuotient(numerator, denominator) * denominator }))
    .sort(
      (left, right) =>
        (left.remainder === right.remainder ? 0 : left.remainder > right.remainder ? -1 : 1) ||
        compareText(players[left.index] ?? '', players[right.index] ?? ''),
    );
  const total = sum(numerators);
  assert(total % denominator === 0n, 'Shares sum to a whole number of micro-units.');
  const rest = exactNumber(total / denominator - sum(floors));
  const lucky = new Set(order.slice(0, rest).map(({ index }) => index));
  return floors.map((floor, index) => (lucky.has(index) ? floor + 1n : floor));
}
