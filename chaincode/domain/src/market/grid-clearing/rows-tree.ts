import { assert, present } from '../../assert';
import type { ClearingGrid, GridLimitRow, TreeLimit } from './types';

/** A grid seen from its slack bus. */
export interface FeederTree {
  readonly slackBus: string;
  /** Every bus after the one that feeds it. */
  readonly busIdsFromSlack: readonly string[];
  readonly childrenOf: ReadonlyMap<string, readonly string[]>;
  /** The branch that feeds each bus but the slack; empty where the grid has rows only. */
  readonly feedingBranchOf: ReadonlyMap<string, TreeLimit>;
}

/** Stands every bus below the one that feeds it; without branches every bus stands below the slack. */
export function feederTreeOf({ slackBus, buses, branches }: ClearingGrid): FeederTree {
  const childrenOf = new Map<string, string[]>(buses.map((busId) => [busId, []]));
  const feedingBranchOf = new Map<string, TreeLimit>();
  const busIdsFromSlack = [slackBus];
  const hang = (busId: string, child: string): void => {
    present(childrenOf.get(busId), 'A bus of a branch is a bus of the grid.').push(child);
    busIdsFromSlack.push(child);
  };
  if (branches.length === 0) {
    for (const busId of buses) if (busId !== slackBus) hang(slackBus, busId);
    return { slackBus, busIdsFromSlack, childrenOf, feedingBranchOf };
  }
  const touching = branchesByBus(branches);
  // The list grows while it is walked: what is found stands behind what found it.
  for (const busId of busIdsFromSlack) {
    for (const branch of touching.get(busId) ?? []) {
      if (branch === feedingBranchOf.get(busId)) continue;
      const child = branch.fromBus === busId ? branch.toBus : branch.fromBus;
      assert(!feedingBranchOf.has(child) && child !== slackBus, 'The branches of a grid form a tree.');
      feedingBranchOf.set(child, branch);
      hang(busId, child);
    }
  }
  assert(busIdsFromSlack.length === buses.length, 'Every bus hangs on the slack bus.');
  return { slackBus, busIdsFromSlack, childrenOf, feedingBranchOf };
}

function branchesByBus(branches: readonly TreeLimit[]): ReadonlyMap<string, readonly TreeLimit[]> {
  const touching = new Map<string, TreeLimit[]>();
  for (const branch of branches) {
    for (const end of [branch.fromBus, branch.toBus]) {
      const known = touching.get(end);
      if (known === undefined) touching.set(end, [branch]);
      else known.push(branch);
    }
  }
  return touching;
}

/** The buses below each bus, itself included. */
export function busIdsBelow({ busIdsFromSlack, childrenOf }: FeederTree): ReadonlyMap<string, readonly string[]> {
  const below = new Map<string, readonly string[]>();
  for (const busId of [...busIdsFromSlack].reverse()) {
    below.set(busId, [busId, ...(childrenOf.get(busId) ?? []).flatMap((child) => below.get(child) ?? [])]);
  }
  return below;
}

/** A limit of any kind as a row, with the words in which it is named. */
export interface NamedRow extends GridLimitRow {
  readonly direction: 'forward' | 'backward' | 'row';
}

/** All limits of a grid as rows: each branch of the tree in both directions (the net export of what is below it), and the general rows. */
export function namedRowsOf(grid: ClearingGrid, tree: FeederTree): readonly NamedRow[] {
  const below = busIdsBelow(tree);
  const ofBranches = [...tree.feedingBranchOf].flatMap(([busId, branch]): readonly NamedRow[] => {
    const upward = branch.fromBus === busId ? 'forward' : 'backward';
    return (['forward', 'backward'] as const).flatMap((direction): readonly NamedRow[] => {
      const bound = direction === 'forward' ? branch.forwardLimitWh : branch.backwardLimitWh;
      if (bound === undefined) return [];
      const sign = direction === upward ? 1n : -1n;
      const coefficients = new Map((below.get(busId) ?? []).map((id) => [id, sign]));
      return [{ id: branch.id, direction, coefficients, bound }];
    });
  });
  return [...ofBranches, ...(grid.rows ?? []).map((row): NamedRow => ({ ...row, direction: 'row' }))];
}
