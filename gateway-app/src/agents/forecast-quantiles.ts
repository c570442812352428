import { floorSquareRoot } from '@flexledger/domain';

/** The energy that is not exceeded with a probability of 10, 50 and 90 %, in Wh. */
export interface Quantiles {
  readonly p10: bigint;
  readonly p50: bigint;
  readonly p90: bigint;
}

/** The forecast of one meter for one interval. */
export interface QuantileForecast {
  readonly importWh: Quantiles;
  readonly exportWh: Quantiles;
}

/** What a participant takes less what it gives in one interval, by probability: below 0 it gives. low <= middle <= high. */
export interface NetQuantiles {
  readonly lowWh: bigint;
  readonly middleWh: bigint;
  readonly highWh: bigint;
}

/**
 * The net import of several meters together. The middles add up; the distances to the outer quantiles add up as independent ones
 * do, by the root of the sum of squares (rounded down): what one meter takes more does not follow from what another one does.
 */
export function netQuantilesOf(meters: readonly QuantileForecast[]): NetQuantiles {
  let [middleWh, below, above] = [0n, 0n, 0n];
  for (const { exportWh, importWh } of meters) {
    middleWh += importWh.p50 - exportWh.p50;
    below += (importWh.p50 - importWh.p10) ** 2n + (exportWh.p90 - exportWh.p50) ** 2n;
    above += (importWh.p90 - importWh.p50) ** 2n + (exportWh.p50 - exportWh.p10) ** 2n;
  }
  return { lowWh: middleWh - floorSquareRoot(below), middleWh, highWh: middleWh + floorSquareRoot(above) };
}

/** The quantiles moved by what a battery charges (above 0) or discharges (below 0). */
export function shifted({ highWh, lowWh, middleWh }: NetQuantiles, byWh: bigint): NetQuantiles {
  return { lowWh: lowWh + byWh, middleWh: middleWh + byWh, highWh: highWh + byWh };
}

/** The quantiles as far as they lie between most export and most import. */
export function clipped(net: NetQuantiles, mostImportWh: bigint, mostExportWh: bigint): NetQuantiles {
  const clip = (value: bigint): bigint => {
    if (value > mostImportWh) return mostImportWh;
    return value < -mostExportWh ? -mostExportWh : value;
  };
  return { lowWh: clip(net.lowWh), middleWh: clip(net.middleWh), highWh: clip(net.highWh) };
}
