import {
  assetDutiesCodec,
  boughtCapacityCodec,
  coalitionCodec,
  coalitionMemberCodec,
  coalitionPlaceCodec,
  limits,
  present,
  rowCodec,
  servingAssetCodec,
  type Coalition,
  type CoalitionId,
  type CoalitionMember,
  type CoalitionPlanId,
  type ListAnswer,
  type ParticipantId,
  type ServiceRequestId,
} from '@flexledger/domain';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';
import { operationKeys, operationPrefixes } from './operation-keys';

/** Coalitions: small state machines that their aggregator and their buyer move in turn. */
export const coalitions = new RowKeeper(rowCodec(coalitionCodec), operationKeys.coalition);
/** Their members: each a row of its own, so that owners who answer at the same time do not meet. */
export const coalitionMembers = new RowKeeper(rowCodec(coalitionMemberCodec), operationKeys.coalitionMember);
/** What of each slice of a request has been bought. */
export const boughtCapacities = new RowKeeper(rowCodec(boughtCapacityCodec), operationKeys.boughtCapacity);
/** The assets of a participant that have duties in a day, or had some. */
export const servingAssets = new RowKeeper(rowCodec(servingAssetCodec), operationKeys.servingAsset);
/** What assets serve in a day. */
export const assetDuties = new RowKeeper(rowCodec(assetDutiesCodec), operationKeys.assetDuties);

const placeRow = rowCodec(coalitionPlaceCodec);
const planned = new RowKeeper(placeRow, operationKeys.plannedCoalition);
const coalitionsOf = new RowKeeper(placeRow, operationKeys.coalitionOf);
const coalitionsFor = new RowKeeper(placeRow, operationKeys.coalitionFor);

/** True where a coalition has been proposed from a plan for a request. */
export function isProposed(
  store: StoreSession,
  planId: CoalitionPlanId,
  requestId: ServiceRequestId,
): Promise<boolean> {
  return planned.exists(store, planId, requestId);
}

/** Writes a new coalition with its members, and the rows by which it is found. */
export function saveNewCoalition(store: StoreSession, coalition: Coalition, members: readonly CoalitionMember[]): void {
  const { aggregatorId, coalitionId, planId, requestId } = coalition;
  coalitions.save(store, coalition, coalitionId);
  planned.save(store, { coalitionId }, planId, requestId);
  coalitionsOf.save(store, { coalitionId }, aggregatorId, coalitionId);
  coalitionsFor.save(store, { coalitionId }, requestId, coalitionId);
  for (const member of members) {
    coalitionMembers.save(store, member, coalitionId, member.assetId);
  }
}

/** The members of a coalition, whose number never changes, in the order of their assets. */
export function loadMembers(store: StoreSession, coalitionId: CoalitionId): Promise<readonly CoalitionMember[]> {
  return coalitionMembers.list(store, operationPrefixes.members(coalitionId));
}

/** One page of the coalitions of an aggregator; for evaluates. */
export async function pageCoalitionsOf(
  store: StoreSession,
  aggregatorId: ParticipantId,
  after: string | undefined,
): Promise<ListAnswer<Coalition>> {
  const prefix = operationPrefixes.coalitionsOf(aggregatorId);
  const { bookmark, rows } = await coalitionsOf.page(store, prefix, limits.listRowsMax, after);
  return { rows: await loadAll(store, rows), bookmark };
}

/** One page of the coalitions for a request; for evaluates. */
export async function pageCoalitionsFor(
  store: StoreSession,
  requestId: ServiceRequestId,
  after: string | undefined,
): Promise<ListAnswer<Coalition>> {
  const prefix = operationPrefixes.coalitionsFor(requestId);
  const { bookmark, rows } = await coalitionsFor.page(store, prefix, limits.listRowsMax, after);
  return { rows: await loadAll(store, rows), bookmark };
}

async function loadAll(
  store: StoreSession,
  places: readonly { readonly coalitionId: CoalitionId }[],
): Promise<readonly Coalition[]> {
  const found = await Promise.all(places.map(({ coalitionId }) => coalitions.load(store, coalitionId)));
  return found.map((row) => present(row, 'A listed coalition exists.'));
}
