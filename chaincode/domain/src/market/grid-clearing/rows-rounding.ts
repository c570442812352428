import { assert, present } from '../../assert';
import { compareText } from '../../canonical';
import { exactNumber, greatest, least, sum } from '../../math';
import { ceilingOf, compareRational, floorOf, minus, plus, rational, zero, type Rational } from './rows-rational';
import type { FeederTree } from './rows-tree';
import type { GridOrder } from './types';

/** An order with its exact fill in Wh. */
export interface ExactFill {
  readonly order: GridOrder;
  readonly exactWh: Rational;
}

/** Something whose net export is rounded as one: an order, or everything below a bus. */
interface Item {
  readonly key: string;
  readonly exact: Rational;
  readonly low: bigint;
  readonly high: bigint;
}

/**
 * Rounds exact fills to whole Wh so that every order gets its exact fill rounded down or up, the net export of every bus and of
 * everything below a bus is its exact one rounded down or up, and Σ bought = Σ sold. So no limit of a branch of the tree is passed by
 * rounding, and a general row by less than Σ |coefficient| × 1 Wh over the buses with a fraction. Everything is
 * rounded down first; what then misses from the total goes to the largest remainders, ties to orders before buses below, then by id. Where `tree` has no branches, every bus stands below the slack.
 *
 * @returns whole Wh by order id
 */
export function roundFills(fills: readonly ExactFill[], tree: FeederTree): ReadonlyMap<string, bigint> {
  const own = ownItems(fills, tree);
  const below = new Map<string, Item>();
  const itemsOf = new Map<string, readonly Item[]>();
  for (const busId of [...tree.busIdsFromSlack].reverse()) {
    const children = (tree.childrenOf.get(busId) ?? []).map((child) => present(below.get(child), 'A child is first.'));
    const items = [...(own.get(busId) ?? []), ...children];
    itemsOf.set(busId, items);
    below.set(busId, together(`2${busId}`, items));
  }
  const chosen = new Map<string, bigint>([[`2${tree.slackBus}`, 0n]]);
  for (const busId of tree.busIdsFromSlack) {
    const target = present(chosen.get(`2${busId}`), 'A bus is below one that is rounded.');
    for (const [key, value] of spread(itemsOf.get(busId) ?? [], target)) chosen.set(key, value);
  }
  return new Map(
    fills.map(({ order }) => {
      const net = present(chosen.get(`1${order.orderId}`), 'Every fill is rounded.');
      return [order.orderId, order.side === 'sell' ? net : -net];
    }),
  );
}

function ownItems(fills: readonly ExactFill[], tree: FeederTree): ReadonlyMap<string, readonly Item[]> {
  const own = new Map<string, Item[]>(tree.busIdsFromSlack.map((busId) => [busId, []]));
  for (const { order, exactWh } of fills) {
    const exact = order.side === 'sell' ? exactWh : minus(zero, exactWh);
    const items = present(own.get(order.busId), 'An order stands at a bus of the grid.');
    items.push({ key: `1${order.orderId}`, exact, low: floorOf(exact), high: ceilingOf(exact) });
  }
  return own;
}

function together(key: string, items: readonly Item[]): Item {
  const exact = items.reduce((total, item) => plus(total, item.exact), zero);
  const low = greatest(floorOf(exact), sum(items.map((item) => item.low)));
  const high = least(ceilingOf(exact), sum(items.map((item) => item.high)));
  return { key, exact, low, high };
}

/** Everything towards zero; then exports or imports, whichever the total asks for, are raised by 1 Wh, largest remainders first. */
function spread(items: readonly Item[], target: bigint): ReadonlyMap<string, bigint> {
  const inward = items.map((item) => ({ item, value: towardsZero(item) }));
  const missing = target - sum(inward.map(({ value }) => value));
  const direction = missing < 0n ? -1n : 1n;
  const open = inward
    .filter(({ item, value }) => (missing < 0n ? item.low < value : value < item.high))
    .map(({ item, value }) => ({ key: item.key, remainder: magnitude(minus(item.exact, rational(value))) }))
    .sort((left, right) => compareRational(right.remainder, left.remainder) || compareText(left.key, right.key));
  const count = exactNumber(missing * direction);
  assert(count <= open.length, 'What is below a bus can be rounded to its total.');
  const raised = new Set(open.slice(0, count).map(({ key }) => key));
  return new Map(inward.map(({ item, value }) => [item.key, raised.has(item.key) ? value + direction : value]));
}

function towardsZero({ exact, low, high }: Item): bigint {
  return exact.numerator < 0n ? high : low;
}

function magnitude(value: Rational): Rational {
  return value.numerator < 0n ? minus(zero, value) : value;
}
