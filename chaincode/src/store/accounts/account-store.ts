import {
  assert,
  foldedCodec,
  limitOf,
  limitRowCodec,
  postingSetCodec,
  rowCodec,
  statementCodec,
  type Cause,
  type LimitRow,
  type ParticipantId,
  type PostingSet,
} from '@flexledger/domain';
import { keys } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

const sets = new RowKeeper(rowCodec(postingSetCodec), keys.posting);
const limitRows = new RowKeeper(rowCodec(limitRowCodec), keys.limit);

/** What was folded into a balance, so that nothing is folded twice. */
export const foldings = new RowKeeper(rowCodec(foldedCodec), keys.folded);
export const statements = new RowKeeper(rowCodec(statementCodec), keys.statement);
/** Posting sets, for lists; they are saved with `post` only. */
export const postingSets = sets;

/** Writes a posting set under its cause, once: a cause that is already posted is our own mistake. */
export async function post(session: StoreSession, set: PostingSet): Promise<void> {
  assert(!(await sets.exists(session, set.cause)), 'A cause is posted once.');
  sets.save(session, set, set.cause);
}

/** The posting set of a cause, or undefined. */
export function loadPosting(session: StoreSession, cause: Cause): Promise<PostingSet | undefined> {
  return sets.load(session, cause);
}

/** The limit row of an account; empty where it was never used. */
export async function loadLimit(session: StoreSession, participantId: ParticipantId): Promise<LimitRow> {
  return limitOf(participantId, await limitRows.load(session, participantId));
}

/** Saves what an owner can dispose of. */
export function saveLimit(session: StoreSession, limit: LimitRow): LimitRow {
  limitRows.save(session, limit, limit.participantId);
  return limit;
}
