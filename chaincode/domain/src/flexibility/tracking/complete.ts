import { demand } from '../../errors';
import { sum } from '../../math';
import type { Slot } from '../../time';
import { wh } from '../../units';
import { netWhOf } from '../baseline/net-energy';
import { ispsOfEvent } from '../event/plan';
import type { EventFlag, EventResult, FlexEvent } from '../event/rows';
import { reboundOf } from './delivered';
import { measurementOf, type MeterTotal } from './track';
import type { Performance } from './rows';

/** What was measured in a slot after an event, and what is expected there without it. */
export interface ReboundSlot {
  readonly slot: Slot;
  readonly baselineWh: bigint;
  readonly totals: readonly MeterTotal[];
}

/** What an event is completed from. */
export interface CompletionAsked {
  /** One for each slot in which something is ordered. */
  readonly lines: readonly Performance[];
  /** Undefined where the programme measures no rebound, or none of it can be measured. */
  readonly rebound: readonly ReboundSlot[] | undefined;
  readonly isWindowGamed: boolean;
}

/**
 * The event with what came of it. It may be completed again as long as there are better readings (then `version` goes up). Refuses one
 * that failed before it was signalled, or was declined or cancelled (FLEX_EVENT_CLOSED); whoever was bound when it failed is measured.
 */
export function completeEvent(event: FlexEvent, asked: CompletionAsked): FlexEvent {
  const { eventId, result, state } = event;
  const isMeasured = state !== 'CANCELLED' && (isExpected(event) || event.isBound === true);
  demand(isMeasured, 'FLEX_EVENT_CLOSED', { eventId, state });
  return { ...event, state: 'COMPLETED', result: resultOf(event, asked, (result?.version ?? 0) + 1) };
}

function isExpected({ state }: FlexEvent): boolean {
  return state === 'NOTIFIED' || state === 'ACKNOWLEDGED' || state === 'OPTED_IN' || state === 'COMPLETED';
}

function resultOf(event: FlexEvent, { isWindowGamed, lines, rebound }: CompletionAsked, version: number): EventResult {
  const isps = ispsOfEvent(event);
  demand(isps.length === lines.length, 'FLEX_EVENT_SLOT', { participantId: event.participantId });
  const deliveredWh = sum(lines.map((line) => line.deliveredWh));
  const unmeasured = lines.filter(({ measurement }) => measurement !== 'MEASURED');
  const flags: EventFlag[] = [];
  const flag = (holds: boolean, name: EventFlag) => {
    if (holds) flags.push(name);
  };
  flag(
    lines.some(({ measurement }) => measurement === 'SILENT'),
    'SILENT_METER',
  );
  flag(
    lines.some(({ measurement }) => measurement === 'FLAGGED'),
    'FLAGGED_READING',
  );
  flag(isWindowGamed, 'WINDOW_GAMED');
  flag(event.daysInflated === true, 'DAYS_INFLATED');
  flag(event.isBound === true && unmeasured.length === 0 && deliveredWh === 0n, 'DID_NOTHING');
  return {
    orderedWh: wh(sum(isps.map(({ energyWh }) => energyWh))),
    deliveredWh: wh(deliveredWh),
    deficiencyWh: wh(sum(lines.map((line) => line.deficiencyWh))),
    ...(rebound === undefined ? {} : { reboundWh: wh(reboundWhOf(event, rebound)) }),
    unmeasuredSlots: unmeasured.length,
    flags,
    version,
  };
}

/** What came back in the slots that are measured, against the direction of the last slot of the event. */
function reboundWhOf(event: FlexEvent, slots: readonly ReboundSlot[]): bigint {
  const direction = ispsOfEvent(event).at(-1)?.direction ?? 'reduce';
  const measured = slots.filter(({ totals }) => measurementOf(totals) === 'MEASURED');
  return sum(
    measured.map(({ baselineWh, totals }) => reboundOf({ direction, baselineWh, actualWh: sum(totals.map(netWhOf)) })),
  );
}

/** The flags for which an event is not paid, whatever it delivered: the measurement cannot be trusted (B42). */
export const unpaidFlags: readonly EventFlag[] = ['WINDOW_GAMED', 'DAYS_INFLATED'];

/** True where what an event delivered is paid. */
export function isPaid({ flags }: EventResult): boolean {
  return !flags.some((flag) => unpaidFlags.includes(flag));
}
