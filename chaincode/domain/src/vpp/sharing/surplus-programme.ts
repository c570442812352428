import { assert } from '../../assert';
import { subsetSums, valueAt } from './game';

/** A set of players and the sum of what they are given. */
export interface FixedSum {
  readonly set: number;
  readonly given: bigint;
}

/**
 * Makes the smallest surplus of the open sets as large as it can be. The surplus of a set is what its players are given beyond what they gain
 * alone; nobody is given less than nothing, and the sums of some sets are fixed.
 */
export interface SurplusProgramme {
  readonly count: number;
  /** What each set gains alone. */
  readonly gains: readonly bigint[];
  /** The first is of all players. There is a division that keeps them all. */
  readonly fixed: readonly FixedSum[];
  /** Whether the sum of a set follows from the fixed ones, so that its surplus is not open. */
  readonly isFixed: (set: number) => boolean;
}

/** A best division, as fractions with the denominator `scale`, which is positive. */
export interface SurplusSolution {
  readonly numerators: readonly bigint[];
  readonly scale: bigint;
  /** Sets whose multiplier is positive: their surplus is the smallest one in every best division. */
  readonly tight: readonly number[];
}

/** A column of the dual programme: a multiplier of an open set, of a fixed set from above or from below, or of a player's least share. */
interface Column {
  /** The order by which ties are broken: unique, so that the simplex method cannot go round in a circle. */
  readonly rank: number;
  readonly cost: bigint;
  /** The coefficient in the first row, which says that the multipliers of open sets sum to one, and in those of the players. */
  readonly ofOne: bigint;
  readonly ofPlayers: bigint;
  readonly set: number;
}

/** Pivots without progress after which the first column that helps is taken instead of the best one (rule of Bland). */
const STALLED_PIVOTS = 40;

/**
 * Solves the programme by the simplex method on its dual, which has one row more than there are players and a column for every set. The
 * basis is held by its adjugate and determinant, so that every number is whole and every step exact (Edmonds 1967).
 */
export function greatestLeastSurplus(programme: SurplusProgramme): SurplusSolution {
  const columns = columnsOf(programme);
  const basis = firstBasis(programme, columns);
  let stalled = 0;
  for (;;) {
    const prices = basis.prices();
    const entering = enteringColumn(programme, columns, prices, basis.determinant, stalled >= STALLED_PIVOTS);
    if (entering === undefined) {
      return {
        numerators: prices.slice(1),
        scale: basis.determinant,
        tight: basis.positive().flatMap(({ ofOne, set }) => (ofOne === 1n ? [set] : [])),
      };
    }
    stalled = basis.enter(entering) ? 0 : stalled + 1;
  }
}

interface Columns {
  readonly bounds: readonly Column[];
  readonly fixed: readonly Column[];
  readonly open: (set: number) => Column;
}

function columnsOf({ count, fixed, gains }: SurplusProgramme): Columns {
  const players = Array.from({ length: count }, (_, player) => player);
  return {
    bounds: players.map((player) => ({ rank: player, cost: 0n, ofOne: 0n, ofPlayers: -1n, set: 2 ** player })),
    fixed: fixed.flatMap(({ given, set }, index) => [
      { rank: count + 2 * index, cost: given, ofOne: 0n, ofPlayers: 1n, set },
      { rank: count + 2 * index + 1, cost: -given, ofOne: 0n, ofPlayers: -1n, set },
    ]),
    open: (set) => ({
      rank: count + 2 * fixed.length + set,
      cost: -valueAt(gains, set),
      ofOne: 1n,
      ofPlayers: -1n,
      set,
    }),
  };
}

/**
 * All weight on one open set, the multiplier of the whole for the first of its players, and the least shares of the others. With the open set
 * S, its first player f and right sides r, the basic variables are r0 for S, r0 + rf for the whole, and [j not in S] r0 + rf − rj for the
 * others: these are the rows of the inverse.
 */
function firstBasis({ count, gains, isFixed }: SurplusProgramme, { bounds, fixed, open }: Columns): Basis {
  const start = gains.findIndex((_, set) => !isFixed(set));
  const whole = fixed[0];
  assert(start > 0 && whole !== undefined, 'A set is open, and the sum of all players is fixed.');
  const first = firstMember(start);
  const unit = (at: number, isIn = true): bigint[] =>
    Array.from({ length: count + 1 }, (_, place) => (isIn && place === at ? 1n : 0n));
  const ofWhole = unit(first + 1);
  const adjugate = bounds.map(({ set }, player) => {
    const isOutside = player !== first && (start & set) === 0;
    const own = unit(player + 1, player !== first);
    const ofOne = unit(0, player === first || isOutside);
    return ofWhole.map((entry, place) => entry + valueAt(ofOne, place) - valueAt(own, place));
  });
  const columns = bounds.map((bound, player) => (player === first ? whole : bound));
  return new Basis([unit(0), ...adjugate], [open(start), ...columns]);
}

