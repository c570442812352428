import { assert, present } from '../../assert';
import { canonicalJson, compareText } from '../../canonical';
import type { Intervals } from '../../commitments/book';
import { digestOf } from '../../digest';
import type { OrderId, ParticipantId } from '../../ids';
import type { JsonValue } from '../../json';
import { gridCodec, type Grid } from '../../registry/types';
import { addSlots, slotRange, type Slot } from '../../time';
import { effectiveLimit, type BusCharges } from '../grid-clearing/effective-prices';
import type { ClearingGrid, GridClearingRules, GridOrder } from '../grid-clearing/types';
import { contractFlows, gridWays, hourStart, rowsBeside } from '../bilateral/flows';
import { contractFlowCodec, type ContractFlow } from '../bilateral/rows';
import type { Order, OrderSet, Session } from '../rows';
import { installedPowerW } from '../seller-assets';
import { gridOfInterval, joinUse, slackBusOf, voltageRows } from './grid-of-interval';
import { flowsBeside, rowsBesideSessions, sessionFlowCodec, sessionUse, type SessionFlow } from './session-flow';
import { gridTermsCodec, type GridTerms } from './terms';

/** An order of a session with limits, at its bus, with the effective limit. */
export interface PlacedOrder extends GridOrder {
  readonly orderId: OrderId;
  readonly participantId: ParticipantId;
}

/**
 * Everything that the clearing of a session with limits is made from. After the publishing nobody can change any of it, but that another
 * session of the grid may be cleared meanwhile.
 */
export interface SessionInputs {
  readonly session: Session;
  readonly grid: Grid;
  /** The terms that the session keeps; undefined where the grid had none. */
  readonly terms: GridTerms | undefined;
  /** All orders of the session, in any order. */
  readonly orders: readonly Order[];
  readonly orderSets: readonly OrderSet[];
  /** What contracts between two carry through the grid in the hours of the session, in any order. */
  readonly contractFlows: readonly ContractFlow[];
  /** What cleared sessions of the grid carry in these hours, in any order; of which `flowsBeside` says what counts. */
  readonly clearedFlows: readonly SessionFlow[];
}

/** One interval as the rule of the outcome takes it. */
export interface IntervalMarket {
  readonly orders: readonly PlacedOrder[];
  readonly grid: ClearingGrid;
  readonly rules: GridClearingRules;
}

const noCharges: BusCharges = { buyFeeMicroPerKwh: 0n, sellFeeMicroPerKwh: 0n, lossPpm: 0n };

/** True where limits of the grid act in the clearing of a session. */
export function hasGridLimits({ ruleSet }: Pick<Session, 'ruleSet'>): boolean {
  return ruleSet.gridLimits !== undefined && ruleSet.gridLimits !== 'none';
}

/** The hours in which the intervals of a session lie, by their first slots. */
export function hoursOf({ firstSlot, intervalSlots, intervals }: Intervals): readonly Slot[] {
  return [...new Set(slotRange(firstSlot, intervals * intervalSlots).map(hourStart))];
}

/** Where a participant stands; one that has not said so stands where the grid above is joined. */
export function busOf(orderSet: OrderSet, grid: Grid): string {
  return orderSet.busId ?? slackBusOf(grid);
}

/** What a bus adds to prices by the terms. */
export function chargesAt(terms: GridTerms | undefined, busId: string): BusCharges {
  return terms?.charges.find((charges) => charges.busId === busId) ?? noCharges;
}

