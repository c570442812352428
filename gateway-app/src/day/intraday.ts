import { deriveId } from '../agents/seed';
import type { StepArguments } from '../roles/protocol';
import { HOURS_PER_DAY, SLOTS_PER_DAY, SLOTS_PER_HOUR, type DayPlan } from './plan';

/** Quarter hours of an interval of an intraday session, and intervals of one that begins four hours before midnight or earlier. */
export const INTRADAY_INTERVAL_SLOTS = 2;
const INTERVALS_MAX = 8;

/** The intraday sessions of the day, each by the hours of the delivery day that have been measured when it opens. */
export const intradayHours: readonly number[] = Array.from({ length: HOURS_PER_DAY }, (_, hour) => hour);

/** An intraday session of the played day; its slots are quarter hours since 1970 UTC. */
export interface IntradaySession {
  /** The slot that has begun when it opens: all before it is measured. */
  readonly nowSlot: number;
  readonly gateCloseSlot: number;
  readonly publishDeadlineSlot: number;
  readonly firstSlot: number;
  readonly intervals: number;
}

/**
 * The session that opens after so many hours of the day, as soon as their readings are in. Its gate closes a quarter of an hour
 * later, and another quarter of an hour later its 8 half hours begin, or those that are left of the day.
 */
export function intradaySession({ deliverySlot }: DayPlan, hour: number): IntradaySession {
  if (!intradayHours.includes(hour)) throw new RangeError(`no intraday session opens after ${hour} hours`);
  const nowSlot = deliverySlot + hour * SLOTS_PER_HOUR;
  const firstSlot = nowSlot + 2;
  const left = (deliverySlot + SLOTS_PER_DAY - firstSlot) / INTRADAY_INTERVAL_SLOTS;
  return {
    nowSlot,
    gateCloseSlot: nowSlot + 1,
    publishDeadlineSlot: firstSlot,
    firstSlot,
    intervals: Math.min(INTERVALS_MAX, left),
  };
}

/** A session's id, and what the labels of its commands begin with. */
export interface SessionNames {
  readonly sessionId: string;
  readonly label: string;
  readonly ordersLabel: string;
}

/** The intraday session of the argument `hour`, or without it the day-ahead session. */
export function sessionNames({ seed, sessionId }: DayPlan, { hour }: StepArguments): SessionNames {
  if (typeof hour !== 'number') return { sessionId, label: 'session', ordersLabel: 'orders' };
  const label = `intraday/${hour}`;
  return { sessionId: deriveId(seed, `session/${label}`), label, ordersLabel: `${label}/orders` };
}
