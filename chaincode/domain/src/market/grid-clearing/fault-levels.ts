import { present } from '../../assert';
import type { GridClearingFault } from './fault';
import type { ZoneEdges } from './fault-edges';
import type { JudgedGrid, Stripped } from './fault-grid';
import { weightOf, type JudgedMargin } from './fault-margins';
import type { GridClearingRules } from './types';

/** A level as the second path writes it: a price, its sellers or its buyers, and how far these have moved. */
interface Level {
  readonly price: bigint;
  readonly isBuyers: boolean;
  readonly numerator: bigint;
  readonly denominator: bigint;
}

interface Range {
  low: Level | undefined;
  high: Level | undefined;
}

/** Two zones of which the receiving one must not have the lower level, or price. */
export interface Ascent {
  readonly from: number;
  readonly to: number;
}

/** The directions in which levels rise; none over a branch that can carry nothing either way. */
export function ascentsOf({ stripped, zoneOfBus }: JudgedGrid): readonly Ascent[] {
  const ascents: Ascent[] = [];
  for (const { isCut, busId, innerBusId, branch, outIsForward, outWh } of stripped) {
    const forwardWh = outIsForward ? outWh : -outWh;
    const isFullForward = forwardWh === branch.forwardLimitWh;
    const isFullBackward = -forwardWh === branch.backwardLimitWh;
    if (isCut && isFullForward !== isFullBackward) {
      const outer = present(zoneOfBus.get(busId), 'Every bus is in a zone.');
      const inner = present(zoneOfBus.get(innerBusId), 'Every bus is in a zone.');
      ascents.push(isFullForward === outIsForward ? { from: outer, to: inner } : { from: inner, to: outer });
    }
  }
  return ascents;
}

/** What leaves a bus and all behind it, in Wh: `fixedWh` + `part` ÷ the whole of its zone's margin. */
interface ExactFlow {
  fixedWh: bigint;
  part: bigint;
}

/**
 * No branch inside a zone stands exactly at its limit, or beyond: the flow is counted with the exact parts of the margin, not with
 * the whole Wh that came of them.
 */
export function faultOfExactFlows(
  judged: JudgedGrid,
  margins: readonly (JudgedMargin | undefined)[],
): GridClearingFault | undefined {
  const flows = exactExports(judged, margins);
  const flowOf = (busId: string): ExactFlow => present(flows.get(busId), 'Every bus has a flow.');
  for (const entry of judged.stripped) {
    const inner = flowOf(entry.innerBusId);
    if (entry.isCut) {
      inner.fixedWh += entry.outWh;
      continue;
    }
    const { fixedWh, part } = flowOf(entry.busId);
    const whole = margins[judged.zoneOfBus.get(entry.busId) ?? -1]?.whole ?? 1n;
    const spare = spareOf(entry, fixedWh * whole + part, whole);
    if (spare !== undefined && spare <= 0n) {
      return spare === 0n ? 'BINDING_LIMIT_MISSING' : 'LIMIT_EXCEEDED';
    }
    inner.fixedWh += fixedWh;
    inner.part += part;
  }
  return undefined;
}

function exactExports(
  { orders, zoneOfBus }: JudgedGrid,
  margins: readonly (JudgedMargin | undefined)[],
): ReadonlyMap<string, ExactFlow> {
  const flows = new Map([...zoneOfBus.keys()].map((busId) => [busId, { fixedWh: 0n, part: 0n }]));
  const parts = new Map<string, bigint>();
  for (const margin of margins) {
    for (const { order, part } of margin?.members ?? []) {
      parts.set(order.orderId, part);
    }
  }
  for (const { order, filledWh } of orders) {
    const sign = order.side === 'sell' ? 1n : -1n;
    const part = parts.get(order.orderId);
    const flow = present(flows.get(order.busId), 'Every bus has a flow.');
    flow.fixedWh += part === undefined ? sign * filledWh : 0n;
    flow.part += sign * (part ?? 0n);
  }
  return flows;
}

