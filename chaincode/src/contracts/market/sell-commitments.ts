import {
  connectionAssetId,
  connectionCapacity,
  daysOf,
  present,
  reserveSealed,
  saleCommitments,
  type OrderContent,
  type OrderId,
  type Participant,
  type ParticipantFills,
  type Session,
  type Slot,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { loadBook, loadOpenBook, saveOpenBook, saveSealedBook } from '../../store/commitment-store';
import { loadOrders, orderContents, orderSets } from '../../store/market/market-store';

/** The days of a session, where its rule set keeps the book; otherwise none, and nothing is read or written. */
function bookedDays(session: Session): readonly Slot[] {
  return session.ruleSet.commitments === true ? daysOf(session) : [];
}

/** Reserves, under seal, what the orders of a participant sell; refuses what its connection has promised already. */
export async function reserveOrders(
  context: GridContext,
  session: Session,
  { connectionLimitW, participantId }: Pick<Participant, 'connectionLimitW' | 'participantId'>,
  contents: readonly OrderContent[],
): Promise<void> {
  const days = bookedDays(session);
  if (days.length === 0) {
    return;
  }
  const assetId = connectionAssetId(participantId);
  const book = await loadBook(context.session, assetId, days);
  const capacity = connectionCapacity(connectionLimitW);
  const sealed = reserveSealed(book, saleCommitments(session, contents), capacity, participantId);
  saveSealedBook(context.session, assetId, days, sealed);
}

/** Releases what withdrawn orders had reserved: reserves what the participant's other orders sell. */
export async function releaseWithdrawn(
  context: GridContext,
  session: Session,
  participant: Participant,
  withdrawnIds: readonly OrderId[],
): Promise<void> {
  if (bookedDays(session).length === 0) {
    return;
  }
  const { session: store } = context;
  const { sessionId } = session;
  const set = present(await orderSets.load(store, sessionId, participant.participantId), 'Who has orders has a set.');
  const orderIds = set.orderIds.filter((orderId) => !withdrawnIds.includes(orderId));
  const left = (await loadOrders(store, sessionId, orderIds)).filter((order) => order?.status.kind === 'sealed');
  const contents = await Promise.all(
    left.map((order) => orderContents.load(store, sessionId, present(order, 'It is sealed.').orderId)),
  );
  await reserveOrders(
    context,
    session,
    { participantId: participant.participantId, connectionLimitW: set.connectionLimitW },
    contents.filter((content) => content !== undefined),
  );
}

/** Books what the fills of some participants sell on the channel, which ends what their orders had reserved under seal. */
export async function bookFills(
  context: GridContext,
  session: Session,
  entries: readonly ParticipantFills[],
): Promise<void> {
  const days = bookedDays(session);
  if (days.length === 0) {
    return;
  }
  for (const { fills, participantId } of entries) {
    const assetId = connectionAssetId(participantId);
    const book = await loadOpenBook(context.session, assetId, days);
    saveOpenBook(context.session, assetId, days, [...book, ...saleCommitments(session, fills)]);
  }
}
