import fc from 'fast-check';
import { present } from '../../assert';
import { sum } from '../../math';
import { isInCore, roundedShares, wholeValue, type CoalitionGame, type ExactShares } from './game';
import { nucleolusShares } from './nucleolus';
import { proRataShares } from './pro-rata';
import { sampledShapleyShares, shapleyShares } from './shapley';

const MICRO = 1_000_000n;

/** A game from what sets of players are worth, by their names in one text; what is not named is worth nothing. */
function game(names: string, worth: (set: readonly string[]) => bigint): CoalitionGame {
  const players = [...names];
  const values = Array.from({ length: 2 ** players.length }, (_, set) =>
    set === 0 ? 0n : worth(players.filter((_player, index) => (set >>> index) % 2 === 1)),
  );
  return { players, values };
}

const rounded = (of: CoalitionGame, shares: ExactShares) => roundedShares(of.players, shares);
const nucleolus = (of: CoalitionGame) => present(nucleolusShares(of), 'There is an imputation.');

/** One left glove and two right ones: a pair is worth one. */
const glove = game('abc', (set) => (set.includes('a') && set.length > 1 ? MICRO : 0n));

/** Claims on an estate: what is left once the others have theirs. */
function bankruptcy(estate: bigint): CoalitionGame {
  const claims = new Map([
    ['a', 100n],
    ['b', 200n],
    ['c', 300n],
  ]);
  return game('abc', (set) => {
    const others = [...claims].filter(([name]) => !set.includes(name)).map(([, claim]) => claim);
    const left = estate - sum(others);
    return left > 0n ? left * MICRO : 0n;
  });
}

/** Two owners of PV with 5 kWh each and one who takes 6 kWh: a kWh that is used inside is worth 0.22 more. */
const pv = game('abc', (set) => {
  const offered = 5n * BigInt(set.filter((name) => name !== 'c').length);
  return set.includes('c') ? (offered < 6n ? offered : 6n) * 220_000n : 0n;
});

describe('games with known answers', () => {
  it('a left glove and two right ones: the Shapley value is outside of the core, whose only point is the nucleolus', () => {
    const shapley = shapleyShares(glove);
    expect(rounded(glove, shapley)).toEqual([666_667n, 166_667n, 166_666n]);
    expect(isInCore(glove, shapley)).toBe(false);
    expect(rounded(glove, nucleolus(glove))).toEqual([MICRO, 0n, 0n]);
    expect(isInCore(glove, nucleolus(glove))).toBe(true);
  });

  it.each([
    [100n, [33_333_334n, 33_333_333n, 33_333_333n]],
    [200n, [50_000_000n, 75_000_000n, 75_000_000n]],
    [300n, [50_000_000n, 100_000_000n, 150_000_000n]],
  ])('an estate of %d is divided by the nucleolus as in the Talmud', (estate, expected) => {
    const claims = bankruptcy(estate);
    expect(rounded(claims, nucleolus(claims))).toEqual(expected);
  });

  it('two systems of PV and one consumer: the Shapley value is outside of the core, the nucleolus inside', () => {
    const shapley = shapleyShares(pv);
    expect(rounded(pv, shapley)).toEqual([256_667n, 256_667n, 806_666n]);
    expect(isInCore(pv, shapley)).toBe(false);
    expect(rounded(pv, nucleolus(pv))).toEqual([110_000n, 110_000n, 1_100_000n]);
    expect(isInCore(pv, nucleolus(pv))).toBe(true);
  });

  it('runways of an airport are paid for by those who need them', () => {
    // The players save what the parts of the runway that they share would cost them alone.
    const costs = new Map([...'abcd'].map((name, index) => [name, BigInt([12, 24, 36, 48][index] ?? 0)]));
    const cost = (names: readonly string[]) =>
      names.reduce((most, name) => {
        const own = costs.get(name) ?? 0n;
        return own > most ? own : most;
      }, 0n);
    const savings = game('abcd', (set) => (sum(set.map((name) => costs.get(name) ?? 0n)) - cost(set)) * MICRO);
    // 12 is shared by four, the next 12 by three, then by two, then by one.
    expect(rounded(savings, shapleyShares(savings))).toEqual([9n, 17n, 23n, 23n].map((saved) => saved * MICRO));
  });

  it('one player gets everything, by every method', () => {
    const alone = game('a', () => 7n);
    expect([shapleyShares(alone), nucleolus(alone)].map((shares) => rounded(alone, shares))).toEqual([[7n], [7n]]);
  });

  it('players that are worth less together than alone have no nucleolus', () => {
    expect(nucleolusShares(game('ab', (set) => (set.length === 1 ? 5n : 9n)))).toBeUndefined();
  });
});

/** Games of up to five players in which every set is worth at least what its players are alone. */
const anyGame = fc.integer({ min: 2, max: 5 }).chain((count) =>
  fc.array(fc.bigInt({ min: 0n, max: 1_000n }), { minLength: 2 ** count, maxLength: 2 ** count }).map((worth) =>
    game('abcde'.slice(0, count), (set) => {
      const place = set.reduce((total, name) => total + 2 ** 'abcde'.indexOf(name), 0);
      const isWhole = set.length === count;
      return set.length === 1 ? (worth[place] ?? 0n) / 10n : (worth[place] ?? 0n) + (isWhole ? 1_000n : 0n);
    }),
  ),
);

