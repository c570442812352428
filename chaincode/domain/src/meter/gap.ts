import { demand } from '../errors';
import { limits } from '../limits';
import { addSlots, type Slot } from '../time';
import { slotAfterBlock } from './accept-block';
import type { Gap, Reading } from './types';

/** What a gap is judged by. */
export interface GapContext {
  /** The slot in which the meter's first block begins. */
  readonly firstSlot: Slot;
  /** The meter's blocks that have a quarter hour in the day before the gap, or in it, in order of time. */
  readonly readings: readonly Reading[];
  /** The meter's gaps that begin in the week before the gap, or in it, in order of time. */
  readonly gaps: readonly Gap[];
  /** Whether the slot after the gap's last one has begun on the ledger clock. */
  readonly hasEnded: boolean;
}

/**
 * A gap that the operator states. A gap of 1 to 672 slots begins where the last block (or the gap behind it) ended and has itself
 * ended: without it the chain of a meter that was dead for a while could never go on. A meter that still sends blocks for these slots
 * wins, for as long as its chain has not gone on behind the gap.
 */
export function acceptGap(gap: Omit<Gap, 'afterSequence'>, context: GapContext): Gap {
  const { meterId, fromSlot, toSlot } = gap;
  const slots = toSlot - fromSlot + 1;
  demand(slots >= 1 && slots <= limits.slotsPerGapMax, 'GAP_RANGE', { fromSlot, toSlot });
  const lastReading = context.readings.at(-1);
  const lastGap = context.gaps.at(-1);
  const readingEnd = lastReading === undefined ? context.firstSlot : slotAfterBlock(lastReading);
  const gapEnd = lastGap === undefined ? context.firstSlot : addSlots(lastGap.toSlot, 1);
  const expected = readingEnd >= gapEnd ? readingEnd : gapEnd;
  demand(fromSlot === expected, 'GAP_NOT_CONTIGUOUS', { meterId, expected });
  demand(context.hasEnded, 'GAP_NOT_ENDED', { toSlot });
  const afterSequence = (readingEnd >= gapEnd ? lastReading?.sequence : lastGap?.afterSequence) ?? 0;
  return { ...gap, afterSequence };
}
