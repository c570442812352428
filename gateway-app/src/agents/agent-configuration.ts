import {
  array,
  freeTextCodec,
  integer,
  limits,
  microPerKwhCodec,
  object,
  oneOf,
  optional,
  pairingCodec,
  ppmCodec,
  slotCodec,
  whCodec,
  type JsonValue,
  type TypeOf,
} from '@flexledger/domain';
import { netQuantilesOf, type QuantileForecast } from './forecast-quantiles';
import type { FlowBounds } from './order-ladder';
import type { WantedOrder } from './order-strategy';
import { retradeOrders } from './retrade';
import { STRATEGY_NAMES, strategyOf, type StrategyContext } from './strategies';

/** Intervals of one session, at most. */
const INTERVALS_MAX = limits.sessionIntervalsMax;

const quantilesCodec = object({ p10: whCodec, p50: whCodec, p90: whCodec });
const forecastCodec = array(object({ importWh: quantilesCodec, exportWh: quantilesCodec }), INTERVALS_MAX, 1);

/** What an agent is configured with and knows before a session; amounts are decimal texts as on the ledger. */
export const agentConfigurationCodec = object({
  strategy: oneOf(...STRATEGY_NAMES),
  /** What the draws of the strategy `simple` derive from. */
  seed: freeTextCodec,
  label: freeTextCodec,
  /** Most energy through the connection in one interval. */
  connectionWh: whCodec,
  intervals: integer(1, INTERVALS_MAX),
  ordersMax: integer(1, limits.ordersPerCallMax),
  frame: object({
    retailPriceMicroPerKwh: microPerKwhCodec,
    feedInPriceMicroPerKwh: microPerKwhCodec,
    tickMicroPerKwh: microPerKwhCodec,
    quantityMinWh: whCodec,
  }),
  deviation: object({ shortMicroPerKwh: microPerKwhCodec, longMicroPerKwh: microPerKwhCodec }),
  /** One list per meter, one forecast per interval. */
  forecasts: array(forecastCodec, limits.metersPerParticipantMax),
  battery: optional(
    object({
      energyWh: whCodec,
      powerWh: whCodec,
      chargePpm: ppmCodec,
      dischargePpm: ppmCodec,
      startWh: whCodec,
      endWh: whCodec,
      stepWh: whCodec,
    }),
  ),
  /** Set-point limits in force, as energy of the interval. */
  setPoints: optional(
    array(object({ interval: integer(0, INTERVALS_MAX - 1), importWh: whCodec, exportWh: whCodec }), INTERVALS_MAX),
  ),
  /** What was traded before, where the agent only trades its deviations again. */
  retrade: optional(
    object({ deadBandWh: whCodec, positions: array(object({ boughtWh: whCodec, soldWh: whCodec }), INTERVALS_MAX, 1) }),
  ),
  /** What all its orders say beside side, energy and limit. */
  pairing: optional(pairingCodec),
  expirySlot: optional(slotCodec),
});
export type AgentConfiguration = TypeOf<typeof agentConfigurationCodec>;

/** The orders that an agent of this configuration places; throws what the codec refuses, and RangeError for steps without size. */
export function ordersOfConfiguration(document: JsonValue): WantedOrder[] {
  const configuration = agentConfigurationCodec.decode(document, '');
  const { expirySlot, pairing } = configuration;
  return wantedOrders(configuration).map((order) => ({
    ...order,
    ...(pairing === undefined ? {} : { pairing }),
    ...(expirySlot === undefined ? {} : { expirySlot }),
  }));
}

function wantedOrders(configuration: AgentConfiguration): WantedOrder[] {
  const { battery, frame } = configuration;
  const positive = (value: bigint | undefined): boolean => value === undefined || value > 0n;
  const sized = positive(battery?.stepWh) && positive(battery?.chargePpm) && positive(frame.tickMicroPerKwh);
  if (!sized) throw new RangeError('the tick, the step of a battery and what it keeps of its charge are above zero');
  const context = contextOf(configuration);
  const { retrade } = configuration;
  if (retrade === undefined) return strategyOf(configuration.strategy).orders(context);
  const { bidder, deviation, forecasts, intervals, ordersMax, setPoints } = context;
  const wide: FlowBounds = { importWh: bidder.connectionWh, exportWh: bidder.connectionWh };
  return retradeOrders(
    retrade.positions.slice(0, intervals).map(({ boughtWh, soldWh }, interval) => ({
      interval,
      positionWh: boughtWh - soldWh,
      net: netQuantilesOf(forecasts.map((meter) => meter[interval]).filter((one): one is QuantileForecast => !!one)),
      bounds: setPoints?.get(interval) ?? wide,
    })),
    {
      frame,
      deviation,
      deadBandWh: retrade.deadBandWh,
      sideWhMax: bidder.connectionWh,
      ordersMax: Math.max(1, Math.floor(ordersMax / intervals)),
    },
  );
}

function contextOf(configuration: AgentConfiguration): StrategyContext {
  const { battery, connectionWh, deviation, forecasts, frame, intervals, label, ordersMax, seed } = configuration;
  const setPoints = configuration.setPoints?.map(({ exportWh, importWh, interval }) => {
    return [interval, { importWh, exportWh }] as const;
  });
  return {
    seed,
    bidder: { label, connectionWh },
    frame,
    deviation,
    ordersMax,
    forecasts,
    intervals,
    ...(battery === undefined ? {} : { battery }),
    ...(setPoints === undefined ? {} : { setPoints: new Map(setPoints) }),
  };
}
