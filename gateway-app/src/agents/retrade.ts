import type { NetQuantiles } from './forecast-quantiles';
import { ladderOrders, type DeviationPrices, type FlowBounds } from './order-ladder';
import type { BiddingFrame, WantedOrder } from './order-strategy';

/** One interval of an intraday session as an agent sees it. */
export interface RetradeInterval {
  readonly interval: number;
  /** Bought less sold until now, for the interval. */
  readonly positionWh: bigint;
  /** The latest forecast. */
  readonly net: NetQuantiles;
  /** What the connection, or a set-point that limits it, lets through. */
  readonly bounds: FlowBounds;
}

/** How an agent trades its deviations. */
export interface RetradeFrame {
  readonly frame: BiddingFrame;
  readonly deviation: DeviationPrices;
  /** A deviation that is expected to be smaller is left to the balancing party. */
  readonly deadBandWh: bigint;
  /** Most energy of the orders of one side of an interval. */
  readonly sideWhMax: bigint;
  /** Most orders of an interval. */
  readonly ordersMax: number;
}

/**
 * The orders of the next intraday session: where the latest forecast, inside the bounds, is further from the position than the dead
 * band, the agent buys what it expects to lack or sells what it expects to have too much, each part for what it is worth against the
 * prices of deviations. It trades in the direction of the expected deviation only, so that a session does not undo the one before.
 */
export function retradeOrders(intervals: readonly RetradeInterval[], own: RetradeFrame): WantedOrder[] {
  return intervals.flatMap(({ bounds, interval, net, positionWh }) => {
    const expectedWh = within(net.middleWh, bounds);
    const deviationWh = expectedWh > positionWh ? expectedWh - positionWh : positionWh - expectedWh;
    if (deviationWh === 0n || deviationWh < own.deadBandWh) return [];
    const side = expectedWh > positionWh ? 'buy' : 'sell';
    const { deviation, frame, ordersMax, sideWhMax } = own;
    return ladderOrders({ interval, positionWh, net, bounds, sideWhMax, ordersMax, side }, frame, deviation);
  });
}

function within(valueWh: bigint, { exportWh, importWh }: FlowBounds): bigint {
  if (valueWh > importWh) return importWh;
  return valueWh < -exportWh ? -exportWh : valueWh;
}
