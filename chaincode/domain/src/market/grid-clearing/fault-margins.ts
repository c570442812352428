import { present } from '../../assert';
import { compareText } from '../../canonical';
import { exactNumber } from '../../math';
import type { Side } from '../types';
import type { ZoneEdges } from './fault-edges';
import type { JudgedGrid, JudgedOrder } from './fault-grid';
import type { GridClearingRules } from './types';

/** An order at the margin of its zone, and its exact part: `part` ÷ the whole of the margin, in Wh. */
export interface MarginOrder extends JudgedOrder {
  readonly part: bigint;
}

/** What is shared at the margin of a zone. */
export interface JudgedMargin {
  readonly side: Side;
  readonly price: bigint;
  readonly members: readonly MarginOrder[];
  readonly whole: bigint;
  /** How far the margin has moved: offers by minus their curtailment per weight, bids by the share that is given up. */
  readonly position: { readonly numerator: bigint; readonly denominator: bigint };
}

/** The margins of the zones, from what they trade in sum; undefined where a zone stops between two prices. */
export function marginsOf(
  { orders }: JudgedGrid,
  edges: readonly ZoneEdges[],
  rules: GridClearingRules,
): readonly (JudgedMargin | undefined)[] {
  const sought = edges.map(({ sold, unsold, bought, unbought }): Pick<JudgedMargin, 'side' | 'price'> | undefined => {
    if (sold !== undefined && sold === unsold) {
      return { side: 'sell', price: sold };
    }
    return bought !== undefined && bought === unbought ? { side: 'buy', price: bought } : undefined;
  });
  const members = edges.map<JudgedOrder[]>(() => []);
  for (const judged of orders) {
    const margin = sought[judged.zone];
    if (margin?.side === judged.order.side && margin.price === judged.order.limitPriceMicroPerKwh) {
      members[judged.zone]?.push(judged);
    }
  }
  return sought.map((margin, zone) => margin && { ...margin, ...sharesOf(margin.side, members[zone] ?? [], rules) });
}

/** What an order bears of a curtailment, relative to its equals: its energy, or its installed power where the rules say so. */
export function weightOf({ order }: JudgedOrder, { curtailment }: GridClearingRules): bigint {
  return (curtailment === 'per-kw' && order.side === 'sell' ? order.installedW : undefined) ?? order.energyWh;
}

function sharesOf(
  side: Side,
  members: readonly JudgedOrder[],
  rules: GridClearingRules,
): Pick<JudgedMargin, 'members' | 'whole' | 'position'> {
  const filledWh = members.reduce((total, judged) => total + judged.filledWh, 0n);
  let sharing = members;
  for (;;) {
    const energyWh = sharing.reduce((total, { order }) => total + order.energyWh, 0n);
    const whole = sharing.reduce((total, judged) => total + weightOf(judged, rules), 0n);
    const missingWh = energyWh - filledWh;
    const partOf = (judged: JudgedOrder): bigint => judged.order.energyWh * whole - missingWh * weightOf(judged, rules);
    // Whoever would be curtailed by more than its offer is curtailed by all of it, and the others share the rest.
    const left = sharing.filter((judged) => partOf(judged) > 0n);
    if (left.length === sharing.length) {
      const sharers = new Set(sharing);
      const parts = members.map((judged) => ({ ...judged, part: sharers.has(judged) ? partOf(judged) : 0n }));
      const numerator = side === 'sell' ? -missingWh : missingWh;
      return { members: parts, whole, position: { numerator, denominator: whole } };
    }
    sharing = left;
  }
}

/** Something at a place that got whole Wh: an order, or all that is behind one branch. */
interface Shared {
  readonly part: bigint;
  readonly filledWh: bigint;
  readonly orderId: string;
}

/** How whole Wh go to those that share: whether one id comes before another, and whether that counts before the remainder. */
interface Turns {
  readonly isBefore: (left: string, right: string) => boolean;
  readonly rotates: boolean;
}

