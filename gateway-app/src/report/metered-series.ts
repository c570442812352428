import type { DayPlan } from '../day/plan';
import type { MeteredSeries } from './grid-report';

/** The readings of one meter as the system operator's app read them from the ledger. */
export interface MeterReadings {
  readonly meterId: string;
  readonly totals: readonly {
    readonly slot: number;
    readonly importWh: string;
    readonly exportWh: string;
    readonly quality: 'OK' | 'MISSING' | 'ESTIMATED' | 'BAD';
  }[];
}

/** Puts every meter's readings on its bus; a missing quarter hour is undefined. */
export function meteredSeries(plan: DayPlan, readings: readonly MeterReadings[]): MeteredSeries[] {
  return readings.map(({ meterId, totals }) => {
    const meter = plan.meters.find((candidate) => candidate.meterId === meterId);
    if (meter === undefined) throw new RangeError(`the plan has no meter ${meterId}`);
    return {
      bus: meter.unit.bus,
      quarters: totals.map(({ importWh, exportWh, quality }) =>
        quality === 'MISSING' ? undefined : { importWh: BigInt(importWh), exportWh: BigInt(exportWh) },
      ),
    };
  });
}

/** The sum of one register over all meters and quarter hours. */
export function sumOf(series: readonly MeteredSeries[], register: 'importWh' | 'exportWh'): bigint {
  let sum = 0n;
  for (const { quarters } of series) {
    for (const quarter of quarters) sum += quarter?.[register] ?? 0n;
  }
  return sum;
}
