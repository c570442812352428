import { demand } from '../errors';
import { limits } from '../limits';
import { addSlots } from '../time';
import type { Gap, MeterHead } from './types';

/** What a gap is judged by. */
export interface GapContext {
  readonly head: MeterHead;
  /** Whether the slot after the gap's last one has begun on the ledger clock. */
  readonly hasEnded: boolean;
}

/**
 * The meter's head after a gap that its operator states. A gap of 1 to 672 slots begins where the last block ended and has itself
 * ended: without it the chain of a meter that was dead for a while could never go on.
 */
export function acceptGap(gap: Pick<Gap, 'meterId' | 'fromSlot' | 'toSlot'>, context: GapContext): MeterHead {
  const { meterId, fromSlot, toSlot } = gap;
  const slots = toSlot - fromSlot + 1;
  demand(slots >= 1 && slots <= limits.slotsPerGapMax, 'GAP_RANGE', { fromSlot, toSlot });
  const { head } = context;
  demand(fromSlot === head.nextSlot, 'GAP_NOT_CONTIGUOUS', { meterId, expected: head.nextSlot });
  demand(context.hasEnded, 'GAP_NOT_ENDED', { toSlot });
  return { ...head, nextSlot: addSlots(toSlot, 1) };
}
