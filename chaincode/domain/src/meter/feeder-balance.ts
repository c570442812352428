import { integer, object, oneOf, type TypeOf } from '../decode';
import { demand, RuleError } from '../errors';
import { limits } from '../limits';
import { greatest, mulDivCeil, sum } from '../math';
import { accuracyPpm } from '../registry/accuracy';
import type { Meter } from '../registry/device-types';
import { busesBehind } from '../registry/feeder';
import type { Grid } from '../registry/types';
import { slotCodec } from '../time';
import { ppmWhole, wh, whCodec, type Wh } from '../units';
import type { QualifiedTotal } from './types';

/**
 * What one quarter hour of a feeder comes to. BALANCED: what is unaccounted for, or counted too much, can be explained by losses
 * and by the classes of the meters. FLAGGED: it cannot. INCOMPLETE: a meter has no measured value, so that nothing can be said.
 */
export const feederBalanceCodec = object({
  slot: slotCodec,
  status: oneOf('BALANCED', 'FLAGGED', 'INCOMPLETE'),
  feederImportWh: whCodec,
  feederExportWh: whCodec,
  metersImportWh: whCodec,
  metersExportWh: whCodec,
  /** What went into the feeder and was counted by no meter; it contains the losses. */
  unaccountedWh: whCodec,
  /** What the meters counted and did not go into the feeder. */
  surplusWh: whCodec,
  /** By how much all meters together may be wrong. */
  boundWh: whCodec,
  /** What may get lost. */
  lossAllowanceWh: whCodec,
  /** Meters without a measured value, the feeder meter included. */
  unmeasured: integer(0, limits.metersPerFeederMax + 1),
});
export type FeederBalance = TypeOf<typeof feederBalanceCodec>;

/** A meter and its total of the quarter hour that is balanced. */
export interface MeteredTotal {
  readonly meter: Pick<Meter, 'accuracyClass'>;
  readonly total: QualifiedTotal;
}

/** A meter whose feeder field is known to exist. */
export type FeederMeter = Meter & { readonly feeder: NonNullable<Meter['feeder']> };

/** The meter as a feeder meter; refuses any other with METER_NOT_A_FEEDER. */
export function feederMeterOf(meter: Meter): FeederMeter {
  const { feeder, meterId } = meter;
  if (feeder === undefined) {
    throw new RuleError('METER_NOT_A_FEEDER', { meterId });
  }
  return { ...meter, feeder };
}

/**
 * The meters behind a feeder whose sum its meter is compared with: those at the buses behind its branch, once they are
 * commissioned, without other feeder meters. Refuses more than one balance can sum up (METER_FEEDER_TOO_LARGE).
 */
export function metersBehind(feederMeter: FeederMeter, grid: Grid, meters: readonly Meter[]): readonly Meter[] {
  const buses = busesBehind(grid, feederMeter.feeder.elementId);
  const behind = meters.filter(
    ({ gridId, bus, feeder, status }) =>
      gridId === grid.gridId && buses.has(bus) && feeder === undefined && status !== 'REGISTERED',
  );
  demand(behind.length <= limits.metersPerFeederMax, 'METER_FEEDER_TOO_LARGE', { meterId: feederMeter.meterId });
  return behind;
}

/** False where a meter has no part in a quarter hour: before its first slot, and when it is retired and has counted nothing. */
export function takesPart({ firstSlot, status }: Meter, total: QualifiedTotal): boolean {
  return total.slot >= firstSlot && (status !== 'RETIRED' || total.quality !== 'MISSING');
}

/**
 * Compares the meter of a feeder with the sum of the meters behind it in one quarter hour. What goes in is the feeder's import and
 * the meters' export; what comes out is the meters' import and the feeder's export. The bound is the worst case: each meter wrong
 * by the whole limit of its class, all in the same direction, and each of its two registers by the 1 Wh that it cannot show. Limits
 * are added and not their squares (JCGM 100:2008, 5.2.2): meters of one make and lot err alike, and a residual beyond this bound
 * cannot come from meters that keep their class. Every part is rounded up. Energy in, less what may get lost, is what has to be found.
 * What a meter has counted takes part even where it is implausible: that it is stuck at zero is what a residual may be due to.
 */
export function balanceOf(
  feeder: MeteredTotal,
  lossAllowancePpm: bigint,
  behind: readonly MeteredTotal[],
): FeederBalance {
  const all = [feeder, ...behind];
  const [metersImportWh, metersExportWh] = [sumWh(behind, 'importWh'), sumWh(behind, 'exportWh')];
  const { importWh: feederImportWh, exportWh: feederExportWh, slot } = feeder.total;
  const intoWh = feederImportWh + metersExportWh;
  const outOfWh = metersImportWh + feederExportWh;
  const unaccountedWh = greatest(intoWh - outOfWh, 0n);
  const surplusWh = greatest(outOfWh - intoWh, 0n);
  const boundWh = sum(all.map(errorWh));
  const lossAllowanceWh = mulDivCeil(intoWh, lossAllowancePpm, ppmWhole);
  const unmeasured = all.filter(({ total }) => !isMeasured(total.quality)).length;
  const explained = unaccountedWh <= boundWh + lossAllowanceWh && surplusWh <= boundWh;
  return {
    slot,
    status: unmeasured > 0 ? 'INCOMPLETE' : explained ? 'BALANCED' : 'FLAGGED',
    feederImportWh,
    feederExportWh,
    metersImportWh,
    metersExportWh,
    unaccountedWh: wh(unaccountedWh),
    surplusWh: wh(surplusWh),
    boundWh: wh(boundWh),
    lossAllowanceWh: wh(lossAllowanceWh),
    unmeasured,
  };
}

/** A BAD value was counted, rightly or wrongly; an ESTIMATED one was not, and keeps no class. */
function isMeasured(quality: QualifiedTotal['quality']): boolean {
  return quality === 'OK' || quality === 'BAD';
}

/** Registers of a meter that a balance reads, each of which shows whole Wh. */
const registersOfMeter = 2n;

function errorWh({ meter, total }: MeteredTotal): bigint {
  const countedWh = total.importWh + total.exportWh;
  return mulDivCeil(countedWh, accuracyPpm(meter.accuracyClass), ppmWhole) + registersOfMeter;
}

function sumWh(totals: readonly MeteredTotal[], field: 'importWh' | 'exportWh'): Wh {
  return wh(sum(totals.map(({ total }) => total[field])));
}
