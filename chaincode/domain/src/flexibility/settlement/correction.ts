import type { LineFlexibility } from '../../settlement/flexibility-rows';
import type { FlexEvent } from '../event/rows';
import { isPaid } from '../tracking/complete';
import type { Performance } from '../tracking/rows';

/**
 * What of an event corrects its prosumer's position in a slot: what was delivered and measured, unless the baseline is not trusted. UNTRACKED
 * where somebody still has to track the slot; undefined where nothing is corrected.
 */
export function correctionFromEvent(
  event: FlexEvent,
  performance: Performance | undefined,
): LineFlexibility | 'UNTRACKED' | undefined {
  const { daysInflated, result } = event;
  if (!isMeasured(event) || daysInflated === true || (result !== undefined && !isPaid(result))) {
    return undefined;
  }
  if (performance === undefined) {
    return 'UNTRACKED';
  }
  const { deliveredWh, direction, measurement, orderId } = performance;
  return measurement === 'MEASURED' && deliveredWh > 0n ? { orderId, direction, deliveredWh } : undefined;
}

function isMeasured({ baseline, isBound, state }: FlexEvent): boolean {
  if (baseline === undefined) {
    return false;
  }
  const isExpected = state !== 'OPTED_OUT' && state !== 'CANCELLED' && state !== 'FAILED';
  return isExpected || (state === 'FAILED' && isBound === true);
}
