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
import { clearings, orderSets } from '../market/market-store';
import { loadPositions } from '../market/position-store';
import type { StoreSession } from '../session';
import { loadSettlement } from './settlement-store';

/** Loads the settlements of a bucket in every slot of a session, in time order, each bucket once. */
export type SettledBuckets = (bucket: number) => Promise<readonly PostingSet[]>;

/** A loader of the buckets of one session and run; all statements of a transaction share it, as the rows are large. */
export function settledBuckets(store: StoreSession, session: Session, run: number): SettledBuckets {
  const loaded = new Map<number, Promise<readonly PostingSet[]>>();
  return (bucket) => {
    const sets = loaded.get(bucket) ?? loadSets(store, session, run, bucket);
    loaded.set(bucket, sets);
    return sets;
  };
}

/** Everything that the statement of a participant is made from; refuses where it did not take part or a slot is not settled. */
export async function loadStatementInput(
  store: StoreSession,
  session: Session,
  clearing: Clearing,
  run: number,
  participantId: ParticipantId,
  settled: SettledBuckets,
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
    sets: await settled(bucket),
    otherSets: await loadOtherSets(session, clearing, participantId, settled),
    positions: await loadPositions(store, session, participantId, intervals),
  };
}

/** True where the first run has settled every quarter hour of a session for all that traded in it; for evaluates. */
export async function isSettled(store: StoreSession, session: Session): Promise<boolean> {
  const clearing = session.state === 'APPLIED' ? await clearings.load(store, session.sessionId) : undefined;
  if (clearing === undefined) {
    return false;
  }
  for (const bucket of clearing.bucketFirsts.keys()) {
    const scope = { session, run: 1, bucket };
    const sets = await Promise.all(sessionSlots(session).map((slot) => loadSettlement(store, scope, slot)));
    if (sets.includes(undefined)) {
      return false;
    }
  }
  return true;
}

async function loadSets(
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
  session: Session,
  clearing: Clearing,
  participantId: ParticipantId,
  settled: SettledBuckets,
): Promise<readonly PostingSet[]> {
  if (session.ruleSet.balancingParticipantId !== participantId) {
    return [];
  }
  const own = bucketOf(clearing, participantId);
  const others = [...clearing.bucketFirsts.keys()].filter((bucket) => bucket !== own);
  return (await Promise.all(others.map((bucket) => settled(bucket)))).flat();
}
