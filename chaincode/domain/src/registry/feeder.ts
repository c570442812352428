import { demand } from '../errors';
import type { MeterEntry } from './device-types';
import type { Grid } from './types';

/**
 * Refuses a meter that is a feeder meter in one respect and not in another (METER_FEEDER_INVALID): it names the branch of the grid
 * that it measures and stands at an end of it, and nobody is settled by it; any other meter belongs to a participant.
 */
export function checkFeeder(entry: MeterEntry, grid: Grid | undefined): void {
  const { meterId, bus, deviceType, feeder, participantId } = entry;
  const isFeeder = deviceType === 'feeder';
  const agree = isFeeder === (feeder !== undefined) && isFeeder === (participantId === undefined);
  demand(agree, 'METER_FEEDER_INVALID', { meterId });
  if (feeder !== undefined && grid !== undefined) {
    const branch = branchesOf(grid).find(({ id }) => id === feeder.elementId);
    demand(branch?.fromBus === bus || branch?.toBus === bus, 'METER_FEEDER_INVALID', { meterId });
  }
}

/** The buses behind a branch, as seen from the grid above the transformer; none for a branch that the grid does not have. */
export function busesBehind(grid: Grid, elementId: string): ReadonlySet<string> {
  const branches = branchesOf(grid);
  if (!branches.some(({ id }) => id === elementId)) {
    return new Set();
  }
  const others = branches.filter(({ id }) => id !== elementId);
  const reached = new Set([grid.transformer.fromBus]);
  for (const bus of reached) {
    // A set is iterated over what is added meanwhile, so that the search goes on until nothing is new.
    for (const { fromBus, toBus } of others) {
      if (fromBus === bus) reached.add(toBus);
      if (toBus === bus) reached.add(fromBus);
    }
  }
  return new Set(grid.buses.map(({ id }) => id).filter((id) => !reached.has(id)));
}

function branchesOf(grid: Grid): readonly Grid['transformer'][] {
  return [...grid.lines, grid.transformer];
}
