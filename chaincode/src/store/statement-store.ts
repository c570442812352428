import {
  bucketOf,
  demand,
  sessionSlots,
  type Clearing,
  type ParticipantId,
  type PostingSet,
  type Session,
  type StatementInput,
} from '@flexledger/domain';
import { orderSets } from './market-store';
import { loadPositions } from './position-store';
import type { StoreSession } from './session';
import { loadSettlement } from './settlement-store';

/** Everything that the statement of a participant is made from; refuses where it did not take part or a slot is not settled. */
export async function loadStatementInput(
  store: StoreSession,
  session: Session,
  clearing: Clearing,
  run: number,
  participantId: ParticipantId,
): Promise<StatementInput> {
  const placed = await orderSets.exists(store, session.sessionId, participantId);
  demand(placed, 'ACCOUNTS_NOT_IN_SESSION', { participantId });
  const bucket = bucketOf(clearing, participantId);
  const intervals = Array.from({ length: session.intervals }, (_, interval) => interval);
  return {
    session,
    run,
    bucket,
    participantId,
    sets: await loadSets(store, session, run, bucket),
    otherSets: await loadOtherSets(store, session, clearing, run, participantId),
    positions: await loadPositions(store, session, participantId, intervals),
  };
}

/** The settlements of one bucket in every slot of a session, in time order. */
export async function loadSets(
  store: StoreSession,
  session: Session,
  run: number,
  bucket: number,
): Promise<readonly PostingSet[]> {
  const slots = sessionSlots(session);
  const sets = await Promise.all(slots.map((slot) => loadSettlement(store, { session, run, bucket }, slot)));
  const open = sets.findIndex((set) => set === undefined);
  demand(open < 0, 'ACCOUNTS_INTERVAL_NOT_SETTLED', { slot: slots[open] ?? 0, bucket });
  return sets.filter((set) => set !== undefined);
}

/** The balancing party has postings in every bucket. */
async function loadOtherSets(
  store: StoreSession,
  session: Session,
  clearing: Clearing,
  run: number,
  participantId: ParticipantId,
): Promise<readonly PostingSet[]> {
  if (session.ruleSet.balancingParticipantId !== participantId) {
    return [];
  }
  const own = bucketOf(clearing, participantId);
  const sets: PostingSet[] = [];
  for (const bucket of clearing.bucketFirsts.keys()) {
    if (bucket !== own) {
      sets.push(...(await loadSets(store, session, run, bucket)));
    }
  }
  return sets;
}
