import { assert, present } from '../../assert';
import type { ClearingGrid, TreeLimit } from './types';

/** A bus, how it hangs on the tree, and the place to which it belongs. The slack bus hangs on nothing. */
export interface TreeBus {
  readonly busId: string;
  readonly place: number;
  readonly up: { readonly parent: number; readonly branch: TreeLimit; readonly outIsForward: boolean } | undefined;
}

/** The limited branch by which a place hangs on the place nearer to the slack: out is towards the slack. Limits in Wh. */
export interface Entrance {
  readonly branch: TreeLimit;
  readonly outIsForward: boolean;
  readonly outLimitWh: bigint | undefined;
  readonly inLimitWh: bigint | undefined;
}

/** A place hangs on a parent that stands before it; place 0, with the slack, hangs on nothing. */
export interface Place {
  readonly parent: number;
  readonly entrance: Entrance | undefined;
}

/** A grid as a tree whose root is the slack bus. Buses that are joined by branches without any limit are one place. */
export interface GridTree {
  /** From the slack outwards, each after the bus that it hangs on. */
  readonly buses: readonly TreeBus[];
  readonly places: readonly Place[];
  readonly placeOfBus: ReadonlyMap<string, number>;
}

interface Neighbour {
  readonly busId: string;
  readonly branch: TreeLimit;
}

/**
 * Hangs the grid on its slack bus.
 *
 * @throws InvariantError where buses or branches stand twice, the branches are no tree, or a limit is negative: a grid is checked
 *   when it is registered, and its limits are made from it
 */
export function hangOnSlack(grid: ClearingGrid): GridTree {
  checkGrid(grid);
  const neighbours = neighboursOf(grid);
  const buses: TreeBus[] = [{ busId: grid.slackBus, place: 0, up: undefined }];
  const places: Place[] = [{ parent: -1, entrance: undefined }];
  const placeOfBus = new Map([[grid.slackBus, 0]]);
  // The list grows while it is walked: what is found stands behind what found it.
  for (const [parent, bus] of buses.entries()) {
    for (const { busId, branch } of present(neighbours.get(bus.busId), 'A branch joins buses of the grid.')) {
      if (branch !== bus.up?.branch) {
        assert(!placeOfBus.has(busId), 'The branches of a grid form a tree.');
        const outIsForward = branch.fromBus === busId;
        const place = placeBehind(bus.place, branch, outIsForward, places);
        placeOfBus.set(busId, place);
        buses.push({ busId, place, up: { parent, branch, outIsForward } });
      }
    }
  }
  assert(buses.length === grid.buses.length, 'Every bus hangs on the slack bus.');
  return { buses, places, placeOfBus };
}

function checkGrid({ slackBus, buses, branches }: ClearingGrid): void {
  const known = new Set(buses);
  assert(known.size === buses.length && known.has(slackBus), 'A grid names each bus once, the slack bus too.');
  assert(new Set(branches.map(({ id }) => id)).size === branches.length, 'A grid names each branch once.');
  for (const { forwardLimitWh = 0n, backwardLimitWh = 0n } of branches) {
    assert(forwardLimitWh >= 0n && backwardLimitWh >= 0n, 'A limit of a branch is not negative.');
  }
}

function neighboursOf({ buses, branches }: ClearingGrid): ReadonlyMap<string, Neighbour[]> {
  const neighbours = new Map<string, Neighbour[]>(buses.map((busId) => [busId, []]));
  for (const branch of branches) {
    neighbours.get(branch.fromBus)?.push({ busId: branch.toBus, branch });
    neighbours.get(branch.toBus)?.push({ busId: branch.fromBus, branch });
  }
  return neighbours;
}

function placeBehind(parent: number, branch: TreeLimit, outIsForward: boolean, places: Place[]): number {
  const { forwardLimitWh, backwardLimitWh } = branch;
  if (forwardLimitWh === undefined && backwardLimitWh === undefined) {
    return parent;
  }
  const [outLimitWh, inLimitWh] = outIsForward ? [forwardLimitWh, backwardLimitWh] : [backwardLimitWh, forwardLimitWh];
  places.push({ parent, entrance: { branch, outIsForward, outLimitWh, inLimitWh } });
  return places.length - 1;
}
