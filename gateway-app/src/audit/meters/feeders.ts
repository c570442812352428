import {
  balanceOf,
  feederMeterOf,
  gridCodec,
  meterCodec,
  metersBehind,
  rowCodec,
  takesPart,
  wh,
  type FeederBalance,
  type FeederMeter,
  type Grid,
  type Meter,
  type MeteredTotal,
  type Slot,
} from '@flexledger/domain';
import { decodeRows } from '../decoded-rows';
import { Findings } from '../findings';
import type { AuditRows } from '../fold';
import { readingTotals, totalKey, type LedgerTotal } from './meters';
import { ROW_TYPES } from '../row-types';

/** How a feeder meter balances with the meters behind it, in every quarter hour that it has counted. */
export interface FeederAudit {
  readonly meterId: string;
  readonly balances: readonly FeederBalance[];
}

type Totals = ReadonlyMap<string, LedgerTotal>;

/**
 * Balances every feeder again from the rows of the blocks, by the rule of the ledger and without its answer. A flag is no fault of
 * the ledger: it says that a meter behind the feeder, or the feeder's own, does not count what flows. Rows that cannot be read
 * are left out here; the invariants of readings name them.
 */
export function auditFeeders(rows: AuditRows): readonly FeederAudit[] {
  const unread = new Findings('', '');
  const meters = decodeRows(rows, ROW_TYPES.meter, rowCodec(meterCodec), unread).map(({ value }) => value);
  const grids = decodeRows(rows, ROW_TYPES.grid, rowCodec(gridCodec), unread).map(({ value }) => value);
  const totals = readingTotals(rows, unread);
  return meters
    .filter(({ feeder }) => feeder !== undefined)
    .map((meter) => {
      const grid = grids.find(({ gridId }) => gridId === meter.gridId);
      const { meterId } = meter;
      const balance = () => (grid === undefined ? [] : balancesOf(feederMeterOf(meter), grid, meters, totals));
      return { meterId, balances: unread.attempt(meterId, balance) ?? [] };
    });
}

function balancesOf(
  feederMeter: FeederMeter,
  grid: Grid,
  meters: readonly Meter[],
  totals: Totals,
): readonly FeederBalance[] {
  const behind = metersBehind(feederMeter, grid, meters);
  const own = [...totals].filter(([key]) => key.startsWith(`${feederMeter.meterId}/`)).map(([, total]) => total);
  return own
    .sort((left, right) => left.slot - right.slot)
    .map((total) => {
      const parts = behind
        .map((meter) => meteredAt(meter, total.slot, totals))
        .filter((part) => takesPart(part.meter, part.total));
      return balanceOf({ meter: feederMeter, total }, feederMeter.feeder.lossAllowancePpm, parts);
    });
}

function meteredAt(meter: Meter, slot: Slot, totals: Totals): MeteredTotal & { readonly meter: Meter } {
  const missing = { slot, importWh: wh(0n), exportWh: wh(0n), quality: 'MISSING' } as const;
  return { meter, total: totals.get(totalKey(meter.meterId, slot)) ?? missing };
}

const SHOWN_MAX = 5;

/** What an auditor tells about the feeders: how many quarter hours balance, and which are flagged. */
export function feederNotes(feeders: readonly FeederAudit[]): readonly string[] {
  return feeders.map(({ meterId, balances }) => {
    const of = (status: FeederBalance['status']) => balances.filter((balance) => balance.status === status);
    const flagged = of('FLAGGED');
    const shown = flagged.slice(0, SHOWN_MAX).map(({ slot, unaccountedWh, surplusWh, boundWh, lossAllowanceWh }) => {
      const residual = surplusWh > 0n ? `${surplusWh} Wh too many` : `${unaccountedWh} Wh unaccounted for`;
      return `slot ${slot} has ${residual}, meters explain ${boundWh} Wh and losses ${lossAllowanceWh} Wh`;
    });
    const more = flagged.length > SHOWN_MAX ? [`and ${flagged.length - SHOWN_MAX} more`] : [];
    const counts = `${of('BALANCED').length} quarter hours balance, ${flagged.length} are flagged, ${of('INCOMPLETE').length} lack a reading`;
    return [`feeder meter ${meterId}: ${counts}`, ...shown, ...more].join('; ');
  });
}
