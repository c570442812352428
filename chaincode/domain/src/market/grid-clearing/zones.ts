import { present } from '../../assert';
import type { Book, BookOrder } from './book';
import type { GridTree } from './grid-tree';
import { endOfGroup, highestLevel, isOfferGroup, lowestLevel, type Level } from './level';
import { startOfGroup, stopInside, type Margin } from './margin';

/** Where a zone stops: groups below `groupsDone` are behind it; all levels from low to high give these fills. */
export interface Zone {
  readonly low: Level;
  readonly high: Level;
  readonly groupsDone: number;
  readonly margin: Margin | undefined;
}

/** What flows out of a place towards the slack, in Wh: `fixedWh` + `part` ÷ the whole of its zone's margin. */
export interface ExactFlow {
  readonly fixedWh: bigint;
  readonly part: bigint;
}

/** The zones that cuts leave, by number, and the exact flows out of the places. */
export interface ZoneSolution {
  readonly zoneOfPlace: readonly number[];
  readonly zones: readonly Zone[];
  readonly flows: readonly ExactFlow[];
}

/** The flows that are fixed: by place, what flows out of it towards the slack, in Wh. */
export type Cuts = ReadonlyMap<number, bigint>;

/** The zone of each place, numbered from the slack outwards: a place belongs to its parent's zone unless it is cut off. */
export function zonesBetween(tree: GridTree, cuts: Cuts): readonly number[] {
  const zoneOfPlace: number[] = [];
  let zones = 0;
  for (const [place, { parent }] of tree.places.entries()) {
    zoneOfPlace.push(
      place === 0 || cuts.has(place) ? zones++ : present(zoneOfPlace[parent], 'A parent stands before.'),
    );
  }
  return zoneOfPlace;
}

/**
 * Clears every zone for itself, given what flows over the cuts: in each the level rises until its net export is what the cuts ask.
 *
 * @returns undefined where a zone has not that much energy to give or to take
 */
export function solveZones(book: Book, tree: GridTree, cuts: Cuts): ZoneSolution | undefined {
  const zoneOfPlace = zonesBetween(tree, cuts);
  const zones = raiseLevels(book, zoneOfPlace, stepsToTake(book, tree, cuts, zoneOfPlace));
  return zones && { zoneOfPlace, zones, flows: flowsOf(book, tree, cuts, { zoneOfPlace, zones }) };
}

/** How far each zone has to rise from the lowest level, at which its buyers are full and its sellers are not, in Wh. */
function stepsToTake(book: Book, tree: GridTree, cuts: Cuts, zoneOfPlace: readonly number[]): bigint[] {
  const steps = Array.from({ length: cuts.size + 1 }, () => 0n);
  const add = (place: number, energyWh: bigint): void => {
    const zone = present(zoneOfPlace[place], 'Every place is in a zone.');
    steps[zone] = present(steps[zone], 'Every zone has a step.') + energyWh;
  };
  for (const [group, members] of book.groups.entries()) {
    if (!isOfferGroup(group)) {
      for (const { order, place } of members) {
        add(place, order.energyWh);
      }
    }
  }
  for (const [place, outWh] of cuts) {
    add(place, outWh);
    add(present(tree.places[place], 'A cut is at a place.').parent, -outWh);
  }
  return steps;
}

/** A zone while its level rises. */
interface Rising {
  restWh: bigint;
  low: Level;
  high: Level | undefined;
  groupsDone: number;
  margin: Margin | undefined;
}

function raiseLevels(
  book: Book,
  zoneOfPlace: readonly number[],
  steps: readonly bigint[],
): readonly Zone[] | undefined {
  if (steps.some((step) => step < 0n)) {
    return undefined;
  }
  const rising = steps.map<Rising>((restWh) => ({
    restWh,
    low: lowestLevel,
    high: undefined,
    groupsDone: 0,
    margin: undefined,
  }));
  for (const [group, members] of book.groups.entries()) {
    const [only] = members;
    if (members.length === 1 && only !== undefined) {
      // Most prices belong to one order, which needs no map.
      rise(present(rising[zoneOfPlace[only.place] ?? -1], 'Every place is in a zone.'), group, members);
    } else {
      for (const [zone, inside] of membersByZone(members, zoneOfPlace, rising)) {
        rise(zone, group, inside);
      }
    }
  }
  if (rising.some(({ restWh }) => restWh > 0n)) {
    return undefined;
  }
  return rising.map(({ low, high, groupsDone, margin }) => ({ low, high: high ?? highestLevel, groupsDone, margin }));
}

/** The members of a group by the zone in which they stand. */
function membersByZone(
  members: readonly BookOrder[],
  zoneOfPlace: readonly number[],
  rising: readonly Rising[],
): ReadonlyMap<Rising, BookOrder[]> {
  const byZone = new Map<Rising, BookOrder[]>();
  for (const member of members) {
    const zone = present(rising[zoneOfPlace[member.place] ?? -1], 'Every place is in a zone.');
    const inside = byZone.get(zone);
    if (inside === undefined) {
      byZone.set(zone, [member]);
    } else {
      inside.push(member);
    }
  }
  return byZone;
}

function rise(zone: Rising, group: number, members: readonly BookOrder[]): void {
  if (zone.restWh === 0n) {
    zone.high ??= startOfGroup(group, members);
    return;
  }
  let energyWh = 0n;
  for (const { order } of members) {
    energyWh += order.energyWh;
  }
  if (zone.restWh < energyWh) {
    zone.margin = stopInside(group, members, zone.restWh);
    zone.low = zone.margin.level;
    zone.high = zone.margin.level;
    zone.groupsDone = group;
    zone.restWh = 0n;
    return;
  }
  zone.restWh -= energyWh;
  zone.low = endOfGroup(group);
  zone.groupsDone = group + 1;
}

function flowsOf(
  book: Book,
  tree: GridTree,
  cuts: Cuts,
  { zoneOfPlace, zones }: Pick<ZoneSolution, 'zoneOfPlace' | 'zones'>,
): readonly ExactFlow[] {
  const flows = tree.places.map(() => ({ fixedWh: 0n, part: 0n }));
  const flowOf = (place: number): { fixedWh: bigint; part: bigint } => present(flows[place], 'Every place has a flow.');
  for (const [group, members] of book.groups.entries()) {
    for (const { order, place } of members) {
      const zone = present(zones[zoneOfPlace[place] ?? -1], 'Every place is in a zone.');
      flowOf(place).fixedWh += fixedExportWh(order.energyWh, group, zone);
    }
  }
  for (const { margin } of zones) {
    margin?.members.forEach(({ place, order }, index) => {
      const part = margin.parts[index] ?? 0n;
      flowOf(place).part += order.side === 'sell' ? part : -part;
    });
  }
  for (let place = tree.places.length - 1; place > 0; place -= 1) {
    const inner = flowOf(present(tree.places[place], 'Every place is on the tree.').parent);
    const outer = flowOf(place);
    const outWh = cuts.get(place);
    inner.fixedWh += outWh ?? outer.fixedWh;
    inner.part += outWh === undefined ? outer.part : 0n;
  }
  return flows;
}

/** What an order adds to the export of its place, unless it is at the margin. */
function fixedExportWh(energyWh: bigint, group: number, zone: Zone): bigint {
  const isDone = group < zone.groupsDone;
  if (isOfferGroup(group)) {
    return isDone ? energyWh : 0n;
  }
  return isDone || (zone.margin !== undefined && group === zone.groupsDone) ? 0n : -energyWh;
}
