import { present } from '../../assert';
import type { Book, BookOrder } from './book';
import type { GridTree } from './grid-tree';
import { isOfferGroup, type Level } from './level';

/** What a place and everything behind it would export at a level, times the denominator of the level. */
export interface Export {
  /** Before the limit of its own branch. */
  readonly free: bigint;
  /** At most what its own branch lets through. */
  readonly held: bigint;
}

/** By place: what it sells less what it buys once all groups before this one are behind, in Wh, by rising group. */
interface Curve {
  readonly groups: number[];
  readonly exportsWh: bigint[];
}

/** Answers what places export at any level, without going through all orders again. */
export class SupplyCurves {
  private readonly curves: readonly Curve[];
  private readonly lowestWh: readonly bigint[];

  public constructor(
    private readonly book: Book,
    private readonly tree: GridTree,
  ) {
    const lowestWh = tree.places.map(() => 0n);
    for (const [group, members] of book.groups.entries()) {
      for (const { order, place } of isOfferGroup(group) ? [] : members) {
        lowestWh[place] = (lowestWh[place] ?? 0n) - order.energyWh;
      }
    }
    this.lowestWh = lowestWh;
    this.curves = curvesOf(book, lowestWh);
  }

  /**
   * The exports of some places, each limited by the branches behind it, by place.
   *
   * @param places rising, with everything behind them
   * @param groupsDone how many groups are behind
   * @param level where the next group stands; absent where it has not moved
   */
  public exportsAt(places: readonly number[], groupsDone: number, level?: Level): ReadonlyMap<number, Export> {
    const denominator = level?.denominator ?? 1n;
    const free = this.ownExports(places, groupsDone, level);
    const exports = new Map<number, Export>();
    for (const place of [...places].reverse()) {
      const { parent, entrance } = present(this.tree.places[place], 'Every place is on the tree.');
      const through = present(free.get(place), 'Every place has an export.');
      const held = holdBack(through, entrance?.outLimitWh, entrance?.inLimitWh, denominator);
      exports.set(place, { free: through, held });
      const above = free.get(parent);
      if (above !== undefined) {
        free.set(parent, above + held);
      }
    }
    return exports;
  }

  /** What places export by themselves, times the denominator of the level. */
  private ownExports(places: readonly number[], groupsDone: number, level: Level | undefined): Map<number, bigint> {
    if (level === undefined) {
      return new Map(places.map((place) => [place, this.ownExportWh(place, groupsDone)]));
    }
    const free = new Map(
      places.map((place) => [place, this.ownExportWh(place, groupsDone) * level.denominator] as const),
    );
    for (const member of this.book.groups[groupsDone] ?? []) {
      const before = free.get(member.place);
      if (before !== undefined) {
        free.set(member.place, before + movedOf(member, level));
      }
    }
    return free;
  }

  /** What a place exports by itself, in Wh, when all groups before this one are behind. */
  public ownExportWh(place: number, group: number): bigint {
    const { groups, exportsWh } = present(this.curves[place], 'Every place has a curve.');
    let low = 0;
    let high = groups.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((groups[middle] ?? 0) < group) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return (low === 0 ? this.lowestWh[place] : exportsWh[low - 1]) ?? 0n;
  }
}

function curvesOf(book: Book, lowestWh: readonly bigint[]): readonly Curve[] {
  const curves = lowestWh.map<Curve>(() => ({ groups: [], exportsWh: [] }));
  for (const [group, members] of book.groups.entries()) {
    for (const { order, place } of members) {
      const { groups, exportsWh } = present(curves[place], 'Every place has a curve.');
      const exportWh = (exportsWh.at(-1) ?? lowestWh[place] ?? 0n) + order.energyWh;
      if (groups.at(-1) === group) {
        exportsWh[exportsWh.length - 1] = exportWh;
      } else {
        groups.push(group);
        exportsWh.push(exportWh);
      }
    }
  }
  return curves;
}

/** How far an order of the level's own group has moved, times the denominator of the level. */
function movedOf({ order, weight }: BookOrder, level: Level): bigint {
  if (!isOfferGroup(level.group)) {
    return order.energyWh * level.numerator;
  }
  const sold = order.energyWh * level.denominator + level.numerator * weight;
  return sold > 0n ? sold : 0n;
}

function holdBack(through: bigint, outLimitWh: bigint | undefined, inLimitWh: bigint | undefined, by: bigint): bigint {
  if (outLimitWh !== undefined && through > outLimitWh * by) {
    return outLimitWh * by;
  }
  return inLimitWh !== undefined && through < -inLimitWh * by ? -inLimitWh * by : through;
}
