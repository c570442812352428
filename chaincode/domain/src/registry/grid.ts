import { demand } from '../errors';
import type { Grid } from './types';

/**
 * Refuses a grid in which two elements of a sort share an id, in which a branch or congestion point names what the grid does not
 * have, or whose lines and transformer do not join all buses as one tree: flows in a tree follow from the loads alone.
 */
export function checkGrid(grid: Grid): void {
  const branches = [...grid.lines, grid.transformer];
  const busIds = uniqueIds(grid.buses);
  const branchIds = uniqueIds(branches);
  uniqueIds(grid.congestionPoints);
  for (const { id, fromBus, toBus } of branches) {
    demand(busIds.has(fromBus) && busIds.has(toBus), 'GRID_REFERENCE', { elementId: id });
  }
  for (const { id, elementId } of grid.congestionPoints) {
    demand(branchIds.has(elementId), 'GRID_REFERENCE', { elementId: id });
  }
  checkVoltages(grid, busIds);
  const group = new Map([...busIds].map((busId) => [busId, busId]));
  for (const { id, fromBus, toBus } of branches) {
    const from = rootOf(group, fromBus);
    const to = rootOf(group, toBus);
    demand(from !== to, 'GRID_NOT_A_TREE', { elementId: id });
    group.set(from, to);
  }
  demand(branches.length === grid.buses.length - 1, 'GRID_NOT_A_TREE', { gridId: grid.gridId });
}

/** Refuses a voltage band of no bus, that is empty, or that a bus has twice. */
function checkVoltages({ voltages }: Grid, busIds: ReadonlySet<string>): void {
  const bands = voltages?.buses ?? [];
  for (const { busId, maximumMillivolt, minimumMillivolt } of bands) {
    demand(busIds.has(busId) && minimumMillivolt <= maximumMillivolt, 'GRID_REFERENCE', { elementId: busId });
  }
  uniqueIds(bands.map(({ busId }) => ({ id: busId })));
}

function uniqueIds(elements: readonly { readonly id: string }[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { id } of elements) {
    demand(!ids.has(id), 'GRID_ID_TWICE', { elementId: id });
    ids.add(id);
  }
  return ids;
}

/** The representative of a bus's group of joined buses (union-find without path compression: grids are small). */
function rootOf(group: ReadonlyMap<string, string>, busId: string): string {
  let root = busId;
  for (let parent = group.get(root); parent !== undefined && parent !== root; parent = group.get(root)) {
    root = parent;
  }
  return root;
}
