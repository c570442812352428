import {
  balanceOf,
  feederMeterOf,
  metersBehind,
  present,
  slotRange,
  takesPart,
  type FeederBalance,
  type Meter,
  type MeteredTotal,
  type MeterId,
  type QualifiedTotal,
  type Slot,
} from '@flexledger/domain';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { loadIntervalTotals } from '../../store/metering/reading-queries';
import { gridMeters, grids, meters } from '../../store/registry/registry-store';
import type { StoreSession } from '../../store/session';

interface Series {
  readonly meter: Meter;
  readonly totals: readonly QualifiedTotal[];
}

/** The balance of a feeder for each quarter hour from first to last; for evaluates. */
export async function feederBalances(
  session: StoreSession,
  meterId: MeterId,
  fromSlot: Slot,
  toSlot: Slot,
): Promise<readonly FeederBalance[]> {
  const feederMeter = feederMeterOf(found(await meters.load(session, meterId), 'METER_UNKNOWN', { meterId }));
  const { gridId, feeder } = feederMeter;
  const grid = present(await grids.load(session, gridId), 'A meter is of a grid that exists.');
  const owned = await gridMeters.list(session, prefixes.metersOfGrid(gridId));
  const rows = await Promise.all(owned.map((row) => meters.load(session, row.meterId)));
  const known = rows.filter((row) => row !== undefined);
  const seriesOf = async (meter: Meter): Promise<Series> => {
    return { meter, totals: await loadIntervalTotals(session, meter.meterId, fromSlot, toSlot) };
  };
  const own = await seriesOf(feederMeter);
  const behind = await Promise.all(metersBehind(feederMeter, grid, known).map(seriesOf));
  return slotRange(fromSlot, own.totals.length).map((_, index) => {
    const parts = behind.map((series) => at(series, index)).filter(({ meter, total }) => takesPart(meter, total));
    return balanceOf(at(own, index), feeder.lossAllowancePpm, parts);
  });
}

function at({ meter, totals }: Series, index: number): MeteredTotal & { readonly meter: Meter } {
  return { meter, total: present(totals[index], 'A query of totals answers every slot.') };
}
