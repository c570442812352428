import { scheduleBattery, type Battery, type BatteryStep, type ExpectedPrice } from './battery-schedule';
import { netQuantilesOf, shifted, type NetQuantiles, type QuantileForecast } from './forecast-quantiles';
import { ladderOrders, type DeviationPrices, type FlowBounds } from './order-ladder';
import {
  prosumerOrders,
  standbyOrder,
  type BiddingFrame,
  type Bidder,
  type IntervalForecast,
  type WantedOrder,
} from './order-strategy';

/** What a strategy makes orders from. */
export interface StrategyContext {
  /** What its draws derive from, where it draws. */
  readonly seed: string;
  readonly bidder: Bidder;
  readonly frame: BiddingFrame;
  readonly deviation: DeviationPrices;
  /** Orders that a participant may place in the session. */
  readonly ordersMax: number;
  /** The forecast of each of the participant's meters, interval by interval. */
  readonly forecasts: readonly (readonly QuantileForecast[])[];
  readonly intervals: number;
  readonly battery?: Battery;
  /** What energy is expected to cost; the supplier's prices where absent. */
  readonly expectedPrices?: readonly ExpectedPrice[];
  /** Set-point limits that are in force, by interval; the connection's size where absent. */
  readonly setPoints?: ReadonlyMap<number, FlowBounds>;
}

/** How an agent decides what to buy and to sell in a session. The same context gives the same orders. */
export interface OrderStrategy {
  readonly name: StrategyName;
  orders(context: StrategyContext): WantedOrder[];
}

/** The strategies that an agent can be configured with. */
export const STRATEGY_NAMES = ['simple', 'quantile', 'battery'] as const;
export type StrategyName = (typeof STRATEGY_NAMES)[number];

/** Trades the middle of the forecast; set-points, quantiles and battery play no part. */
const simple: OrderStrategy = {
  name: 'simple',
  orders: ({ bidder, forecasts, frame, intervals, seed }) =>
    prosumerOrders(seed, bidder, middlesOf(forecasts, intervals), frame),
};

/** Bids for each part of the forecast what it is worth with its probability. */
const quantile: OrderStrategy = {
  name: 'quantile',
  orders: (context) => ladders(context, netsOf(context)),
};

/** Plans the battery first and bids for what is needed with it; without one, as `quantile`. */
const battery: OrderStrategy = {
  name: 'battery',
  orders: (context) => {
    const steps = batteryPlan(context);
    const nets = netsOf(context).map((net, interval) => {
      const step = steps[interval];
      return step === undefined ? net : shifted(net, step.chargeWh - step.dischargeWh);
    });
    return ladders(context, nets);
  },
};

const strategies: Readonly<Record<StrategyName, OrderStrategy>> = { simple, quantile, battery };

/** The strategy of this name. */
export function strategyOf(name: StrategyName): OrderStrategy {
  return strategies[name];
}

/** What the battery of the context does in each interval; nothing where it has none. */
export function batteryPlan(context: StrategyContext): BatteryStep[] {
  const { battery: own, expectedPrices, frame, intervals } = context;
  if (own === undefined) return [];
  const { feedInPriceMicroPerKwh: sellMicroPerKwh, retailPriceMicroPerKwh: buyMicroPerKwh } = frame;
  const supplier = { buyMicroPerKwh, sellMicroPerKwh };
  return scheduleBattery({
    battery: own,
    nets: netsOf(context),
    prices: expectedPrices ?? Array.from({ length: intervals }, () => supplier),
    bounds: Array.from({ length: intervals }, (_, interval) => boundsOf(context, interval)),
  });
}

function netsOf({ forecasts, intervals }: StrategyContext): NetQuantiles[] {
  return Array.from({ length: intervals }, (_, interval) =>
    netQuantilesOf(forecasts.map((meter) => meter[interval]).filter((one) => one !== undefined)),
  );
}

function ladders(context: StrategyContext, nets: readonly NetQuantiles[]): WantedOrder[] {
  const { bidder, deviation, frame, intervals, ordersMax } = context;
  const orders = nets.flatMap((net, interval) =>
    ladderOrders(
      {
        interval,
        positionWh: 0n,
        net,
        bounds: boundsOf(context, interval),
        sideWhMax: bidder.connectionWh,
        ordersMax: Math.max(1, Math.floor(ordersMax / intervals)),
      },
      frame,
      deviation,
    ),
  );
  // With an order, filled or not, the participant is part of the session, which settles what it takes or gives unexpectedly.
  return orders.length > 0 ? orders : [standbyOrder(frame)];
}

function boundsOf({ bidder: { connectionWh }, setPoints }: StrategyContext, interval: number): FlowBounds {
  const limit = setPoints?.get(interval);
  const within = (boundWh: bigint | undefined): bigint =>
    boundWh === undefined || boundWh > connectionWh ? connectionWh : boundWh;
  return { importWh: within(limit?.importWh), exportWh: within(limit?.exportWh) };
}

function middlesOf(forecasts: StrategyContext['forecasts'], intervals: number): IntervalForecast[] {
  return Array.from({ length: intervals }, (_, interval) => {
    let [importWh, exportWh] = [0n, 0n];
    for (const meter of forecasts) {
      importWh += meter[interval]?.importWh.p50 ?? 0n;
      exportWh += meter[interval]?.exportWh.p50 ?? 0n;
    }
    return { importWh, exportWh };
  });
}
