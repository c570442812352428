import { evaluateBaseline, type EvaluatedBaseline } from '../baseline/evaluate';
import { isWindowGamed } from '../baseline/bad-faith';
import type { FrozenBaseline } from '../baseline/frozen';
import { netWhOf } from '../baseline/net-energy';
import { windowIntervals, type BaselineReading, type BaselineReadings } from '../baseline/readings';
import { ispsOfEvent } from '../event/plan';
import type { FlexEvent } from '../event/rows';
import { addSlots, slot, type Slot } from '../../time';
import type { Ppm } from '../../units';
import { completeEvent, type ReboundSlot } from './complete';
import type { Performance } from './rows';
import { trackSlot, type MeterTotal } from './track';

/** What the meters of an event tell, slot by slot. */
export interface EventReadings extends BaselineReadings {
  /** What each meter that was registered by then told of a slot. */
  totalsAt(at: Slot): readonly MeterTotal[];
}

/** What the meters of an event told of a slot together; undefined where one of them is silent. */
export function baselineReadingOf(totals: readonly MeterTotal[]): BaselineReading | undefined {
  if (totals.length === 0 || totals.some(({ quality }) => quality === 'MISSING')) {
    return undefined;
  }
  return {
    netWh: totals.reduce((total, one) => total + netWhOf(one), 0n),
    isMeasured: totals.every(({ quality }) => quality === 'OK'),
  };
}

/** An event that was signalled. */
export type SignalledEvent = FlexEvent & { readonly baseline: FrozenBaseline };

/** What an event is measured by. */
export interface EventMeasured {
  readonly event: SignalledEvent;
  /** The tolerance of its programme. */
  readonly tolerancePpm: Ppm;
  readonly readings: EventReadings;
}

/** From which slot to which one readings are read to measure an event up to a slot. */
export function trackedSpan(
  { baseline, firstSlot }: SignalledEvent,
  toSlot: Slot,
): { readonly fromSlot: Slot; readonly toSlot: Slot } {
  const firstRead = Math.min(firstSlot, baseline.adjustmentWindow?.firstSlot ?? firstSlot);
  // The hours of the day itself from which some baselines are made lie within this day as well.
  return { fromSlot: slot(Math.max(0, firstRead - 16)), toSlot: slot(Math.max(toSlot, baseline.completeSlot - 1)) };
}

/** The slot after everything that is measured of an event, its rebound included. */
export function measuredEnd({ lastSlot, reboundBaseline }: FlexEvent): Slot {
  return addSlots(lastSlot, 1 + (reboundBaseline?.intervals ?? 0));
}

/** What a prosumer did in a slot of its event. */
export function measureSlot(measured: EventMeasured, at: Slot): Performance {
  return lineOf(measured, evaluateBaseline(measured.event.baseline, measured.readings), at);
}

/** An event measured as a whole, with its lines. */
export function measureWhole(measured: EventMeasured): {
  readonly event: FlexEvent;
  readonly lines: readonly Performance[];
} {
  const { event, readings } = measured;
  const { baseline, reboundBaseline } = event;
  const evaluated = evaluateBaseline(baseline, readings);
  const isps = ispsOfEvent(event);
  const [first] = isps;
  const isGamed = evaluated !== undefined && first !== undefined && isWindowGamed(baseline, evaluated, first.direction);
  const rebound = reboundBaseline === undefined ? undefined : reboundSlots(reboundBaseline, readings);
  const lines = isps.map((isp) => lineOf(measured, evaluated, isp.slot));
  return { event: completeEvent(event, { lines, rebound, isWindowGamed: isGamed }), lines };
}

/** Without a whole baseline nothing is measured: the same as a meter that is silent. */
function lineOf(
  { event, readings, tolerancePpm }: EventMeasured,
  evaluated: EvaluatedBaseline | undefined,
  at: Slot,
): Performance {
  const expected = evaluated?.intervals.find((interval) => interval.slot === at);
  const totals = expected === undefined ? [] : readings.totalsAt(at);
  return trackSlot({ event, slot: at, totals, baselineWh: expected?.netWh ?? 0n, tolerancePpm });
}

function reboundSlots(baseline: FrozenBaseline, readings: EventReadings): readonly ReboundSlot[] {
  const { firstSlot, intervals, intervalSlots, unadjusted } = baseline;
  return windowIntervals({ firstSlot, intervals, intervalSlots }).map((at, index) => ({
    slot: at,
    baselineWh: netWhOf(unadjusted[index] ?? { importWh: 0n, exportWh: 0n }),
    totals: readings.totalsAt(at),
  }));
}
