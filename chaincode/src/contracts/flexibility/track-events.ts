import {
  addSlots,
  completeEvent,
  demand,
  evaluateBaseline,
  isWindowGamed,
  ispsOfEvent,
  knownProgramme,
  netWhOf,
  slot,
  trackSlot,
  windowIntervals,
  type EvaluatedBaseline,
  type FlexEvent,
  type FrozenBaseline,
  type Performance,
  type Programme,
  type ReboundSlot,
  type Slot,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { hasBegun } from '../../store/clock-store';
import { loadEventReadings, type EventReadings } from '../../store/event-store';
import { programmes } from '../../store/programme-store';

/** An event with what it is measured by. */
interface Measured {
  readonly event: FlexEvent;
  readonly programme: Programme;
  readonly baseline: FrozenBaseline;
  /** Undefined where the hours that the baseline needs will not be measured any more. */
  readonly evaluated: EvaluatedBaseline | undefined;
  readonly readings: EventReadings;
}

/** What a prosumer did in a slot of its event. Refuses a slot that has not ended (FLEX_EVENT_NOT_OVER). */
export async function trackEvent(context: GridContext, event: FlexEvent, at: Slot): Promise<Performance> {
  await demandEnded(context, addSlots(at, 1));
  return lineOf(await measure(context, event, at), at);
}

/** An event measured as a whole, with its lines. Refuses one that is not over, its rebound included (FLEX_EVENT_NOT_OVER). */
export async function measureEvent(
  context: GridContext,
  event: FlexEvent,
): Promise<{ readonly event: FlexEvent; readonly lines: readonly Performance[] }> {
  const { lastSlot, reboundBaseline } = event;
  const end = addSlots(lastSlot, 1 + (reboundBaseline?.intervals ?? 0));
  await demandEnded(context, end);
  const measured = await measure(context, event, addSlots(end, -1));
  const lines = ispsOfEvent(event).map((isp) => lineOf(measured, isp.slot));
  const [first] = ispsOfEvent(event);
  const { baseline, evaluated } = measured;
  const isGamed = evaluated !== undefined && first !== undefined && isWindowGamed(baseline, evaluated, first.direction);
  const rebound = reboundBaseline === undefined ? undefined : reboundSlots(reboundBaseline, measured.readings);
  return { event: completeEvent(event, { lines, rebound, isWindowGamed: isGamed }), lines };
}

async function demandEnded({ session }: GridContext, end: Slot): Promise<void> {
  demand(await hasBegun(session, end), 'FLEX_EVENT_NOT_OVER', { slot: addSlots(end, -1) });
}

async function measure(context: GridContext, event: FlexEvent, toSlot: Slot): Promise<Measured> {
  const { session } = context;
  const { baseline, eventId, meterIds, programmeId, state } = event;
  demand(baseline !== undefined, 'FLEX_EVENT_CLOSED', { eventId, state });
  const isComplete = await hasBegun(session, baseline.completeSlot);
  demand(isComplete, 'FLEX_BASELINE_OPEN', { eventId, completeSlot: baseline.completeSlot });
  const programme = knownProgramme(await programmes.load(session, programmeId), programmeId);
  const lastRead = Math.max(toSlot, baseline.completeSlot - 1);
  const firstRead = Math.min(event.firstSlot, baseline.adjustmentWindow?.firstSlot ?? event.firstSlot);
  // The hours of the day itself from which some baselines are made lie within this day as well.
  const readings = await loadEventReadings(session, meterIds, slot(Math.max(0, firstRead - 16)), slot(lastRead));
  return { event, programme, baseline, evaluated: evaluateBaseline(baseline, readings), readings };
}

/** Without a whole baseline nothing is measured: the same as a meter that is silent. */
function lineOf({ evaluated, event, programme, readings }: Measured, at: Slot): Performance {
  const { tolerancePpm } = programme.terms;
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
