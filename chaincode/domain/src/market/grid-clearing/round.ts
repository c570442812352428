import { assert, present } from '../../assert';
import { compareText } from '../../canonical';
import { compareBigint, exactNumber, sum } from '../../math';
import type { Book, BookOrder } from './book';
import { isOfferGroup } from './level';
import type { GridTree } from './grid-tree';
import type { GridClearingRules } from './types';
import type { ZoneSolution } from './zones';

/** Compares ids in the order in which they are next to get the Wh that rounding leaves. */
export type Turn = (left: string, right: string) => number;

/** Something that gets a whole number of Wh next to its exact part: an order at a place, or a place behind it. */
interface Item {
  readonly part: bigint;
  /** The id by which ties are broken: an order's own, or the first in turn behind a place. */
  readonly orderId: string;
  readonly place: number | undefined;
}

/**
 * Rounds the exact parts of the orders at the margins to whole Wh, down the tree: what a place and all places of its zone behind it get
 * together is split among its own orders and the places behind it by largest remainder, ties by order id. So every sum over the places
 * behind a branch is the floor or the ceiling of its exact value, and a whole limit that the exact flow keeps is kept.
 *
 * @returns the energy of every order at a margin, by order id; may be 0
 */
export function roundMargins(
  book: Book,
  tree: GridTree,
  { zoneOfPlace, zones }: ZoneSolution,
  rules: GridClearingRules,
): ReadonlyMap<string, bigint> {
  const rounded = new Map<string, bigint>();
  for (const [zone, { margin }] of zones.entries()) {
    if (margin !== undefined) {
      const rotates = rules.curtailment === 'rotating' && isOfferGroup(margin.level.group);
      const turn = rotates ? turnFrom(book.groups[margin.level.group] ?? [], rules.rotation) : compareText;
      const splitItems = rotates ? splitByTurn : splitByRemainder;
      const items = itemsOf(margin.members, margin.parts, turn, (place) => ({
        parent: tree.places[place]?.parent ?? -1,
        isRoot: zoneOfPlace[tree.places[place]?.parent ?? -1] !== zone,
      }));
      roundDown(items, (inside, totalWh) => splitItems(inside, totalWh, margin.whole, turn), margin.whole, rounded);
    }
  }
  return rounded;
}

/** The ids of a group begin with the one whose turn it is, then follow in their order, and the earlier ones come last. */
function turnFrom(members: readonly BookOrder[], rotation: bigint): Turn {
  const ids = members.map(({ order }) => order.orderId).sort(compareText);
  const first = present(ids[exactNumber(rotation % BigInt(ids.length))], 'A margin has an order.');
  return (left, right) => {
    if (left < first === right < first) {
      return compareText(left, right);
    }
    return left < first ? 1 : -1;
  };
}

/** By place, falling: its orders, and the places behind it that have some, with the sum of their parts. */
function itemsOf(
  members: readonly BookOrder[],
  parts: readonly bigint[],
  turn: Turn,
  above: (place: number) => { readonly parent: number; readonly isRoot: boolean },
): ReadonlyMap<number, Item[]> {
  const items = new Map<number, Item[]>();
  const add = (place: number, item: Item): void => {
    const inside = items.get(place);
    if (inside === undefined) {
      items.set(place, [item]);
    } else {
      inside.push(item);
    }
  };
  members.forEach(({ order, place }, index) => {
    add(place, { part: parts[index] ?? 0n, orderId: order.orderId, place: undefined });
  });
  const outermost = Math.max(...items.keys());
  for (let place = outermost; place > 0; place -= 1) {
    const inside = items.get(place);
    const { parent, isRoot } = above(place);
    if (inside !== undefined && !isRoot) {
      const first = inside.reduce((best, item) => (turn(item.orderId, best.orderId) < 0 ? item : best));
      add(parent, { part: sum(inside.map(({ part }) => part)), orderId: first.orderId, place });
    }
  }
  return items;
}

function roundDown(
  items: ReadonlyMap<number, readonly Item[]>,
  splitItems: (inside: readonly Item[], totalWh: bigint) => readonly bigint[],
  whole: bigint,
  rounded: Map<string, bigint>,
): void {
  const totals = new Map<number, bigint>();
  for (const place of [...items.keys()].sort((left, right) => left - right)) {
    const inside = present(items.get(place), 'A place that is walked has items.');
    const exact = sum(inside.map(({ part }) => part));
    const totalWh = totals.get(place) ?? exact / whole;
    assert(totals.has(place) || exact % whole === 0n, 'A zone trades a whole number of Wh at its margin.');
    const shares = splitItems(inside, totalWh);
    inside.forEach((item, index) => {
      const shareWh = shares[index] ?? 0n;
      if (item.place === undefined) {
        rounded.set(item.orderId, shareWh);
      } else {
        totals.set(item.place, shareWh);
      }
    });
  }
}

function splitByRemainder(items: readonly Item[], totalWh: bigint, whole: bigint, turn: Turn): readonly bigint[] {
  return split(items, totalWh, whole, (left, right) => {
    return compareBigint(right.part % whole, left.part % whole) || turn(left.orderId, right.orderId);
  });
}

function splitByTurn(items: readonly Item[], totalWh: bigint, whole: bigint, turn: Turn): readonly bigint[] {
  return split(items, totalWh, whole, (left, right) => {
    const isWhole = left.part % whole === 0n;
    if (isWhole === (right.part % whole === 0n)) {
      return turn(left.orderId, right.orderId);
    }
    return isWhole ? 1 : -1;
  });
}

function split(
  items: readonly Item[],
  totalWh: bigint,
  whole: bigint,
  order: (left: Item, right: Item) => number,
): readonly bigint[] {
  const shares = items.map(({ part }) => part / whole);
  const rest = exactNumber(totalWh - sum(shares));
  const withRemainder = items.filter(({ part }) => part % whole !== 0n).length;
  assert(rest <= withRemainder, 'Only an item with a remainder is rounded up.');
  if (rest > 0) {
    const indexes = items.map((item, index) => ({ item, index })).sort((left, right) => order(left.item, right.item));
    for (const { index } of indexes.slice(0, rest)) {
      shares[index] = (shares[index] ?? 0n) + 1n;
    }
  }
  return shares;
}
