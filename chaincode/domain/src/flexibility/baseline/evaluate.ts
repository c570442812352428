import { nearestQuotient, sum } from '../../math';
import { ppmWhole } from '../../units';
import { type Slot } from '../../time';
import type { FrozenBaseline } from './frozen';
import { eventOf } from './freeze';
import { sameDayHours } from './hours';
import { netWhOf } from './net-energy';
import { windowIntervals, measuredWh, type BaselineReadings } from './readings';
import type { BaselineAdjustment } from './rule';

/** The baseline of one interval, in Wh of import less export. */
export interface BaselineInterval {
  readonly slot: Slot;
  readonly netWh: bigint;
}

/** What an adjustment compared: the sums over its window, in Wh of import less export. */
export interface AdjustmentInput {
  readonly actualWh: bigint;
  readonly unadjustedWh: bigint;
  /** Intervals of the window. */
  readonly intervals: number;
}

/** A baseline with everything in it, and what adjusted it. */
export interface EvaluatedBaseline {
  readonly intervals: readonly BaselineInterval[];
  readonly adjustment: AdjustmentInput | undefined;
}

const capPpm = { 'ratio-20': 200_000n, 'ratio-40': 400_000n } as const;

/**
 * Adds to a frozen baseline what was measured after its notice: the hours of the day itself and the window of its adjustment. Undefined
 * where one of these hours is missing or was not measured.
 */
export function evaluateBaseline(frozen: FrozenBaseline, readings: BaselineReadings): EvaluatedBaseline | undefined {
  const unadjusted = frozen.unadjusted.length > 0 ? frozen.unadjusted.map(netWhOf) : sameDayWh(frozen, readings);
  const adjustment = frozen.adjustmentWindow === undefined ? 'none' : adjustmentInput(frozen, readings);
  if (unadjusted === undefined || adjustment === undefined) {
    return undefined;
  }
  const slots = windowIntervals(eventOf(frozen));
  const intervals = unadjusted.map((energyWh, index) => ({
    slot: slots[index] ?? frozen.firstSlot,
    netWh: adjustment === 'none' ? energyWh : adjustedWh(energyWh, frozen.rule.adjustment, adjustment),
  }));
  return { intervals, adjustment: adjustment === 'none' ? undefined : adjustment };
}

/**
 * One interval of a baseline, adjusted. A ratio is the measured energy of the window over its baseline, kept from 1 − c to 1 + c; without
 * a baseline above zero in the window nothing is scaled. An addition is the mean difference of the window; it takes a baseline of a
 * load not below zero, and one of generation not below what it was. Both are rounded to the nearest Wh, halves up.
 */
export function adjustedWh(energyWh: bigint, adjustment: BaselineAdjustment, input: AdjustmentInput): bigint {
  const { actualWh, unadjustedWh, intervals } = input;
  switch (adjustment) {
    case 'none':
      return energyWh;
    case 'ratio-20':
    case 'ratio-40': {
      const [numerator, denominator] = cappedRatio(actualWh, unadjustedWh, capPpm[adjustment]);
      return nearestQuotient(energyWh * numerator, denominator);
    }
    case 'additive':
    case 'additive-3h': {
      const shifted = energyWh + nearestQuotient(actualWh - unadjustedWh, BigInt(intervals));
      const floor = energyWh < 0n ? energyWh : 0n;
      return shifted > floor ? shifted : floor;
    }
  }
}

/** actual ÷ baseline as a fraction, kept between 1 − cap and 1 + cap. */
function cappedRatio(actualWh: bigint, baselineWh: bigint, cap: bigint): readonly [bigint, bigint] {
  if (baselineWh <= 0n) {
    return [1n, 1n];
  }
  const scaled = actualWh * ppmWhole;
  if (scaled >= baselineWh * (ppmWhole + cap)) {
    return [ppmWhole + cap, ppmWhole];
  }
  return scaled <= baselineWh * (ppmWhole - cap) ? [ppmWhole - cap, ppmWhole] : [actualWh, baselineWh];
}

function adjustmentInput(frozen: FrozenBaseline, readings: BaselineReadings): AdjustmentInput | undefined {
  const { adjustmentWindow, intervalSlots } = frozen;
  if (adjustmentWindow === undefined) {
    return undefined;
  }
  const { firstSlot, unadjusted } = adjustmentWindow;
  const intervals = unadjusted.length;
  const actual = measuredWh(readings, { firstSlot, intervals, intervalSlots });
  return actual === undefined
    ? undefined
    : { actualWh: sum(actual), unadjustedWh: sum(unadjusted.map(netWhOf)), intervals };
}

/** The mean of the hours of the day itself, the same in every interval. */
function sameDayWh(frozen: FrozenBaseline, readings: BaselineReadings): readonly bigint[] | undefined {
  const windows = sameDayHours(frozen.rule.method, eventOf(frozen)).map((hours) => measuredWh(readings, hours));
  const energies: bigint[] = [];
  for (const measured of windows) {
    if (measured === undefined) {
      return undefined;
    }
    energies.push(...measured);
  }
  const meanWh = nearestQuotient(sum(energies), BigInt(energies.length));
  return Array.from({ length: frozen.intervals }, () => meanWh);
}
