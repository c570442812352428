import {
  addSlots,
  curtailmentFundCodec,
  rowCodec,
  slotRange,
  type Limitation,
  type LimitationUse,
  type PostingSet,
  type SessionId,
  type Slot,
} from '@flexledger/domain';
import { loadPosting } from './account-store';
import { hasBegun } from '../clock-store';
import { keys } from '../keys';
import { loadAnchor } from './delivery-store';
import { clearings } from '../market/market-store';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

/** The system operator's fund; only it being paid in, limits and releases read and write the row, settlement never does. */
export const curtailmentFund = new RowKeeper(rowCodec(curtailmentFundCodec), keys.curtailmentFund);

/** The settlements of all quarter hours of a limitation: those of every bucket of the day-ahead sessions that trade them. */
export async function loadLimitationUse(store: StoreSession, limitation: Limitation): Promise<LimitationUse> {
  const { fromSlot, gridId, slots } = limitation;
  const settlements = await Promise.all(
    slotRange(fromSlot, slots).map(async (at) => {
      const session = await loadAnchor(store, gridId, at);
      return session === undefined ? [] : loadSettlements(store, session.sessionId, at);
    }),
  );
  return { allEnded: await hasBegun(store, addSlots(fromSlot, slots)), settlements: settlements.flat() };
}

async function loadSettlements(
  store: StoreSession,
  sessionId: SessionId,
  at: Slot,
): Promise<readonly (PostingSet | undefined)[]> {
  const clearing = await clearings.load(store, sessionId);
  if (clearing === undefined) return [undefined];
  return Promise.all(
    clearing.bucketFirsts.map((_, bucket) =>
      loadPosting(store, { kind: 'settlement', sessionId, run: 1, slot: at, bucket }),
    ),
  );
}