/** All orders of some things. */
function ordersOf<T>(things: readonly T[]): readonly (readonly T[])[] {
  if (things.length <= 1) return [things];
  return things.flatMap((first, index) =>
    ordersOf(things.filter((_, at) => at !== index)).map((rest) => [first, ...rest]),
  );
}

/** Surpluses of all sets but the empty one and the whole, the smallest first, times the denominator. */
function surpluses({ players, values }: CoalitionGame, { denominator, numerators }: ExactShares): readonly bigint[] {
  return values
    .map((value, set) => sum(numerators.filter((_, index) => (set >>> index) % 2 === 1)) - value * denominator)
    .slice(1, 2 ** players.length - 1)
    .sort((left, right) => (left < right ? -1 : Number(left > right)));
}

describe('any game', () => {
  it('is shared exactly by every method', () => {
    fc.assert(
      fc.property(anyGame, (any) => {
        const weights = any.players.map((_, index) => BigInt(index));
        for (const shares of [shapleyShares(any), nucleolus(any), proRataShares(wholeValue(any), weights)]) {
          expect(sum(rounded(any, shares))).toBe(wholeValue(any));
        }
      }),
      { seed: 8, numRuns: 200 },
    );
  });

  it('has as Shapley value the mean over all orders', () => {
    fc.assert(
      fc.property(anyGame, (any) => {
        const orders = ordersOf(any.players.map((_, index) => index));
        const sums = any.players.map(() => 0n);
        for (const order of orders) {
          let set = 0;
          for (const player of order) {
            const before = any.values[set] ?? 0n;
            set += 2 ** player;
            sums[player] = (sums[player] ?? 0n) + (any.values[set] ?? 0n) - before;
          }
        }
        const { denominator, numerators } = shapleyShares(any);
        expect(numerators.map((numerator) => numerator * BigInt(orders.length))).toEqual(
          sums.map((total) => total * denominator),
        );
      }),
      { seed: 9, numRuns: 100 },
    );
  });

  it('has no division whose surpluses are better than those of the nucleolus, however money is moved', () => {
    const move = fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 }), fc.bigInt({ min: 1n, max: 200n }));
    fc.assert(
      fc.property(anyGame, fc.array(move, { minLength: 1, maxLength: 4 }), (any, moves) => {
        const shares = nucleolus(any);
        const moved = [...shares.numerators];
        for (const [from, to, amount] of moves) {
          const [giver, taker] = [from % moved.length, to % moved.length];
          moved[giver] = (moved[giver] ?? 0n) - amount;
          moved[taker] = (moved[taker] ?? 0n) + amount;
        }
        const alone = any.players.map((_, index) => any.values[2 ** index] ?? 0n);
        expect(shares.numerators.every((share, index) => share >= (alone[index] ?? 0n) * shares.denominator)).toBe(
          true,
        );
        const isImputation = moved.every((share, index) => share >= (alone[index] ?? 0n) * shares.denominator);
        if (!isImputation) return;
        const [best, other] = [surpluses(any, shares), surpluses(any, { ...shares, numerators: moved })];
        const at = best.findIndex((surplus, index) => surplus !== other[index]);
        expect(at === -1 ? 0n : (best[at] ?? 0n) - (other[at] ?? 0n)).toBeGreaterThanOrEqual(0n);
      }),
      { seed: 10, numRuns: 300 },
    );
  });
});

describe('large games', () => {
  const letters = 'abcdefghijklmnopqrst';
  /** Pseudo-random worth that depends on the set alone and grows faster than it. */
  const worthOf = (set: readonly string[]) =>
    BigInt(set.length ** 2) * 1_000n +
    BigInt((set.reduce((total, name) => total * 31 + name.charCodeAt(0), 7) >>> 0) % 997);

  it('of twelve players have a nucleolus', () => {
    const twelve = game(letters.slice(0, 12), worthOf);
    const shares = nucleolus(twelve);
    expect(sum(rounded(twelve, shares))).toBe(wholeValue(twelve));
    expect(isInCore(twelve, shares)).toBe(true);
  });

  it('of twenty players have an exact Shapley value: in a symmetric game, equal parts', () => {
    const twenty = game(letters, (set) => BigInt(set.length ** 2) * 1_000n);
    expect(rounded(twenty, shapleyShares(twenty))).toEqual([...letters].map(() => 20_000n));
  });

  it('are sampled within about the stated error, the same from the same seed', () => {
    const twelve = game(letters.slice(0, 12), worthOf);
    const begin = () => {
      let set = 0;
      return {
        join: (player: number) => {
          set += 2 ** player;
          return twelve.values[set] ?? 0n;
        },
      };
    };
    const sampled = sampledShapleyShares(12, begin, Buffer.from('seed'), 200);
    const exact = rounded(twelve, shapleyShares(twelve));
    const shares = rounded(twelve, sampled);
    expect(sum(shares)).toBe(wholeValue(twelve));
    expect(sampled.errorMicro).toBeLessThan(200n);
    expect(shares.every((share, index) => share - exact[index]! < 2n * sampled.errorMicro && exact[index]! - share < 2n * sampled.errorMicro)).toBe(true); // prettier-ignore
    expect(sampledShapleyShares(12, begin, Buffer.from('seed'), 200)).toEqual(sampled);
    expect(sampledShapleyShares(12, begin, Buffer.from('other'), 200)).not.toEqual(sampled);
  });
});

describe('remainders', () => {
  it('go to the smaller id where they are equal', () => {
    expect(roundedShares(['z', 'a', 'm'], proRataShares(10n, [1n, 1n, 1n]))).toEqual([3n, 4n, 3n]);
  });
});
