import { compareText } from '../canonical';
import { demand } from '../errors';
import type { ParticipantId } from '../ids';
import { limits } from '../limits';
import type { Clearing, Session } from '../market/rows';
import { addSlots, type Slot } from '../time';

/** What a settlement run asks for. */
export interface SettlementAsked {
  readonly fromSlot: Slot;
  readonly intervals: number;
  readonly run: number;
  readonly bucket: number;
}

/**
 * Refuses a settlement that has no place in the session, and answers its clearing; the clock is asked afterwards, see `demandEnded`.
 */
export function acceptSettlement(session: Session, clearing: Clearing | undefined, asked: SettlementAsked): Clearing {
  demand(session.state === 'APPLIED' && clearing !== undefined, 'ACCOUNTS_CLEARING_NOT_APPLIED', {
    state: session.state,
  });
  const sessionEnd = session.firstSlot + session.intervals * session.intervalSlots;
  const inside = asked.fromSlot >= session.firstSlot && asked.fromSlot + asked.intervals <= sessionEnd;
  demand(inside, 'ACCOUNTS_INTERVAL_OUTSIDE', { fromSlot: asked.fromSlot, intervals: asked.intervals });
  demand(asked.bucket < clearing.bucketFirsts.length, 'ACCOUNTS_BUCKET_UNKNOWN', { bucket: asked.bucket });
  demandFirstRun(asked.run);
  return clearing;
}

/** Refuses every run but the first: there is no correction to settle yet. */
export function demandFirstRun(run: number): void {
  demand(run === 1, 'ACCOUNTS_RUN_REFUSED', { run });
}

/** The slot that must have begun before the asked ones are settled: they have ended then. */
export function endSlotOf(asked: Pick<SettlementAsked, 'fromSlot' | 'intervals'>): Slot {
  return addSlots(asked.fromSlot, asked.intervals);
}

/** Refuses to settle before the slots have ended on the ledger clock. */
export function demandEnded(ended: boolean, asked: Pick<SettlementAsked, 'fromSlot' | 'intervals'>): void {
  demand(ended, 'ACCOUNTS_INTERVAL_NOT_ENDED', { slot: endSlotOf(asked) });
}

/** The bucket in which a participant is settled: the last one whose first participant is not after it. */
export function bucketOf(clearing: Clearing, participantId: ParticipantId): number {
  const after = clearing.bucketFirsts.findIndex((first) => compareText(first, participantId) > 0);
  return (after === -1 ? clearing.bucketFirsts.length : after) - 1;
}

/** The chunk with which the clearing was applied to the participant at a place of a bucket. */
export function chunkOf(bucket: number, place: number): number {
  const index = bucket * limits.accountsPerBucketMax + place;
  return (index - (index % limits.participantsPerApplyMax)) / limits.participantsPerApplyMax;
}
