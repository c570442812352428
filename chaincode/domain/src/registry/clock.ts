import { demand } from '../errors';
import { limits } from '../limits';
import { addSlots, slotStartSeconds, type Slot } from '../time';

/** What a tick is judged by. */
export interface Tick {
  readonly fromSlot: Slot;
  readonly toSlot: Slot;
  /** The organisation that ticks. */
  readonly timekeeper: string;
  readonly timekeepers: readonly string[];
  /** The first slot that ever began; undefined before the first tick, which may start anywhere. */
  readonly clockStart: Slot | undefined;
  /** Whether the slot before fromSlot has begun. */
  readonly previousHasBegun: boolean;
  /** Whether fromSlot itself has begun. */
  readonly fromHasBegun: boolean;
  /** The transaction's own time, in seconds since 1970 UTC. */
  readonly transactionSeconds: number;
}

/**
 * Refuses a tick that is not a timekeeper's (CLOCK_NOT_TIMEKEEPER), is empty or longer than a day (CLOCK_RANGE), does not
 * continue the clock (CLOCK_NOT_CONTINUOUS) or begins a slot before its time (CLOCK_AHEAD).
 */
export function checkTick(tick: Tick): void {
  const { fromSlot, toSlot, timekeeper } = tick;
  demand(tick.timekeepers.includes(timekeeper), 'CLOCK_NOT_TIMEKEEPER', { mspId: timekeeper });
  const slots = toSlot - fromSlot + 1;
  demand(slots >= 1 && slots <= limits.slotsPerTickMax, 'CLOCK_RANGE', { fromSlot, toSlot });
  const continues = tick.clockStart === undefined || (tick.previousHasBegun && !tick.fromHasBegun);
  demand(continues, 'CLOCK_NOT_CONTINUOUS', { fromSlot });
  demand(slotStartSeconds(toSlot) <= tick.transactionSeconds, 'CLOCK_AHEAD', { toSlot });
}

/** The slot before, or the slot itself where there is none before. */
export function slotBefore(value: Slot): Slot {
  return value === 0 ? value : addSlots(value, -1);
}
