import {
  bandDirectionsOf,
  caseSpan,
  daysOf,
  demand,
  endedServiceRequest,
  isPrequalified,
  knownServiceRequest,
  limits,
  type AssetId,
  type CoalitionAssetKnown,
  type MandatedAsset,
  type ParticipantId,
  type CoalitionRequestKnown,
  type ServiceRequestId,
  type Slot,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { loadOpenBook } from '../../store/commitment-store';
import { vppPrefixes } from '../../store/vpp-asset-keys';
import { assetBands, loadMandatesOf, loadSamples, mandatedAssets, technicalData } from '../../store/vpp-asset-store';
import { loadPrequalification, loadServiceOf, serviceRequests } from '../../store/vpp-service-store';

/** What the ledger knows for a choice of coalitions: the requests, each open, and all assets that are mandated to the aggregator. */
export async function loadCoalitionKnown(
  context: GridContext,
  aggregatorId: ParticipantId,
  requestIds: readonly ServiceRequestId[],
): Promise<{ readonly requests: readonly CoalitionRequestKnown[]; readonly assets: readonly CoalitionAssetKnown[] }> {
  const { session } = context;
  const requests = await Promise.all(
    requestIds.map(async (requestId): Promise<CoalitionRequestKnown> => {
      const request = knownServiceRequest(await serviceRequests.load(session, requestId), requestId);
      endedServiceRequest(request, 'SERVED');
      return { request, product: await loadServiceOf(session, request) };
    }),
  );
  const { firstSlot, stepSlots, steps } = caseSpan(requests.map(({ request }) => request));
  const days = daysOf({ firstSlot, intervalSlots: stepSlots, intervals: steps });
  const mandated = await mandatedAssets.list(session, vppPrefixes.mandatedAssets(aggregatorId));
  demand(mandated.length <= limits.coalitionAssetsMax, 'VPP_CASE_ASSETS', { assetsMax: limits.coalitionAssetsMax });
  const assets = await Promise.all(mandated.map((row) => loadAsset(context, aggregatorId, row, { requests, days })));
  return { requests, assets: assets.filter((asset) => asset !== undefined) };
}

/** What is known of an asset; undefined where its owner has filed no data or no oracle its bands, since it then serves nothing. */
async function loadAsset(
  { session }: GridContext,
  aggregatorId: ParticipantId,
  { assetId }: MandatedAsset,
  { days, requests }: { readonly requests: readonly CoalitionRequestKnown[]; readonly days: readonly Slot[] },
): Promise<CoalitionAssetKnown | undefined> {
  const [data, bands] = await Promise.all([technicalData.load(session, assetId), assetBands.load(session, assetId)]);
  if (data === undefined || bands?.dataVersion !== data.version) {
    return undefined;
  }
  const qualified = await Promise.all(
    requests.map(async ({ product, request }) => {
      const passed = !product.prequalification || (await hasPassed(session, assetId, aggregatorId, request));
      return passed ? [request.requestId] : [];
    }),
  );
  return {
    data,
    bands,
    mandates: await loadMandatesOf(session, assetId),
    book: await loadOpenBook(session, assetId, days),
    samples: (await loadSamples(session, assetId)).samples,
    qualifiedFor: new Set<string>(qualified.flat()),
  };
}

/** Whether an asset has passed the tests of a kind of service, alone or in its aggregator's pool, in all directions of a request. */
async function hasPassed(
  session: GridContext['session'],
  assetId: AssetId,
  aggregatorId: ParticipantId,
  { direction, kind }: CoalitionRequestKnown['request'],
): Promise<boolean> {
  const poolId = aggregatorId as string as AssetId;
  const passed = await Promise.all(
    bandDirectionsOf(direction).map(async (each) => {
      const own = await loadPrequalification(session, assetId, kind, each);
      return isPrequalified(assetId, own, await loadPrequalification(session, poolId, kind, each));
    }),
  );
  return passed.every((one) => one);
}
