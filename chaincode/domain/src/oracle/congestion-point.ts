import { demand, RuleError } from '../errors';
import type { MeterId } from '../ids';
import { limits } from '../limits';
import type { Meter } from '../registry/device-types';
import { busesBehind } from '../registry/feeder';
import type { Grid } from '../registry/types';

/** What the registry says of a meter's place. */
export type PlacedMeter = Pick<Meter, 'meterId' | 'bus' | 'participantId' | 'status'>;

/**
 * The meters that count what the connections behind a congestion point take and give, by rising id: at the buses behind its branch, in service, and
 * somebody's. Refuses a congestion point that the grid does not have, and one with no such meter or with more than a request may name.
 *
 * @param meters those of the grid
 */
export function metersOfCongestionPoint(grid: Grid, id: string, meters: readonly PlacedMeter[]): readonly MeterId[] {
  const point = grid.congestionPoints.find((one) => one.id === id);
  if (point === undefined) {
    throw new RuleError('ORACLE_CONGESTION_POINT_UNKNOWN', { gridId: grid.gridId, congestionPointId: id });
  }
  const buses = busesBehind(grid, point.elementId);
  const behind = meters.filter(
    ({ bus, participantId, status }) =>
      buses.has(bus) && participantId !== undefined && (status === 'COMMISSIONED' || status === 'FROZEN'),
  );
  const { forecastMetersMax } = limits;
  const { length } = behind;
  demand(length > 0 && length <= forecastMetersMax, 'ORACLE_CONGESTION_POINT_SIZE', {
    meters: length,
    forecastMetersMax,
  });
  return behind.map(({ meterId }) => meterId).sort((left, right) => (left < right ? -1 : 1));
}

/** The meters of a request with a congestion point: exactly those behind it, in the order in which the request names them, or by rising id. */
export function demandThose(named: readonly MeterId[] | undefined, behind: readonly MeterId[]): readonly MeterId[] {
  if (named === undefined) return behind;
  const ids = new Set(named);
  const same = named.length === behind.length && behind.every((meterId) => ids.has(meterId));
  demand(same, 'ORACLE_CONGESTION_POINT_METERS', { meters: behind.length });
  return named;
}
