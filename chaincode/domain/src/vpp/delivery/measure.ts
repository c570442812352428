import { greatest, least, sum } from '../../math';
import { ppmWhole } from '../../units';

const minutesPerHour = 60n;

/** What came of a direction in an interval or minute. */
export interface Kept {
  readonly deliveredWh: bigint;
  readonly shortfallWh: bigint;
  readonly isKept: boolean;
}

/**
 * What counts as delivered of an asked energy: how far the energy moved from the baseline in the direction asked, at most what was asked. Up to
 * the tolerance below it nothing is missing; beyond that everything that is missing is.
 *
 * @param movedWh measured minus baseline, along the direction; below zero where it went the other way
 */
export function keptOf(askedWh: bigint, movedWh: bigint, tolerancePpm: bigint): Kept {
  const deliveredWh = greatest(0n, least(askedWh, movedWh));
  const missingWh = askedWh - deliveredWh;
  const isKept = missingWh * ppmWhole <= askedWh * tolerancePpm;
  return { deliveredWh, shortfallWh: isKept ? 0n : missingWh, isKept };
}

/** One quarter hour of a pool, minute by minute. Powers are signed: above zero up (or given reactive power), below zero down. */
export interface PoolMinutes {
  /** What was due in each minute. */
  readonly askedW: readonly bigint[];
  /** What the pool gave less what it took. */
  readonly measuredNetW: readonly bigint[];
  /** What it would have given less what it would have taken, in the whole quarter hour, in Wh. */
  readonly baselineNetWh: bigint;
  readonly tolerancePpm: bigint;
}

/** What came of the minutes of a pool. */
export interface KeptMinutes {
  readonly askedWh: bigint;
  readonly deliveredWh: bigint;
  readonly shortfallWh: bigint;
  readonly due: number;
  readonly kept: number;
}

/**
 * Weighs the minutes of a pool against what was due in each: the same rule as for energies, minute by minute, so that too much in one minute never
 * makes up for too little in another. Energies are rounded at the end: asked and delivered down, so that the shortfall is their difference where
 * any minute was not kept.
 */
export function keptMinutes({ askedW, baselineNetWh, measuredNetW, tolerancePpm }: PoolMinutes): KeptMinutes {
  const minutes = askedW.map((dueW, index) => {
    // A baseline in Wh of a quarter hour is four times that in W; times fifteen minutes both stay whole numbers.
    const movedW = (measuredNetW[index] ?? 0n) - baselineNetWh * 4n;
    return {
      asked: dueW < 0n ? -dueW : dueW,
      ...keptOf(dueW < 0n ? -dueW : dueW, dueW < 0n ? -movedW : movedW, tolerancePpm),
    };
  });
  const due = minutes.filter(({ asked }) => asked > 0n);
  const askedWh = sum(due.map(({ asked }) => asked)) / minutesPerHour;
  const missing = sum(due.map(({ shortfallWh }) => shortfallWh));
  const shortfallWh = (missing + minutesPerHour - 1n) / minutesPerHour;
  return {
    askedWh,
    deliveredWh: sum(due.map(({ deliveredWh }) => deliveredWh)) / minutesPerHour,
    shortfallWh: least(askedWh, shortfallWh),
    due: due.length,
    kept: due.filter(({ isKept }) => isKept).length,
  };
}

/** What telemetry and meters tell of the same quarter hour. */
export interface Comparison {
  /** Net power by minute as it was committed. */
  readonly telemetryNetW: readonly bigint[];
  /** Net energy as the members' meters counted it, and what they counted both ways together. */
  readonly metersNetWh: bigint;
  readonly metersGrossWh: bigint;
  readonly meters: number;
  readonly tolerancePpm: bigint;
}

/**
 * True where committed telemetry is not what the members' meters counted: it differs by more than the tolerance of what they counted both ways
 * together, and a watt-hour of rounding for each meter.
 */
export function isLie({ meters, metersGrossWh, metersNetWh, telemetryNetW, tolerancePpm }: Comparison): boolean {
  const toldWh = sum(telemetryNetW);
  const difference = toldWh - metersNetWh * minutesPerHour;
  const allowed = (metersGrossWh * tolerancePpm * minutesPerHour) / ppmWhole + BigInt(meters) * minutesPerHour;
  return (difference < 0n ? -difference : difference) > allowed;
}
