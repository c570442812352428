import {
  hasGridLimits,
  busOfMember,
  demand,
  present,
  sellerAssetsOf,
  type EarlierSet,
  type Meter,
  type Order,
  type OrderContent,
  type OrderSet,
  type Participant,
  type ParticipantId,
  type Session,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { saveOrders } from './market-session';
import { prefixes } from '../../store/keys';
import { loadOrders, orderContents, orderSets } from '../../store/market/market-store';
import { demandAnchored } from '../../store/market/position-store';
import { assets, meters, participantAssets, participantMeters } from '../../store/registry/registry-store';

/** What a participant has placed in a session before, or undefined. */
export async function loadEarlierSet(
  context: GridContext,
  { sessionId }: Session,
  participantId: ParticipantId,
): Promise<EarlierSet | undefined> {
  const set = await orderSets.load(context.session, sessionId, participantId);
  return set === undefined ? undefined : { set, orders: await loadOrders(context.session, sessionId, set.orderIds) };
}

/** Where a participant stands in a session whose grid has limits; elsewhere nothing is read. */
export async function loadBus(
  context: GridContext,
  session: Session,
  participant: Participant,
  namedBus: string | undefined,
): Promise<string | undefined> {
  if (!hasGridLimits(session)) {
    return undefined;
  }
  return busOfMember(session, participant, await ownMeters(context, participant), namedBus);
}

/** What is registered of a seller, in a session whose rule set asks for that; elsewhere nothing is read. */
export async function loadSeller(
  context: GridContext,
  session: Session,
  participant: Participant,
): Promise<OrderSet['seller']> {
  if (session.ruleSet.sellerAssets === undefined) {
    return undefined;
  }
  const { session: store } = context;
  const owned = await participantAssets.list(store, prefixes.assetsOf(participant.participantId));
  const rows = await Promise.all(owned.map(({ assetId }) => assets.load(store, assetId)));
  const known = rows.map((row) => present(row, 'An asset in service is registered.'));
  return sellerAssetsOf(session, await ownMeters(context, participant), known);
}

async function ownMeters({ session: store }: GridContext, { participantId }: Participant): Promise<readonly Meter[]> {
  const owned = await participantMeters.list(store, prefixes.metersOf(participantId));
  const rows = await Promise.all(owned.map(({ meterId }) => meters.load(store, meterId)));
  return rows.map((row) => present(row, 'An owned meter is registered.'));
}

/** Refuses orders of another session than day-ahead by someone whose deviations no day-ahead session of its slots covers. */
export async function demandInDayAheadOf(
  { session: store }: GridContext,
  { firstSlot, gridId, intervals, intervalSlots, kind }: Session,
  participantId: ParticipantId,
): Promise<void> {
  if (kind !== 'day-ahead') {
    await demandAnchored(store, gridId, firstSlot, intervals * intervalSlots, participantId);
  }
}

/** Refuses orders with ids that the session has already (MARKET_ORDER_EXISTS). */
export async function demandNewOrders(context: GridContext, { sessionId }: Session, set: OrderSet): Promise<void> {
  const taken = (await loadOrders(context.session, sessionId, set.orderIds)).find((order) => order !== undefined);
  demand(taken === undefined, 'MARKET_ORDER_EXISTS', { orderId: taken?.orderId ?? '' });
}

/** Writes a set of orders: the set and the seals on the channel, what the orders say in the collection. */
export function saveOrderSet(
  context: GridContext,
  set: OrderSet,
  sealed: readonly Pick<Order, 'orderId' | 'commitment'>[],
  contents: readonly OrderContent[],
): void {
  const { participantId, sessionId } = set;
  orderSets.save(context.session, set, sessionId, participantId);
  saveOrders(
    context,
    sealed.map(({ commitment, orderId }): Order => {
      return { sessionId, orderId, participantId, commitment, status: { kind: 'sealed' } };
    }),
  );
  for (const content of contents) {
    orderContents.save(context.session, content, sessionId, content.orderId);
  }
}
