import { greatest } from '../../math';
import { wh, type Wh } from '../../units';
import { settleIsp, type IspInput } from '../settlement/settle-isp';

/** What came of an order in an interval. */
export interface Delivery {
  readonly deliveredWh: Wh;
  /** By how much the order was missed; more than what was ordered where the baseline was left the other way. */
  readonly deficiencyWh: Wh;
  /** What went beyond the order: neither paid nor punished. */
  readonly beyondWh: Wh;
}

/** What counts as delivered and as deficient in one interval by the rule of settlement, and what went beyond the order. */
export function deliveryOf(asked: IspInput): Delivery {
  const { deficiencyWh, deliveredWh } = settleIsp(asked);
  return {
    deliveredWh: wh(deliveredWh),
    deficiencyWh: wh(deficiencyWh),
    beyondWh: wh(greatest(0n, movedWh(asked) - asked.orderedWh)),
  };
}

/** What moved against the direction of an event after it, in an interval: its rebound. */
export function reboundOf(asked: Omit<IspInput, 'orderedWh'>): Wh {
  return wh(greatest(0n, -movedWh(asked)));
}

/** How far a connection moved from its baseline in the direction of the order, in Wh. */
function movedWh({ actualWh, baselineWh, direction }: Omit<IspInput, 'orderedWh'>): bigint {
  return direction === 'reduce' ? baselineWh - actualWh : actualWh - baselineWh;
}
