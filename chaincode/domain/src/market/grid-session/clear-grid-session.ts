import { greenSellers } from '../seller-assets';
import { assert, present } from '../../assert';
import { digestOf } from '../../digest';
import { greatest, sum } from '../../math';
import { micro, microPerKwh, ppm } from '../../units';
import { demandPublished, joinIntervals, openOrders, type SessionClearing } from '../clear-session';
import { clearWithinBuses } from '../grid-clearing/clear-within-buses';
import { findGridClearingFault } from '../grid-clearing/find-fault';
import type { ClearingHint, GridIntervalClearing, ZonePrice } from '../grid-clearing/types';
import { zoneFillPrices, type ZoneFill } from '../fill-prices';
import type { FillPrice, Session } from '../rows';
import type { ClearingPrice, Fill } from '../types';
import {
  busOf,
  chargesAt,
  intervalMarkets,
  type IntervalMarket,
  type PlacedOrder,
  type SessionInputs,
} from './grid-market';
import type { IntervalAnswer } from './clearing-request';
import { deriveInterval, namesRow, searchInterval } from './derive-interval';
import { slackBusOf } from './grid-of-interval';
import { sessionFlowRows, type SessionFlow } from './session-flow';
import { gridOutcomeCodec, type GridOutcome, type OutcomeSource } from './outcome';
import { hintOf, statedMicro } from './prove-interval';

/** An oracle's answer, complete and proven when it was filed. */
export interface KnownAnswer {
  readonly source: Extract<OutcomeSource, { kind: 'oracle' }>;
  readonly intervals: readonly IntervalAnswer[];
}

/** Everything that a clearing with limits writes. */
export interface GridSessionClearing extends SessionClearing {
  readonly gridOutcomes: readonly GridOutcome[];
  readonly flows: readonly SessionFlow[];
}

/** The outcome of an interval and where its binding limits come from. */
export interface ProvenInterval {
  readonly source: OutcomeSource;
  readonly clearing: GridIntervalClearing;
  /** What it was derived from; absent where each bus trades within itself. */
  readonly hint?: ClearingHint;
}

/**
 * Clears every interval of a session with the limits of its grid. An answer of an oracle says which limits bind; without one the
 * contract looks for them itself, and where it does not find them each bus trades within itself. Whoever names them, the outcome is
 * derived and proven here and proven again on the second path, so that it is the same.
 *
 * @throws RuleError MARKET_ORDERS_UNPUBLISHED
 */
export function clearGridSession(
  inputs: SessionInputs,
  deadlinePassed: boolean,
  answer: KnownAnswer | undefined,
): GridSessionClearing {
  const { grid, orderSets, orders, session } = inputs;
  demandPublished(orders, deadlinePassed);
  const open = openOrders(session, orders);
  const slackBus = slackBusOf(grid);
  const markets = intervalMarkets(inputs);
  const proven = markets.map((market, interval) => {
    const result = outcomeOf(market, answer, interval);
    checkOnSecondPath(market, result, interval);
    return result;
  });
  const gridOutcomes = proven.map((result, interval) => gridOutcomeOf(session, interval, result));
  const buses = new Map(orderSets.map((set) => [set.participantId, busOf(set, grid)]));
  const joined = joinIntervals(
    session,
    orders,
    orderSets.map(({ participantId }) => participantId),
    proven.map(({ clearing: { bindingLimits, fills, tradedWh, zones } }, interval) => ({
      orders: present(open[interval], 'Every interval has a list of orders.'),
      clearing: { tradedWh, fills, price: statedPrice(zones.find(({ busIds }) => busIds.includes(slackBus))) },
      fillPrices: nodalPrices(inputs, present(markets[interval], 'Every interval has a market.'), fills, zones),
      bindingLimits: [...new Set(bindingLimits.map(({ id }) => id))],
    })),
    {
      placeOf: (participantId, interval) => {
        const busId = present(buses.get(participantId), 'Who trades has placed orders.');
        const zone = gridOutcomes[interval]?.zones.find(({ busIds }) => busIds.includes(busId));
        return { busId, zone: zone?.busIds[0] ?? busId };
      },
      isGreen: greenSellers(session, orderSets),
    },
  );
  const flows = sessionFlowRows(
    session,
    proven.map(({ clearing }) => clearing.flows),
  );
  return { ...joined, clearing: withGrid(joined.clearing, gridOutcomes), gridOutcomes, flows };
}