/** The intervals of a session as markets of their own. Each has its published orders alone. */
export function intervalMarkets(inputs: SessionInputs): readonly IntervalMarket[] {
  const { grid, session, terms } = inputs;
  const ways = gridWays(grid);
  const cleared = flowsBeside(session, inputs.clearedFlows);
  return ordersByInterval(inputs).map((orders, interval) => {
    const slots = session.intervalSlots;
    const period = { firstSlot: addSlots(session.firstSlot, interval * slots), slots };
    const used = joinUse(contractFlows(ways, inputs.contractFlows, period), sessionUse(cleared, period));
    const tree = gridOfInterval(grid, terms, period, used);
    const rules = rulesOf(session, period.firstSlot);
    if (session.ruleSet.gridLimits !== 'tree-and-voltage') {
      return { orders, grid: tree, rules };
    }
    const rows = rowsBeside(voltageRows(grid, tree, slots), inputs.contractFlows, period);
    // Prices can be below zero under rows; who could buy at these alone, for the fee of its bus, would have to be paid.
    const able = orders.filter(({ limitPriceMicroPerKwh, side }) => side === 'sell' || limitPriceMicroPerKwh >= 0n);
    return { orders: able, grid: { ...tree, rows: rowsBesideSessions(rows, tree, cleared, period) }, rules };
  });
}

function ordersByInterval({ grid, orderSets, orders, session, terms }: SessionInputs): readonly PlacedOrder[][] {
  const places = new Map(
    orderSets.map((set) => {
      const busId = busOf(set, grid);
      return [set.participantId, { busId, charges: chargesAt(terms, busId), installedW: installedPowerW(set) }];
    }),
  );
  const intervals = Array.from({ length: session.intervals }, (): PlacedOrder[] => []);
  for (const { orderId, participantId, status } of orders) {
    if (status.kind === 'published') {
      const { busId, charges, installedW } = present(places.get(participantId), 'Who has orders has an order set.');
      const { energyWh, interval, limitPriceMicroPerKwh: limit, side } = status;
      const limitPriceMicroPerKwh = effectiveLimit(side, limit, charges);
      const order = { orderId, participantId, busId, side, energyWh, limitPriceMicroPerKwh, installedW };
      present(intervals[interval], 'An order stands in an interval of its session.').push(order);
    }
  }
  return intervals;
}

function rulesOf({ intervalSlots, ruleSet }: Session, firstSlot: number): GridClearingRules {
  return {
    kPpm: ruleSet.kPpm,
    curtailment: ruleSet.curtailment ?? 'pro-rata',
    priceFloorMicroPerKwh: ruleSet.priceFloorMicroPerKwh,
    priceCapMicroPerKwh: ruleSet.priceCapMicroPerKwh,
    // Goes up by one from interval to interval, and so by the intervals of a session from session to session.
    rotation: BigInt(Math.floor(firstSlot / intervalSlots)),
  };
}

/**
 * The digest of everything that a clearing is made from, which its request freezes and each answer names: the session's rule set,
 * the grid and its terms, what contracts and other sessions carry, and of every published order what the clearing takes, in the order of the ids.
 */
export function clearingInputsDigest(inputs: SessionInputs): string {
  const { grid, orderSets, orders, session, terms } = inputs;
  const buses = new Map(orderSets.map((set) => [set.participantId, set]));
  const published = orders.flatMap(({ orderId, participantId, status }) => {
    if (status.kind !== 'published') {
      return [];
    }
    const set = present(buses.get(participantId), 'Who has orders has an order set.');
    const { energyWh, interval, limitPriceMicroPerKwh, side } = status;
    const amounts = [energyWh.toString(), limitPriceMicroPerKwh.toString(), installedPowerW(set).toString()];
    return [[orderId, participantId, busOf(set, grid), side, interval, ...amounts] as const];
  });
  published.sort(([left], [right]) => compareText(left, right));
  assert(terms?.number === session.gridTerms, 'The terms are those that the session keeps.');
  const cleared = flowsBeside(session, inputs.clearedFlows);
  return digestOf({
    clearedFlows: sortedTexts(cleared.map((flow) => sessionFlowCodec.encode(flow))),
    contractFlows: sortedTexts(inputs.contractFlows.map((flow) => contractFlowCodec.encode(flow))),
    grid: gridCodec.encode(grid),
    orders: published,
    ruleSet: session.ruleSet.number,
    sessionId: session.sessionId,
    terms: terms === undefined ? null : gridTermsCodec.encode(terms),
  });
}

function sortedTexts(values: readonly JsonValue[]): readonly string[] {
  return values.map(canonicalJson).sort(compareText);
}
