import {
  bucketOf,
  chunkOf,
  present,
  rowCodec,
  rentWeightsCodec,
  type ParticipantId,
  type PostingSet,
  type RentMember,
  type Session,
  type SessionId,
} from '@flexledger/domain';
import { loadPosting, statements } from './account-store';
import { found } from '../found';
import { keys } from '../keys';
import { clearingChunks, clearings } from '../market/market-store';
import { participants } from '../registry/registry-store';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';
import { loadBucket } from './settlement-store';

/** By what the rent of a session is shared, bucket by bucket. */
export const rentWeightRows = new RowKeeper(rowCodec(rentWeightsCodec), keys.rentWeights);

/** The run whose statements tell what was consumed: the only one that is open. */
const run = 1;

/** The participants of a bucket with what the weight of each is made from; all these rows are written once, but for suspensions. */
export async function loadRentMembers(
  store: StoreSession,
  session: Session,
  bucket: number,
): Promise<readonly RentMember[]> {
  const { participantIds } = await loadBucket(store, session, bucket);
  return Promise.all(participantIds.map((id, place) => loadRentMember(store, session, id, chunkOf(bucket, place))));
}

async function loadRentMember(
  store: StoreSession,
  { ruleSet, sessionId }: Session,
  participantId: ParticipantId,
  chunk: number,
): Promise<RentMember> {
  const [participant, row] = await Promise.all([
    participants.load(store, participantId),
    clearingChunks.load(store, sessionId, chunk),
  ]);
  const { kind } = present(participant, 'Who trades is registered.');
  const own = row?.participants.find((entry) => entry.participantId === participantId);
  const isSupplier = kind === 'supplier';
  const asksForMeters = ruleSet.rentShare === 'consumed' && !isSupplier;
  const statement = asksForMeters
    ? found(await statements.load(store, sessionId, run, participantId), 'ACCOUNTS_STATEMENT_UNKNOWN', {
        sessionId,
        run,
        participantId,
      })
    : undefined;
  return {
    participantId,
    isSupplier,
    fills: present(own, 'Who is settled stands in a chunk.').fills,
    importWh: statement?.totals.importWh,
  };
}

/** The posting set that gave a participant's bucket its part of the rent of a session, or undefined. */
export async function loadRentPosting(
  store: StoreSession,
  sessionId: SessionId,
  participantId: ParticipantId,
): Promise<PostingSet | undefined> {
  const clearing = await clearings.load(store, sessionId);
  const bucket = clearing === undefined ? -1 : bucketOf(clearing, participantId);
  return bucket < 0 ? undefined : loadPosting(store, { kind: 'rent', sessionId, bucket });
}
