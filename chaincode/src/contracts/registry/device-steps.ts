import { demand, statusAfter, type AssetId, type FactType, type LifeCycleStep, type MeterId } from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { found } from '../../store/found';
import { assets, meterIdentities, meters, participantAssets } from '../../store/registry/registry-store';

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

/**
 * Takes the identities behind retired meters out of the collection, without reading them, so that an endorser that has lost them
 * already agrees. Answers how many meters there were.
 */
export async function purgeIdentities(
  context: GridContext,
  meterIds: readonly MeterId[],
  reason: string,
): Promise<number> {
  const { session } = context;
  for (const meterId of meterIds) {
    const { status } = found(await meters.load(session, meterId), 'METER_UNKNOWN', { meterId });
    demand(status === 'RETIRED', 'METER_NOT_RETIRED', { meterId });
    meterIdentities.purge(session, meterId);
  }
  context.record({ type: 'IdentitiesPurged', meterIds, reason });
  return meterIds.length;
}

/** Has assets take a step of their lives, as meters do; from the first one on that the rule set asks for assets, their owner's are found. */
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
    if (context.rules.ruleSet.sellerAssets !== undefined) {
      participantAssets.save(session, { assetId }, asset.participantId, assetId);
    }
  }
  context.record({ type: assetFacts[step], assetIds, reason });
  return assetIds.length;
}
