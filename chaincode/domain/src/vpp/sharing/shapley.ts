import { assert } from '../../assert';
import { hmacSha256 } from '../../digest';
import { limits } from '../../limits';
import { exactNumber, floorSquareRoot, sum } from '../../math';
import { valueAt, type CoalitionGame, type ExactShares } from './game';

/**
 * The Shapley value: each player's marginal contribution, averaged over all orders in which the players may come (Shapley 1953). Exact: with
 * the denominator n!, a set of size s that a player joins counts s! (n − 1 − s)! times.
 */
export function shapleyShares({ players, values }: CoalitionGame): ExactShares {
  const count = players.length;
  assert(count >= 1 && count <= limits.shapleyPlayersMax, 'The exact Shapley value is for at most 20 players.');
  const { withPlayer, ofSize } = sumsBySize(count, values);
  const factorials = factorialsTo(count);
  const numerators = players.map((_, player) => {
    const joined = withPlayer[player] ?? [];
    let numerator = 0n;
    for (let size = 0; size < count; size += 1) {
      // The sets of a size without the player are all of that size less those with it.
      const gain = valueAt(joined, size + 1) - (valueAt(ofSize, size) - valueAt(joined, size));
      numerator += gain * valueAt(factorials, size) * valueAt(factorials, count - 1 - size);
    }
    return numerator;
  });
  return { numerators, denominator: valueAt(factorials, count) };
}

/** Values are summed in two halves, as numbers: a million halves below 2^30 stay below 2^53, so every sum is exact. */
const HALF_BITS = 30n;
const HALF_MASK = (1n << HALF_BITS) - 1n;

/** By size, the sums of what the sets of that size are worth: all of them, and those with each player. */
function sumsBySize(count: number, values: readonly bigint[]) {
  const sizes = count + 1;
  // The last row is of all sets.
  const low = Array.from({ length: sizes * sizes }, () => 0);
  const high = [...low];
  for (const [set, value] of values.entries()) {
    assert(value >= 0n && value >> (2n * HALF_BITS) === 0n, 'A value has at most 18 digits.');
    addToSums(low, set, exactNumber(value & HALF_MASK), count);
    addToSums(high, set, exactNumber(value >> HALF_BITS), count);
  }
  const row = (player: number): readonly bigint[] =>
    Array.from({ length: sizes }, (_, size) => {
      const at = player * sizes + size;
      return (BigInt(high[at] ?? 0) << HALF_BITS) + BigInt(low[at] ?? 0);
    });
  return { ofSize: row(count), withPlayer: Array.from({ length: count }, (_, player) => row(player)) };
}

function addToSums(sums: number[], set: number, value: number, count: number): void {
  if (value === 0) return;
  const size = sizeOf(set);
  for (let player = 0; player < count; player += 1) {
    if (((set >>> player) & 1) === 1) {
      const at = player * (count + 1) + size;
      sums[at] = (sums[at] ?? 0) + value;
    }
  }
  const ofAll = count * (count + 1) + size;
  sums[ofAll] = (sums[ofAll] ?? 0) + value;
}

/** How many players a set has. */
function sizeOf(set: number): number {
  let size = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) {
    size += 1;
  }
  return size;
}

function factorialsTo(count: number): readonly bigint[] {
  const factorials = [1n];
  for (let number = 1; number <= count; number += 1) {
    factorials.push(valueAt(factorials, number - 1) * BigInt(number));
  }
  return factorials;
}

/** What a set of players is worth as they come one after another; begins with nobody. */
export interface GrowingCoalition {
  /** Adds a player by its index and answers what the set is worth with it, in micro-units. */
  readonly join: (player: number) => bigint;
}

/** Shapley values by a sample of orders. */
export interface SampledShares extends ExactShares {
  readonly samples: number;
  /**
   * About how far a share may be from the exact one, in micro-units: twice the standard error of the mean over pairs of orders, of the player
   * for whom it is largest, rounded up. It shrinks with the square root of the number of samples.
   */
  readonly errorMicro: bigint;
}

const STANDARD_ERRORS = 2n;

/**
 * The Shapley value by a sample of orders, for more players than can be done exactly. The orders follow from the seed alone; each is taken
 * forwards and backwards, which cancels much of the error. Each order shares the whole value, so the sum is exact.
 */
export function sampledShapleyShares(
  players: number,
  begin: () => GrowingCoalition,
  seed: Uint8Array,
  samples: number,
): SampledShares {
  assert(players >= 1 && samples >= 4 && samples % 2 === 0, 'A sample has at least two pairs of orders.');
  const pairs = samples / 2;
  const sums = Array.from({ length: players }, () => 0n);
  const squares = Array.from({ length: players }, () => 0n);
  const draw = drawsFrom(seed);
  for (let pair = 0; pair < pairs; pair += 1) {
    const order = shuffled(players, draw);
    const gains = marginalGains(order, begin());
    const backwards = marginalGains([...order].reverse(), begin());
    for (let player = 0; player < players; player += 1) {
      const gain = valueAt(gains, player) + valueAt(backwards, player);
      sums[player] = valueAt(sums, player) + gain;
      squares[player] = valueAt(squares, player) + gain * gain;
    }
  }
  const errors = sums.map((total, player) => standardErrors(total, valueAt(squares, player), BigInt(pairs)));
  const errorMicro = errors.reduce((largest, error) => (error > largest ? error : largest), 0n);
  return { numerators: sums, denominator: BigInt(samples), samples, errorMicro };
}

/** Twice the standard error of the mean gain, rounded up: the gains of a pair are two, so the mean is half of theirs. */
function standardErrors(total: bigint, squares: bigint, pairs: bigint): bigint {
  // The variance of the mean of m pairs is (Σ g² − (Σ g)² ÷ m) ÷ (m (m − 1)), of half of it a fourth.
  const spread = squares * pairs - total * total;
  const variance = (STANDARD_ERRORS * STANDARD_ERRORS * spread) / (4n * pairs * pairs * (pairs - 1n));
  return variance === 0n && spread === 0n ? 0n : floorSquareRoot(variance) + 1n;
}

function marginalGains(order: readonly number[], coalition: GrowingCoalition): readonly bigint[] {
  const gains = Array.from({ length: order.length }, () => 0n);
  let before = 0n;
  for (const player of order) {
    const value = coalition.join(player);
    gains[player] = value - before;
    before = value;
  }
  assert(sum(gains) === before, 'The gains of an order share the whole value.');
  return gains;
}

/** The shuffle of Fisher and Yates. */
function shuffled(count: number, draw: (below: number) => number): readonly number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const chosen = draw(last + 1);
    const moved = order[last] ?? 0;
    order[last] = order[chosen] ?? 0;
    order[chosen] = moved;
  }
  return order;
}

/** Draws below a bound by HMAC-SHA256 of a counter: 64 bits each, so that the remainder favours no number that matters. */
function drawsFrom(seed: Uint8Array): (below: number) => number {
  let counter = 0;
  let words: readonly bigint[] = [];
  let next = 0;
  return (below) => {
    if (next >= words.length) {
      const block = hmacSha256(seed, Buffer.from(String(counter)));
      words = [0, 8, 16, 24].map((offset) => block.readBigUInt64BE(offset));
      counter += 1;
      next = 0;
    }
    const word = valueAt(words, next);
    next += 1;
    return exactNumber(word % BigInt(below));
  };
}
