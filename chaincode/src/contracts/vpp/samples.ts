import type { AssetId, DeliverySample } from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { addSamples } from '../../store/vpp/asset-store';

/**
 * Adds what assets have delivered to what their bands take their reliability from, and says so: an oracle that hears it makes their bands
 * anew.
 */
export async function recordSamples(
  context: GridContext,
  samples: ReadonlyMap<AssetId, readonly DeliverySample[]>,
): Promise<void> {
  const shown = [...samples].filter(([, added]) => added.length > 0);
  for (const [assetId, added] of shown) {
    await addSamples(context.session, assetId, added);
  }
  if (shown.length > 0) {
    context.record({ type: 'DeliverySampled', assetIds: shown.map(([assetId]) => assetId) });
  }
}
