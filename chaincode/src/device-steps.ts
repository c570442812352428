import { statusAfter, type AssetId, type FactType, type LifeCycleStep, type MeterId } from '@flexledger/domain';
import type { GridContext } from './grid-context';
import { found } from './store/found';
import { assets, meters } from './store/registry-store';

const meterFacts = {
  commission: 'MetersCommissioned',
  freeze: 'MetersFrozen',
  unfreeze: 'MetersUnfrozen',
  retire: 'MetersRetired',
} as const satisfies Record<LifeCycleStep, FactType>;

const assetFacts = {
  commission: 'AssetsCommissioned',
  freeze: 'AssetsFrozen',
  unfreeze: 'AssetsUnfrozen',
  retire: 'AssetsRetired',
} as const satisfies Record<LifeCycleStep, FactType>;

/** Has meters take a step of their lives, one after the other; one that may not refuses all. Answers how many there were. */
export async function stepMeters(
  context: GridContext,
  meterIds: readonly MeterId[],
  step: LifeCycleStep,
  reason: string,
): Promise<number> {
  const { session } = context;
  for (const meterId of meterIds) {
    const meter = found(await meters.load(session, meterId), 'METER_UNKNOWN', { meterId });
    const status = statusAfter('METER', meter.status, step, { meterId });
    meters.save(session, { ...meter, status }, meterId);
  }
  context.record({ type: meterFacts[step], meterIds, reason });
  return meterIds.length;
}

/** Has assets take a step of their lives, as meters do. */
export async function stepAssets(
  context: GridContext,
  assetIds: readonly AssetId[],
  step: LifeCycleStep,
  reason: string,
): Promise<number> {
  const { session } = context;
  for (const assetId of assetIds) {
    const asset = found(await assets.load(session, assetId), 'ASSET_UNKNOWN', { assetId });
    const status = statusAfter('ASSET', asset.status, step, { assetId });
    assets.save(session, { ...asset, status }, assetId);
  }
  context.record({ type: assetFacts[step], assetIds, reason });
  return assetIds.length;
}
