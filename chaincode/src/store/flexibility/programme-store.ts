import {
  assetPlaceCodec,
  enrolmentCodec,
  placeAfter,
  programmeCodec,
  rowCodec,
  type AssetId,
  type AssetPlace,
  type Enrolment,
} from '@flexledger/domain';
import { keys } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

/** Programmes of demand response: only their aggregator closes one. */
export const programmes = new RowKeeper(rowCodec(programmeCodec), keys.programme);
/** Who is enrolled in a programme: a small state machine that only the prosumer moves. */
export const enrolments = new RowKeeper(rowCodec(enrolmentCodec), keys.enrolment);
/** Where an asset is enrolled: one row for each asset, so that two enrolments of it meet. */
export const assetPlaces = new RowKeeper(rowCodec(assetPlaceCodec), keys.assetPlace);

/** Where some assets are enrolled, as far as they ever were. */
export async function loadAssetPlaces(
  store: StoreSession,
  assetIds: readonly AssetId[],
): Promise<ReadonlyMap<AssetId, AssetPlace>> {
  const rows = await Promise.all(assetIds.map(async (id) => [id, await assetPlaces.load(store, id)] as const));
  return new Map(rows.flatMap(([id, row]) => (row === undefined ? [] : [[id, row] as const])));
}

/** Writes an enrolment that has begun or ended, and where its assets are from now on. */
export async function saveEnrolment(store: StoreSession, enrolment: Enrolment): Promise<void> {
  const { assets, participantId, programmeId } = enrolment;
  enrolments.save(store, enrolment, programmeId, participantId);
  for (const { assetId } of assets) {
    assetPlaces.save(store, placeAfter(enrolment, await assetPlaces.load(store, assetId)), assetId);
  }
}