/** Whether the margin of a zone is shared as exactly as whole Wh allow, at every place and over every branch. */
export function isFairlyShared(
  judged: JudgedGrid,
  zone: number,
  margin: JudgedMargin,
  rules: GridClearingRules,
): boolean {
  const turns = turnsOf(judged.orders, margin, rules);
  const sharedAt = new Map<string, Shared[]>();
  for (const { order, part, filledWh } of margin.members) {
    addTo(sharedAt, order.busId, [{ part, filledWh, orderId: order.orderId }]);
  }
  for (const { busId, innerBusId, isLimited, isCut } of judged.stripped) {
    const shared = judged.zoneOfBus.get(busId) === zone ? sharedAt.get(busId) : undefined;
    if (shared !== undefined) {
      sharedAt.delete(busId);
      if (isLimited && !sharesAreFair(shared, margin.whole, turns)) {
        return false;
      }
      if (!isCut) {
        addTo(sharedAt, innerBusId, isLimited ? [together(shared, turns)] : shared);
      }
    }
  }
  // What is left stands at the slack bus.
  return [...sharedAt.values()].every((shared) => sharesAreFair(shared, margin.whole, turns));
}

function turnsOf(orders: readonly JudgedOrder[], margin: JudgedMargin, rules: GridClearingRules): Turns {
  if (rules.curtailment !== 'rotating' || margin.side !== 'sell') {
    return { isBefore: (left, right) => left < right, rotates: false };
  }
  const first = firstInTurn(orders, margin, rules);
  return {
    isBefore: (left, right) => (left < first === right < first ? left < right : right < first),
    rotates: true,
  };
}

function addTo(sharedAt: Map<string, Shared[]>, busId: string, shared: Shared[]): void {
  const before = sharedAt.get(busId);
  if (before === undefined) {
    sharedAt.set(busId, shared);
  } else {
    before.push(...shared);
  }
}

function together(shared: readonly Shared[], { isBefore }: Turns): Shared {
  return shared.reduce((total, { part, filledWh, orderId }) => ({
    part: total.part + part,
    filledWh: total.filledWh + filledWh,
    orderId: isBefore(orderId, total.orderId) ? orderId : total.orderId,
  }));
}

/** The offer whose turn it is, among all offers of the grid at the price. */
function firstInTurn(orders: readonly JudgedOrder[], { price }: JudgedMargin, { rotation }: GridClearingRules): string {
  const ids = orders
    .filter(({ order }) => order.side === 'sell' && order.limitPriceMicroPerKwh === price)
    .map(({ order }) => order.orderId)
    .sort(compareText);
  return present(ids[exactNumber(rotation % BigInt(ids.length))], 'A margin has an offer.');
}

function sharesAreFair(shared: readonly Shared[], whole: bigint, turns: Turns): boolean {
  const isAhead = (left: Shared, right: Shared): boolean => {
    const [more, less] = [left.part % whole, right.part % whole];
    return turns.rotates || more === less ? turns.isBefore(left.orderId, right.orderId) : more > less;
  };
  const extras = shared.filter(({ filledWh, part }) => filledWh === part / whole + 1n);
  const plain = shared.filter(({ filledWh, part }) => filledWh === part / whole);
  const waiting = plain.filter(({ part }) => part % whole !== 0n);
  if (extras.length + plain.length < shared.length || extras.some(({ part }) => part % whole === 0n)) {
    return false;
  }
  const [lastExtra, ...otherExtras] = extras;
  const [firstWaiting, ...otherWaiting] = waiting;
  if (lastExtra === undefined || firstWaiting === undefined) {
    return true;
  }
  return isAhead(
    otherExtras.reduce((last, item) => (isAhead(last, item) ? item : last), lastExtra),
    otherWaiting.reduce((first, item) => (isAhead(item, first) ? item : first), firstWaiting),
  );
}
