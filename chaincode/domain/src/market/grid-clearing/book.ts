import { assert, present } from '../../assert';
import { integerKey } from '../../math';
import type { GridTree } from './grid-tree';
import type { Curtailment, GridOrder } from './types';

/** An order with its place on the tree and its group (see `level.ts`). */
export interface BookOrder {
  readonly order: GridOrder;
  readonly place: number;
  /** How much of a curtailment it bears among its equals. */
  readonly weight: bigint;
}

/** The orders of an interval by rising level: group 2 × i are the sellers and group 2 × i + 1 the buyers at price i. */
export interface Book {
  /** Rising, in micro-units per kWh. */
  readonly prices: readonly bigint[];
  readonly groups: readonly (readonly BookOrder[])[];
}

/**
 * Puts the orders into groups. Nothing is compared but the prices themselves, so that the order of arrival cannot matter.
 *
 * @throws InvariantError when an order has no energy, stands twice or stands at no bus: such orders never pass acceptance
 */
export function openBook(orders: readonly GridOrder[], tree: GridTree, curtailment: Curtailment): Book {
  assert(new Set(orders.map((order) => order.orderId)).size === orders.length, 'An order is cleared once.');
  const keys = [...new Set(orders.map((order) => integerKey(order.limitPriceMicroPerKwh)))].sort(compareKeys);
  const rankOf = new Map(keys.map((key, rank) => [key, rank]));
  const prices = keys.map(BigInt);
  const entries = orders.map((order) => {
    assert(order.energyWh > 0n, 'An order that is cleared has energy above zero.');
    const place = present(tree.placeOfBus.get(order.busId), 'An order stands at a bus of the grid.');
    const rank = present(rankOf.get(integerKey(order.limitPriceMicroPerKwh)), 'Every price has a rank.');
    return { group: 2 * rank + (order.side === 'sell' ? 0 : 1), order, place, weight: weightOf(order, curtailment) };
  });
  return { prices, groups: inGroups(entries, 2 * prices.length) };
}

const noOrders: readonly BookOrder[] = [];

/** Most groups have one order or none: only those of several get an array that grows, which is slower by an order of magnitude. */
function inGroups(
  entries: readonly (BookOrder & { readonly group: number })[],
  groupCount: number,
): readonly (readonly BookOrder[])[] {
  const groups = new Array<readonly BookOrder[]>(groupCount).fill(noOrders);
  const several = new Map<number, BookOrder[]>();
  for (const entry of entries) {
    const before = groups[entry.group] ?? noOrders;
    if (before.length === 0) {
      groups[entry.group] = [entry];
    } else {
      const growing = several.get(entry.group);
      if (growing === undefined) {
        const begun = [...before, entry];
        several.set(entry.group, begun);
        groups[entry.group] = begun;
      } else {
        growing.push(entry);
      }
    }
  }
  return groups;
}

type PriceKey = ReturnType<typeof integerKey>;

function compareKeys(left: PriceKey, right: PriceKey): number {
  if (left === right) {
    return 0;
  }
  return left < right ? -1 : 1;
}

/** Under `per-kw` an offer that names no installed power counts as if its energy came from an hour at full power. */
function weightOf(order: GridOrder, curtailment: Curtailment): bigint {
  const weight = curtailment === 'per-kw' && order.side === 'sell' ? order.installedW : undefined;
  assert(weight === undefined || weight > 0n, 'An installed power is above zero.');
  return weight ?? order.energyWh;
}
