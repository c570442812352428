import {
  bandDirectionsOf,
  caseSpan,
  daysOf,
  demand,
  endedServiceRequest,
  knownServiceRequest,
  least,
  limits,
  testedPowerW,
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
import { vppPrefixes } from '../../store/vpp/asset-keys';
import { assetBands, loadMandatesOf, loadSamples, mandatedAssets, technicalData } from '../../store/vpp/asset-store';
import { loadPrequalification, loadServiceOf, serviceRequests } from '../../store/vpp/service-store';

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
      const testedW = product.prequalification ? await loadTestedW(session, assetId, aggregatorId, request) : undefined;
      const isAble = !product.prequalification || testedW !== undefined;
      return isAble ? [[request.requestId, testedW] as const] : [];
    }),
  );
  return {
    data,
    bands,
    mandates: await loadMandatesOf(session, assetId),
    book: await loadOpenBook(session, assetId, days),
    samples: (await loadSamples(session, assetId)).samples,
    qualifiedFor: new Map<string, bigint | undefined>(qualified.flat()),
  };
}

/**
 * How much an asset was tested with for a kind of service, alone or in its aggregator's pool, in each direction of a request; undefined where it has
 * not passed in one of them.
 */
export async function loadTestedW(
  session: GridContext['session'],
  assetId: AssetId,
  aggregatorId: ParticipantId,
  { direction, kind }: Pick<CoalitionRequestKnown['request'], 'direction' | 'kind'>,
): Promise<bigint | undefined> {
  const poolId = aggregatorId as string as AssetId;
  const tested = await Promise.all(
    bandDirectionsOf(direction).map(async (each) => {
      const own = await loadPrequalification(session, assetId, kind, each);
      return testedPowerW(assetId, own, await loadPrequalification(session, poolId, kind, each));
    }),
  );
  const passed = tested.filter((powerW) => powerW !== undefined);
  return passed.length < tested.length ? undefined : passed.reduce((lowest, powerW) => least(lowest, powerW));
}
