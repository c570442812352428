import { demand, demandThose, metersOfCongestionPoint, type Computation, type MeterId } from '@flexledger/domain';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { gridMeters, grids, meters } from '../../store/registry/registry-store';
import type { StoreSession } from '../../store/session';

/** The part of a request that says which meters it is about. */
export type MetersAsked = Partial<Pick<Computation, 'meterIds' | 'congestionPoint'>>;

/**
 * The meters that a request is about: those that it names, all of which must be registered, or those of the connections behind its congestion point as
 * the registry has them. A request with a congestion point conflicts with a meter that joins the grid and commits first: then they would be others.
 */
export async function askedMeters(
  store: StoreSession,
  { congestionPoint, meterIds }: MetersAsked,
): Promise<readonly MeterId[]> {
  if (congestionPoint !== undefined) {
    const { congestionPointId, gridId } = congestionPoint;
    const grid = found(await grids.load(store, gridId), 'GRID_UNKNOWN', { gridId });
    const owned = await gridMeters.list(store, prefixes.metersOfGrid(gridId));
    const rows = await Promise.all(owned.map(({ meterId }) => meters.load(store, meterId)));
    const known = rows.filter((row) => row !== undefined);
    return demandThose(meterIds, metersOfCongestionPoint(grid, congestionPointId, known));
  }
  demand(meterIds !== undefined, 'ORACLE_METERS_ABSENT');
  const isKnown = await Promise.all(meterIds.map((meterId) => meters.exists(store, meterId)));
  const unknown = meterIds.find((_, index) => isKnown[index] !== true);
  demand(unknown === undefined, 'METER_UNKNOWN', { meterId: unknown ?? '' });
  return meterIds;
}