/** How far an exact flow is from the nearer limit, times the whole. */
function spareOf({ branch, outIsForward }: Stripped, out: bigint, whole: bigint): bigint | undefined {
  const forward = outIsForward ? out : -out;
  const ahead = branch.forwardLimitWh === undefined ? undefined : branch.forwardLimitWh * whole - forward;
  const back = branch.backwardLimitWh === undefined ? undefined : branch.backwardLimitWh * whole + forward;
  return ahead === undefined || (back !== undefined && back < ahead) ? back : ahead;
}

/** Whether the zones have levels that rise over every branch which stands at its limit: bounds are passed on until they rest. */
export function levelsRise(
  judged: JudgedGrid,
  edges: readonly ZoneEdges[],
  margins: readonly (JudgedMargin | undefined)[],
  ascents: readonly Ascent[],
  rules: GridClearingRules,
): boolean {
  const starts = startsOf(judged, edges, rules);
  const ranges = edges.map((edge, zone) => rangeOf(edge, margins[zone], starts[zone]));
  for (let isMoved = true; isMoved;) {
    isMoved = false;
    for (const { from, to } of ascents) {
      const lower = present(ranges[from], 'Every zone has a range.');
      const upper = present(ranges[to], 'Every zone has a range.');
      if (isBelow(upper.low, lower.low)) {
        upper.low = lower.low;
        isMoved = true;
      }
      if (isAbove(lower.high, upper.high)) {
        lower.high = upper.high;
        isMoved = true;
      }
    }
  }
  return ranges.every(({ low, high }) => low === undefined || high === undefined || compare(low, high) <= 0);
}

/** By zone, the level at which the first of the offers that are left out would move: minus its energy per weight. */
function startsOf(
  { orders }: JudgedGrid,
  edges: readonly ZoneEdges[],
  rules: GridClearingRules,
): readonly (Level | undefined)[] {
  const starts = edges.map<Level | undefined>(() => undefined);
  for (const judged of orders) {
    const { side, energyWh, limitPriceMicroPerKwh } = judged.order;
    if (side === 'sell' && limitPriceMicroPerKwh === edges[judged.zone]?.unsold) {
      const level = {
        price: limitPriceMicroPerKwh,
        isBuyers: false,
        numerator: -energyWh,
        denominator: weightOf(judged, rules),
      };
      const start = starts[judged.zone];
      starts[judged.zone] = start === undefined || compare(level, start) < 0 ? level : start;
    }
  }
  return starts;
}

function rangeOf(
  { sold, bought, unbought }: ZoneEdges,
  margin: JudgedMargin | undefined,
  start: Level | undefined,
): Range {
  if (margin !== undefined) {
    const level = { price: margin.price, isBuyers: margin.side === 'buy', ...margin.position };
    return { low: level, high: level };
  }
  const allSold = sold === undefined ? undefined : { price: sold, isBuyers: false, numerator: 0n, denominator: 1n };
  const allGone =
    unbought === undefined ? undefined : { price: unbought, isBuyers: true, numerator: 1n, denominator: 1n };
  const noneGone = bought === undefined ? undefined : { price: bought, isBuyers: true, numerator: 0n, denominator: 1n };
  return {
    low: isBelow(allSold, allGone) ? allGone : allSold,
    high: isAbove(start, noneGone) ? noneGone : start,
  };
}

/** Whether a lower bound, which may be open, is below another. */
function isBelow(left: Level | undefined, right: Level | undefined): boolean {
  return right !== undefined && (left === undefined || compare(left, right) < 0);
}

/** Whether an upper bound, which may be open, is above another. */
function isAbove(left: Level | undefined, right: Level | undefined): boolean {
  return right !== undefined && (left === undefined || compare(left, right) > 0);
}

function compare(left: Level, right: Level): number {
  if (left.price !== right.price) {
    return left.price < right.price ? -1 : 1;
  }
  if (left.isBuyers !== right.isBuyers) {
    return left.isBuyers ? 1 : -1;
  }
  const difference = left.numerator * right.denominator - right.numerator * left.denominator;
  if (difference === 0n) {
    return 0;
  }
  return difference < 0n ? -1 : 1;
}
