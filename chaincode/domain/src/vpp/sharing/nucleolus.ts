import { assert } from '../../assert';
import { limits } from '../../limits';
import { subsetSums, valueAt, wholeValue, type CoalitionGame, type ExactShares } from './game';
import { greatestLeastSurplus, type SurplusProgramme, type SurplusSolution } from './surplus-programme';

/**
 * The nucleolus (Schmeidler 1969): of all divisions that give nobody less than it is worth alone, the one whose smallest surplus of a set of
 * players is largest, then the second smallest, and so on. It is unique, and in the core wherever the core is not empty. Undefined where
 * the players are worth less together than alone, so that there is no such division.
 *
 * One linear programme after another finds it (Kopelowitz 1967): each makes the smallest surplus of all sets that are not yet fixed as
 * large as it can be, then fixes the sets whose multiplier is positive, for these have that surplus in every best division. Each programme
 * fixes at least one set that does not follow from those before (Derks, Kuipers 1997), so there are fewer programmes than players. All
 * numbers are whole: the game is scaled by the denominators that come up.
 */
export function nucleolusShares(game: CoalitionGame): ExactShares | undefined {
  const count = game.players.length;
  assert(count >= 1 && count <= limits.nucleolusPlayersMax, 'The nucleolus is for at most 12 players.');
  const alone = game.players.map((_, player) => valueAt(game.values, 2 ** player));
  const owed = subsetSums(alone);
  const gains = game.values.map((value, set) => value - valueAt(owed, set));
  const whole = wholeValue({ ...game, values: gains });
  if (whole < 0n) {
    return undefined;
  }
  const { denominator, numerators } = divideGain(count, gains, whole);
  return {
    numerators: numerators.map((numerator, player) => numerator + valueAt(alone, player) * denominator),
    denominator,
  };
}

/** The nucleolus of a game in which nobody is worth anything alone. */
function divideGain(count: number, gains: readonly bigint[], whole: bigint): ExactShares {
  const everybody = 2 ** count - 1;
  const fixed = new FixedSets(count);
  fixed.add(everybody);
  let programme: SurplusProgramme = { count, gains, fixed: [{ set: everybody, given: whole }], isFixed: fixed.follows };
  let denominator = 1n;
  let numerators: readonly bigint[] = Array.from({ length: count }, () => whole);
  while (fixed.isOpen()) {
    const solution = greatestLeastSurplus({ ...programme, isFixed: fixed.follows });
    programme = withFixed(programme, solution, fixed);
    denominator *= solution.scale;
    numerators = solution.numerators;
  }
  return { numerators, denominator };
}

/** The programme after one that is solved: scaled so that its solution is whole, with the sets that it fixes. */
function withFixed(programme: SurplusProgramme, solution: SurplusSolution, fixed: FixedSets): SurplusProgramme {
  const { count, gains } = programme;
  const { numerators, scale, tight } = solution;
  const given = subsetSums(numerators);
  const known = programme.fixed.map((row) => ({ ...row, given: row.given * scale }));
  const more = tight.filter((set) => fixed.add(set)).map((set) => ({ set, given: valueAt(given, set) }));
  assert(more.length > 0, 'Every programme fixes a set that was open.');
  return { count, gains: gains.map((gain) => gain * scale), fixed: [...known, ...more], isFixed: fixed.follows };
}

/** The sets whose sum is fixed: those that were added, and all that follow from them. */
class FixedSets {
  /** A basis of the divisions that change no fixed sum; nothing more is open where it is empty. */
  private free: readonly (readonly bigint[])[];
  private sums: readonly (readonly bigint[])[];

  public constructor(count: number) {
    this.free = Array.from({ length: count }, (_, row) =>
      Array.from({ length: count }, (_unused, column) => (row === column ? 1n : 0n)),
    );
    this.sums = this.free.map(subsetSums);
  }

  public readonly isOpen = (): boolean => this.free.length > 0;

  public readonly follows = (set: number): boolean => this.sums.every((sums) => valueAt(sums, set) === 0n);

  /** Fixes a set; answers false where it follows from those that are fixed already. */
  public readonly add = (set: number): boolean => {
    const at = this.sums.findIndex((sums) => valueAt(sums, set) !== 0n);
    const pivot = this.free[at];
    if (pivot === undefined) {
      return false;
    }
    const onPivot = valueAt(subsetSums(pivot), set);
    this.free = this.free
      .filter((_, index) => index !== at)
      .map((vector) => {
        const onVector = valueAt(subsetSums(vector), set);
        return shortened(vector.map((entry, index) => entry * onPivot - valueAt(pivot, index) * onVector));
      });
    this.sums = this.free.map(subsetSums);
    return true;
  };
}

function shortened(vector: readonly bigint[]): readonly bigint[] {
  const divisor = vector.reduce(greatestCommonDivisor, 0n);
  return divisor === 0n ? vector : vector.map((entry) => entry / divisor);
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [large, small] = [left < 0n ? -left : left, right < 0n ? -right : right];
  while (small > 0n) {
    [large, small] = [small, large % small];
  }
  return large;
}
