import { present } from '../../assert';
import { compareText } from '../../canonical';
import { greatest, least, mulDivFloor } from '../../math';
import { ppmWhole } from '../../units';
import type { ClearingPrice, Fill } from '../types';
import type { Book } from './book';
import type { Entrance, GridTree } from './grid-tree';
import { curtailmentJainPpm } from './jain';
import { isOfferGroup, type Level } from './level';
import type { LevelRange } from './level-order';
import { roundMargins } from './round';
import type { BranchFlow, GridClearingRules, GridIntervalClearing, GridOrder, PricedLimit, ZonePrice } from './types';
import type { Cuts, ZoneSolution } from './zones';

/** What is proven: the zones between all limits that are reached, and the levels that they may have together. */
export interface ProvenZones {
  readonly book: Book;
  readonly tree: GridTree;
  readonly cuts: Cuts;
  readonly solution: ZoneSolution;
  readonly ranges: readonly LevelRange[];
}

/** Writes the proven zones down as an outcome: whole Wh, flows, prices, rent. */
export function writeOutcome(
  orders: readonly GridOrder[],
  proven: ProvenZones,
  rules: GridClearingRules,
): GridIntervalClearing {
  const { book, tree, cuts, solution, ranges } = proven;
  const fills = fillsOf(proven, rules);
  const filledWh = new Map(fills.map(({ orderId, energyWh }) => [orderId, energyWh]));
  const prices = ranges.map((range) => priceOf(range, book.prices, rules));
  const bindingLimits = [...cuts].map(([place, outWh]) => {
    const { parent, entrance } = present(tree.places[place], 'A cut is at a place.');
    const priceAt = (at: number): bigint =>
      present(prices[solution.zoneOfPlace[at] ?? -1], 'Every zone has a price.').clearingMicroPerKwh;
    return priceLimit(present(entrance, 'A cut is at a branch.'), outWh, priceAt(place), priceAt(parent));
  });
  const { boughtWh, welfareNano } = totalsOf(orders, filledWh);
  return {
    tradedWh: boughtWh,
    fills,
    zones: zonesOf(tree, solution.zoneOfPlace, boughtWh === 0n ? [] : prices),
    bindingLimits: bindingLimits.sort((left, right) => compareText(left.id, right.id)),
    flows: flowsOf(tree, exportsOf(orders, filledWh)),
    welfareNano,
    rentNano: bindingLimits.reduce((total, { rentNano }) => total + rentNano, 0n),
    jainPpm: curtailmentJainPpm(orders, filledWh, curtailedPrices(book, solution)),
  };
}

function fillsOf({ book, tree, solution }: ProvenZones, rules: GridClearingRules): readonly Fill[] {
  const rounded = roundMargins(book, tree, solution, rules);
  const fills: Fill[] = [];
  for (const [group, members] of book.groups.entries()) {
    for (const { order, place } of members) {
      const zone = present(solution.zones[solution.zoneOfPlace[place] ?? -1], 'Every place is in a zone.');
      const isFull = isOfferGroup(group) === group < zone.groupsDone;
      const energyWh = rounded.get(order.orderId) ?? (isFull ? order.energyWh : 0n);
      if (energyWh > 0n) {
        fills.push({ orderId: order.orderId, energyWh });
      }
    }
  }
  return fills.sort((left, right) => compareText(left.orderId, right.orderId));
}

/** The prices at the ends of a range of levels; where it is open they are floor and cap, or the orders beyond them. */
function priceOf({ low, high }: LevelRange, prices: readonly bigint[], rules: GridClearingRules): ClearingPrice {
  const floor = least(rules.priceFloorMicroPerKwh, prices[0] ?? rules.priceFloorMicroPerKwh);
  const cap = greatest(rules.priceCapMicroPerKwh, prices.at(-1) ?? rules.priceCapMicroPerKwh);
  const priceAt = ({ group }: Level): bigint => (group < 0 ? floor : (prices[Math.floor(group / 2)] ?? cap));
  const lowMicroPerKwh = priceAt(low);
  const highMicroPerKwh = priceAt(high);
  const clearingMicroPerKwh = lowMicroPerKwh + mulDivFloor(highMicroPerKwh - lowMicroPerKwh, rules.kPpm, ppmWhole);
  return { lowMicroPerKwh, highMicroPerKwh, clearingMicroPerKwh };
}