function firstMember(set: number): number {
  let player = 0;
  while (((set >>> player) & 1) === 0) {
    player += 1;
  }
  return player;
}

/** The column that lowers the cost most, or the first by rank that lowers it; undefined at the optimum. */
function enteringColumn(
  { count, gains, isFixed }: SurplusProgramme,
  { bounds, fixed, open }: Columns,
  prices: readonly bigint[],
  determinant: bigint,
  isFirst: boolean,
): Column | undefined {
  const [priceOfOne = 0n, ...pricesOfPlayers] = prices;
  const given = subsetSums(pricesOfPlayers);
  assert(given.length === 2 ** count, 'Every player has a price.');
  let best: Column | undefined;
  let lowest = 0n;
  for (const column of [...bounds, ...fixed]) {
    const reduced = column.cost * determinant - column.ofPlayers * valueAt(given, column.set);
    if (reduced < lowest) {
      if (isFirst) return column;
      [best, lowest] = [column, reduced];
    }
  }
  for (const [set, gain] of gains.entries()) {
    const reduced = valueAt(given, set) - gain * determinant - priceOfOne;
    if (reduced < lowest && !isFixed(set)) {
      if (isFirst) return open(set);
      [best, lowest] = [open(set), reduced];
    }
  }
  return best;
}

/** A basis of the dual programme. `adjugate` is the inverse times the determinant, which stays positive. */
class Basis {
  public determinant = 1n;

  /** Begins with columns whose determinant is one and whose basic solution is not negative. */
  public constructor(
    private readonly adjugate: bigint[][],
    private readonly columns: Column[],
  ) {}

  /** The multipliers of the rows, times the determinant. */
  public prices(): readonly bigint[] {
    return Array.from({ length: this.columns.length }, (_, row) =>
      this.columns.reduce((total, { cost }, index) => total + cost * this.entry(index, row), 0n),
    );
  }

  /** The basic columns whose variable is above zero. */
  public positive(): readonly Column[] {
    return this.columns.filter((_, row) => this.entry(row, 0) > 0n);
  }

  /** Takes a column into the basis in the place of the one that reaches zero first; answers whether that lowers the cost. */
  public enter(column: Column): boolean {
    const direction = this.directionOf(column);
    let leaving = -1;
    for (const [row, step] of direction.entries()) {
      if (step > 0n && (leaving < 0 || this.leavesBefore(row, leaving, direction))) {
        leaving = row;
      }
    }
    assert(leaving >= 0, 'The smallest surplus is bounded.');
    const isProgress = this.entry(leaving, 0) > 0n;
    this.pivot(leaving, direction);
    this.columns[leaving] = column;
    return isProgress;
  }

  private leavesBefore(row: number, other: number, direction: readonly bigint[]): boolean {
    const difference = this.entry(row, 0) * valueAt(direction, other) - this.entry(other, 0) * valueAt(direction, row);
    return difference < 0n || (difference === 0n && this.rankAt(row) < this.rankAt(other));
  }

  private entry(row: number, at: number): bigint {
    return valueAt(this.adjugate[row] ?? [], at);
  }

  private rankAt(row: number): number {
    return this.columns[row]?.rank ?? 0;
  }

  private directionOf({ ofOne, ofPlayers, set }: Column): readonly bigint[] {
    return this.adjugate.map((entries) => {
      let total = ofOne * valueAt(entries, 0);
      for (let player = 0; player + 1 < entries.length; player += 1) {
        if (((set >>> player) & 1) === 1) total += ofPlayers * valueAt(entries, player + 1);
      }
      return total;
    });
  }

  private pivot(pivotRow: number, direction: readonly bigint[]): void {
    const before = this.determinant;
    const on = valueAt(direction, pivotRow);
    const pivotEntries = this.adjugate[pivotRow] ?? [];
    for (const [row, entries] of this.adjugate.entries()) {
      if (row === pivotRow) continue;
      const factor = valueAt(direction, row);
      this.adjugate[row] = entries.map((entry, at) => (entry * on - factor * valueAt(pivotEntries, at)) / before);
    }
    this.determinant = on;
  }
}