function outcomeOf(market: IntervalMarket, answer: KnownAnswer | undefined, interval: number): ProvenInterval {
  const answered = answer?.intervals[interval];
  if (answer !== undefined && answered !== undefined) {
    const hint = hintOf(answered);
    const derived = deriveInterval(market, hint);
    if (derived.kind === 'cleared') {
      return { source: answer.source, clearing: derived.clearing, hint };
    }
  }
  const found = searchInterval(market);
  return found === undefined
    ? { source: { kind: 'fallback' }, clearing: clearWithinBuses(market.orders, market.grid, market.rules) }
    : { source: { kind: 'contract' }, ...found };
}

/** Where each bus trades within itself there is no optimum to prove, and where rows decide their second path has been asked already. */
function checkOnSecondPath(market: IntervalMarket, { clearing, hint }: ProvenInterval, interval: number): void {
  if (hint !== undefined && !namesRow(hint)) {
    const fault = findGridClearingFault(market.orders, market.grid, clearing, market.rules);
    assert(fault === undefined, `The clearing of interval ${interval} is right (${fault ?? 'no fault'}).`);
  }
}

/** What is written of the outcome of an interval beside its fills. */
export function gridOutcomeOf(
  { sessionId }: Session,
  interval: number,
  { clearing, source }: Pick<ProvenInterval, 'clearing' | 'source'>,
): GridOutcome {
  return {
    sessionId,
    interval,
    source,
    zones: clearing.zones.map((zone) => {
      const price = statedPrice(zone);
      return { busIds: zone.busIds, ...(price === undefined ? {} : { price }) };
    }),
    bindingLimits: clearing.bindingLimits.map(({ direction, id, shadowPriceMicroPerKwh }) => {
      return { id, direction, shadowPriceMicroPerKwh: microPerKwh(shadowPriceMicroPerKwh) };
    }),
    welfareMicro: micro(statedMicro(clearing.welfareNano)),
    rentMicro: micro(statedMicro(clearing.rentNano)),
    jainPpm: ppm(clearing.jainPpm),
  };
}

/**
 * The price of a zone as it is stated. Where fees are above a buyer's limit the effective limit is below zero; nobody trades there, and
 * the end of an interval of prices without trade is stated as zero.
 */
function statedPrice(zone: ZonePrice | undefined) {
  const { price } = zone ?? {};
  if (price === undefined) {
    return undefined;
  }
  const stated = (key: keyof ClearingPrice) => microPerKwh(greatest(price[key], 0n));
  return {
    lowMicroPerKwh: stated('lowMicroPerKwh'),
    highMicroPerKwh: stated('highMicroPerKwh'),
    clearingMicroPerKwh: stated('clearingMicroPerKwh'),
  };
}

/** What each fill pays or gets: the price of its zone, with fee and losses of its bus; pay-as-bid pairs stay inside a zone. */
export function nodalPrices(
  { session, terms }: Pick<SessionInputs, 'session' | 'terms'>,
  { orders }: Pick<IntervalMarket, 'orders'>,
  fills: readonly Fill[],
  zones: readonly ZonePrice[],
): ReadonlyMap<string, FillPrice> {
  const known = new Map<string, PlacedOrder>(orders.map((order) => [order.orderId, order]));
  const zoneAt = new Map(zones.flatMap((zone) => zone.busIds.map((busId) => [busId, zone])));
  const byZone = new Map<ZonePrice, ZoneFill[]>();
  for (const { energyWh, orderId } of fills) {
    const order = present(known.get(orderId), 'A fill belongs to an order.');
    const zone = present(zoneAt.get(order.busId), 'Every bus of the grid stands in a zone.');
    const list = byZone.get(zone) ?? [];
    list.push({ ...order, energyWh, charges: chargesAt(terms, order.busId) });
    byZone.set(zone, list);
  }
  const priced = [...byZone].flatMap(([{ price }, own]) => {
    const { clearingMicroPerKwh } = present(price, 'Where a fill is there is a price.');
    return [...zoneFillPrices(session.ruleSet, own, clearingMicroPerKwh)];
  });
  return new Map(priced);
}

/** The rent of the grid leaves what the roundings leave: buyers pay it and sellers do not get it. */
function withGrid(
  clearing: SessionClearing['clearing'],
  outcomes: readonly GridOutcome[],
): SessionClearing['clearing'] {
  const rentMicro = sum(outcomes.map((outcome) => outcome.rentMicro));
  return {
    ...clearing,
    dustMicro: micro(clearing.dustMicro - rentMicro),
    rentMicro: micro(rentMicro),
    gridDigest: digestOf(outcomes.map((outcome) => gridOutcomeCodec.encode(outcome))),
  };
}
