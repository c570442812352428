import {
  assetBandsCodec,
  assetMandatesCodec,
  deliverySamplesCodec,
  mandatedAssetCodec,
  mandatesWith,
  mandatesWithout,
  rowCodec,
  technicalDataCodec,
  vppMandateCodec,
  withSamples,
  type AssetId,
  type DeliverySample,
  type DeliverySamples,
  type TechnicalData,
  type VppMandate,
} from '@flexledger/domain';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';
import { vppKeys } from './asset-keys';

const dataRow = rowCodec(technicalDataCodec);
/** The technical data in force: only the owner's commands write them. */
export const technicalData = new RowKeeper(dataRow, vppKeys.technicalData);
/** The versions of technical data, each written once. */
export const technicalVersions = new RowKeeper(dataRow, vppKeys.technicalVersion);
/** Mandates: granted, and revoked once at most. */
export const mandates = new RowKeeper(rowCodec(vppMandateCodec), vppKeys.mandate);
/** One row for each asset, so that two mandates for it meet. */
export const assetMandates = new RowKeeper(rowCodec(assetMandatesCodec), vppKeys.assetMandates);
export const mandatedAssets = new RowKeeper(rowCodec(mandatedAssetCodec), vppKeys.mandatedAsset);
/** The bands of assets as an oracle filed them last. */
export const assetBands = new RowKeeper(rowCodec(assetBandsCodec), vppKeys.bands);
const samples = new RowKeeper(rowCodec(deliverySamplesCodec), vppKeys.deliverySamples);

/** Writes the next version of technical data. */
export function saveTechnicalData(store: StoreSession, data: TechnicalData): void {
  technicalData.save(store, data, data.assetId);
  technicalVersions.save(store, data, data.assetId, data.version);
}

/** Writes a mandate that was granted, and by what its assets are found. */
export async function saveMandate(store: StoreSession, mandate: VppMandate): Promise<void> {
  const { aggregatorId, assetIds, mandateId } = mandate;
  mandates.save(store, mandate, mandateId);
  for (const assetId of assetIds) {
    assetMandates.save(store, mandatesWith(await assetMandates.load(store, assetId), mandate), assetId);
    mandatedAssets.save(store, { assetId, mandateId }, aggregatorId, assetId);
  }
}

/** Writes a mandate that was revoked, and that others may have its assets from then on. */
export async function saveRevokedMandate(store: StoreSession, mandate: VppMandate): Promise<void> {
  mandates.save(store, mandate, mandate.mandateId);
  for (const assetId of mandate.assetIds) {
    assetMandates.save(store, mandatesWithout(await assetMandates.load(store, assetId), mandate), assetId);
  }
}

/** The mandates of an asset that stand at some time, whole; a revoked one as it was. */
export async function loadMandatesOf(store: StoreSession, assetId: AssetId): Promise<readonly VppMandate[]> {
  const row = await assetMandates.load(store, assetId);
  const known = await Promise.all((row?.mandates ?? []).map(({ mandateId }) => mandates.load(store, mandateId)));
  return known.filter((mandate) => mandate !== undefined);
}

/** What an asset has delivered last; nothing where it was never asked. */
export async function loadSamples(store: StoreSession, assetId: AssetId): Promise<DeliverySamples> {
  return (await samples.load(store, assetId)) ?? { samples: [] };
}

/** Adds what an asset has delivered to what its bands take its reliability from. */
export async function addSamples(
  store: StoreSession,
  assetId: AssetId,
  added: readonly DeliverySample[],
): Promise<void> {
  if (added.length > 0) {
    samples.save(store, withSamples(await loadSamples(store, assetId), added), assetId);
  }
}

/** The rows of some assets, as far as there are any. */
export async function rowsByAsset<T>(
  assetIds: readonly AssetId[],
  load: (assetId: AssetId) => Promise<T | undefined>,
): Promise<ReadonlyMap<AssetId, T>> {
  const rows = await Promise.all([...new Set(assetIds)].map(async (id) => [id, await load(id)] as const));
  return new Map(rows.flatMap(([id, row]) => (row === undefined ? [] : [[id, row] as const])));
}
