import { present } from '../../assert';
import { sum } from '../../math';
import { openBook, type Book } from './book';
import { hangOnSlack, type GridTree } from './grid-tree';
import { compareLevels, endOfGroup, type Level } from './level';
import { startOfGroup, stopInside } from './margin';
import { SupplyCurves, type Export } from './supply-curves';
import type { BindingLimit, ClearingGrid, ClearingHint, GridClearingRules, GridOrder } from './types';

/** The grid and its orders while limits are looked for. */
interface Search {
  readonly book: Book;
  readonly tree: GridTree;
  readonly children: readonly (readonly number[])[];
  readonly curves: SupplyCurves;
  readonly roundsMax: number;
}

/** A part of the tree with a level of its own: what its root gives to the place above it is fixed, in Wh. */
interface Part {
  readonly root: number;
  readonly outWh: bigint;
  /** The root and all behind it; rising. */
  readonly places: readonly number[];
}

/** What places export, times the denominator of the level at which they do. */
interface Exports {
  readonly byPlace: ReadonlyMap<number, Export>;
  readonly denominator: bigint;
}

/**
 * Finds the limits that bind, without an oracle. From the slack outwards: the export of a place, held back by the limits behind it,
 * rises with the level; where it is what is asked, the branches that hold back bind there, and what is behind each of them is the
 * next part, whose export is the limit. The group of the level is found by halving; inside a group, where the limits behind
 * make a curve of straight pieces, by steps of Newton and halving in turn. `deriveTreeClearing` proves what is found like any hint.
 *
 * @param roundsMax the most steps inside one group
 * @returns undefined where the steps do not suffice
 * @throws InvariantError as `deriveTreeClearing`
 */
export function searchTreeLimits(
  orders: readonly GridOrder[],
  grid: ClearingGrid,
  rules: GridClearingRules,
  roundsMax: number,
): ClearingHint | undefined {
  const tree = hangOnSlack(grid);
  const book = openBook(orders, tree, rules.curtailment);
  const search = { book, tree, children: childrenOf(tree), curves: new SupplyCurves(book, tree), roundsMax };
  const bindingLimits: BindingLimit[] = [];
  const parts: Part[] = [{ root: 0, outWh: 0n, places: tree.places.map((_, place) => place) }];
  // The list grows while it is walked, by one part for each limit that binds.
  for (const part of parts) {
    const exports = settle(search, part);
    if (exports === undefined) {
      return undefined;
    }
    for (const place of splitAtHeld(search, part.root, exports).held) {
      const { outWh, limit } = bindingAt(tree, place, exports);
      parts.push({ root: place, outWh, places: placesBehind(place, search.children) });
      bindingLimits.push(limit);
    }
  }
  return { bindingLimits };
}

function childrenOf(tree: GridTree): readonly (readonly number[])[] {
  const children = tree.places.map<number[]>(() => []);
  for (const [place, { parent }] of tree.places.entries()) {
    children[parent]?.push(place);
  }
  return children;
}

function placesBehind(root: number, children: readonly (readonly number[])[]): readonly number[] {
  const places = [root];
  for (const place of places) {
    places.push(...(children[place] ?? []));
  }
  return places.sort((left, right) => left - right);
}

/** The exports at the level at which the root of a part exports what is asked, before the limit of its own branch. */
function settle({ book, tree, children, curves, roundsMax }: Search, part: Part): Exports | undefined {
  const exportsBehind = (groupsDone: number): Exports => ({
    byPlace: curves.exportsAt(part.places, groupsDone),
    denominator: 1n,
  });
  // With no group behind, a part exports at most what is asked; with all of them, at least that.
  let low = 0;
  let high = book.groups.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (missingAt(part, exportsBehind(middle)) <= 0n) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  const exports = exportsBehind(high);
  return missingAt(part, exports) === 0n
    ? exports
    : settleInside({ book, tree, children, curves, roundsMax }, part, high - 1, exportsBehind(high - 1));
}

/** The same inside a group, at whose beginning too little is exported and at whose end too much. */
function settleInside(search: Search, part: Part, group: number, atStart: Exports): Exports | undefined {
  let low = startOfGroup(group, search.book.groups[group] ?? []);
  let high = endOfGroup(group);
  let exports = atStart;
  for (let round = 0; round < search.roundsMax; round += 1) {
    const stepped = round % 2 === 0 ? levelOfSplit(search, part, group, exports) : undefined;
    const level = isInside(stepped, low, high) ? stepped : between(low, high, round);
    if (!isInside(level, low, high)) {
      continue;
    }
    exports = { byPlace: search.curves.exportsAt(part.places, group, level), denominator: level.denominator };
    const missing = missingAt(part, exports);
    if (missing === 0n) {
      return exports;
    }
    if (missing > 0n) {
      low = level;
    } else {
      high = level;
    }
  }
  return undefined;
}

function missingAt({ root, outWh }: Part, { byPlace, denominator }: Exports): bigint {
  return outWh * denominator - present(byPlace.get(root), 'A part has a root.').free;
}

/** The level that the root's part would have if exactly those branches held back that do at these exports. */
function levelOfSplit(search: Search, part: Part, group: number, exports: Exports): Level | undefined {
  const { inside, held } = splitAtHeld(search, part.root, exports);
  const fixedWh =
    sum([...inside].map((place) => search.curves.ownExportWh(place, group))) +
    sum(held.map((place) => bindingAt(search.tree, place, exports).outWh));
  const members = (search.book.groups[group] ?? []).filter(({ place }) => inside.has(place));
  const stepWh = part.outWh - fixedWh;
  const energyWh = sum(members.map(({ order }) => order.energyWh));
  return stepWh > 0n && stepWh < energyWh ? stopInside(group, members, stepWh).level : undefined;
}

/** A level halfway, in a fraction of few digits that gets finer with every round. */
function between(low: Level, high: Level, round: number): Level {
  const bits = BigInt(20 + 4 * round);
  const total = low.numerator * high.denominator + high.numerator * low.denominator;
  const numerator = (total << bits) / (2n * low.denominator * high.denominator);
  return { group: low.group, numerator, denominator: 1n << bits };
}

function isInside(level: Level | undefined, low: Level, high: Level): level is Level {
  return level !== undefined && compareLevels(low, level) < 0 && compareLevels(level, high) < 0;
}

/** The places that have the level of the root, and those whose branch holds back, with nothing held between. */
function splitAtHeld(
  { children }: Search,
  root: number,
  { byPlace }: Exports,
): { readonly inside: ReadonlySet<number>; readonly held: readonly number[] } {
  const inside = new Set([root]);
  const held: number[] = [];
  for (const place of inside) {
    for (const child of children[place] ?? []) {
      const { free, held: through } = present(byPlace.get(child), 'A place behind the root exports.');
      if (free === through) {
        inside.add(child);
      } else {
        held.push(child);
      }
    }
  }
  return { inside, held };
}

function bindingAt(
  tree: GridTree,
  place: number,
  { byPlace }: Exports,
): { readonly outWh: bigint; readonly limit: BindingLimit } {
  const { branch, outIsForward, outLimitWh, inLimitWh } = present(tree.places[place]?.entrance, 'A held branch.');
  const { free, held } = present(byPlace.get(place), 'A held place exports.');
  const isOut = free > held;
  const outWh = isOut ? outLimitWh : inLimitWh;
  const limitWh = present(outWh, 'What holds back is a limit.');
  return {
    outWh: isOut ? limitWh : -limitWh,
    limit: { id: branch.id, direction: isOut === outIsForward ? 'forward' : 'backward' },
  };
}