/** A limit of zero both ways is named in the direction in which energy would flow; on equal prices forward. */
function priceLimit(entrance: Entrance, outWh: bigint, priceOutside: bigint, priceInside: bigint): PricedLimit {
  const { branch, outIsForward, outLimitWh, inLimitWh } = entrance;
  const reachesBoth = outWh === outLimitWh && -outWh === inLimitWh;
  const flowsOut = reachesBoth
    ? priceInside > priceOutside || (priceInside === priceOutside && outIsForward)
    : outWh === outLimitWh;
  const shadowPriceMicroPerKwh = flowsOut ? priceInside - priceOutside : priceOutside - priceInside;
  return {
    id: branch.id,
    direction: flowsOut === outIsForward ? 'forward' : 'backward',
    shadowPriceMicroPerKwh,
    rentNano: shadowPriceMicroPerKwh * (flowsOut ? outWh : -outWh),
  };
}

function zonesOf(
  tree: GridTree,
  zoneOfPlace: readonly number[],
  prices: readonly ClearingPrice[],
): readonly ZonePrice[] {
  const busIds = new Map<number, string[]>();
  for (const { busId, place } of tree.buses) {
    const zone = zoneOfPlace[place] ?? -1;
    busIds.set(zone, [...(busIds.get(zone) ?? []), busId]);
  }
  return [...busIds]
    .map(([zone, ids]) => ({ busIds: ids.sort(compareText), price: prices[zone] }))
    .sort((left, right) => compareText(left.busIds[0] ?? '', right.busIds[0] ?? ''));
}

function totalsOf(
  orders: readonly GridOrder[],
  filledWh: ReadonlyMap<string, bigint>,
): { readonly boughtWh: bigint; readonly welfareNano: bigint } {
  let boughtWh = 0n;
  let welfareNano = 0n;
  for (const { orderId, side, limitPriceMicroPerKwh } of orders) {
    const energyWh = filledWh.get(orderId) ?? 0n;
    if (side === 'buy') {
      boughtWh += energyWh;
      welfareNano += energyWh * limitPriceMicroPerKwh;
    } else {
      welfareNano -= energyWh * limitPriceMicroPerKwh;
    }
  }
  return { boughtWh, welfareNano };
}

/** What each bus sells less what it buys, in Wh. */
export function exportsOf(orders: readonly GridOrder[], filledWh: ReadonlyMap<string, bigint>): Map<string, bigint> {
  const exports = new Map<string, bigint>();
  for (const { orderId, busId, side } of orders) {
    const energyWh = filledWh.get(orderId) ?? 0n;
    exports.set(busId, (exports.get(busId) ?? 0n) + (side === 'sell' ? energyWh : -energyWh));
  }
  return exports;
}

/** What each branch carries: all that the buses behind it sell less what they buy. */
function flowsOf(tree: GridTree, exports: Map<string, bigint>): readonly BranchFlow[] {
  const flows: BranchFlow[] = [];
  for (const { busId, up } of [...tree.buses].reverse()) {
    if (up !== undefined) {
      const outWh = exports.get(busId) ?? 0n;
      const parentId = present(tree.buses[up.parent], 'A bus hangs on a bus.').busId;
      exports.set(parentId, (exports.get(parentId) ?? 0n) + outWh);
      const forwardWh = up.outIsForward ? outWh : -outWh;
      flows.push({ id: up.branch.id, forwardWh: greatest(forwardWh, 0n), backwardWh: greatest(-forwardWh, 0n) });
    }
  }
  return flows.sort((left, right) => compareText(left.id, right.id));
}

function curtailedPrices(book: Book, { zones }: ZoneSolution): ReadonlySet<bigint> {
  const prices = new Set<bigint>();
  for (const { margin } of zones) {
    if (margin !== undefined && isOfferGroup(margin.level.group)) {
      prices.add(present(book.prices[margin.level.group / 2], 'A margin has a price.'));
    }
  }
  return prices;
}
