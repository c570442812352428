import { compareText } from '../canonical';
import { demand } from '../errors';
import type { ParticipantId, SessionId } from '../ids';
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
  demandAnchor(session);
  const sessionEnd = session.firstSlot + session.intervals * session.intervalSlots;
  const inside = asked.fromSlot >= session.firstSlot && asked.fromSlot + asked.intervals <= sessionEnd;
  demand(inside, 'ACCOUNTS_INTERVAL_OUTSIDE', { fromSlot: asked.fromSlot, intervals: asked.intervals });
  demand(asked.bucket < clearing.bucketFirsts.length, 'ACCOUNTS_BUCKET_UNKNOWN', { bucket: asked.bucket });
  demandFirstRun(asked.run);
  return clearing;
}

/**
 * Refuses a session whose trades are settled with another one's: quarter hours are settled with their day-ahead session, whose buckets
 * name the participants and whose reserve covers deviations.
 */
export function demandAnchor({ kind, sessionId }: Session): void {
  demand(kind === 'day-ahead', 'ACCOUNTS_SESSION_NOT_ANCHOR', { sessionId });
}

/** Refuses a trade in slots that no day-ahead session trades in which the participant has placed orders. */
export function demandInDayAhead(
  participantId: ParticipantId,
  slots: readonly Slot[],
  placed: readonly Session[],
): void {
  const open = slots.find(
    (slot) => !placed.some((one) => slot >= one.firstSlot && slot < one.firstSlot + one.intervals * one.intervalSlots),
  );
  demand(open === undefined, 'MARKET_NOT_IN_DAY_AHEAD', { participantId, slot: open ?? 0 });
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

/** Another session that trades a slot, as far as settlement needs it. */
export interface TradingSession {
  readonly sessionId: SessionId;
  readonly state: Session['state'] | undefined;
}

/** Refuses to settle while a session that trades the slots has not been applied: its positions would be missing for good. */
export function demandPositionsFinal(sessions: readonly TradingSession[]): void {
  const open = sessions.find((session) => session.state !== 'APPLIED');
  demand(open === undefined, 'ACCOUNTS_POSITIONS_OPEN', { sessionId: open?.sessionId ?? '' });
}
