import { commitmentParts, daysOf, type BookedCommitment } from '../../commitments/book';
import { demand } from '../../errors';
import type { AssetId, PromiseId } from '../../ids';
import { addSlots, type Slot } from '../../time';
import type { Prequalification, TestShare } from './rows';

/** The days in whose books a test stands, and those of the hour that it is measured against. */
export function testDays({ firstSlot, referenceSlots, slots }: Prequalification): readonly Slot[] {
  return daysOf({
    firstSlot: addSlots(firstSlot, -referenceSlots),
    intervalSlots: 1,
    intervals: referenceSlots + slots,
  });
}

/** What an asset promises for a test in its book: the asked power in each quarter hour, to nobody by name, so that nothing displaces it. */
export function testPromise(
  { direction, firstSlot, slots, testId }: Prequalification,
  { powerW }: TestShare,
  priority: { readonly name: string; readonly rank: number },
): readonly BookedCommitment[] {
  return commitmentParts({
    promiseId: testId as string as PromiseId,
    purpose: 'vpp',
    priorityClass: priority.name,
    rank: priority.rank,
    direction: direction === 'down' ? 'down' : 'up',
    firstSlot,
    intervalSlots: 1,
    powersW: Array.from({ length: slots }, () => powerW),
  });
}

/** Refuses a test of an asset that is promised to others in one of its quarter hours, or in the hour before (VPP_TEST_PROMISED). */
export function demandUnpromised(
  { firstSlot, referenceSlots, slots }: Prequalification,
  assetId: AssetId,
  book: readonly BookedCommitment[],
): void {
  const from = addSlots(firstSlot, -referenceSlots);
  const end = addSlots(firstSlot, slots);
  const promised = book.some((entry) =>
    entry.powersW.some((powerW, index) => {
      const first = entry.firstSlot + index * entry.intervalSlots;
      return powerW > 0n && first < end && first + entry.intervalSlots > from;
    }),
  );
  demand(!promised, 'VPP_TEST_PROMISED', { assetId });
}
