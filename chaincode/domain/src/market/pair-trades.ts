import { assert, present } from '../assert';
import { compareText } from '../canonical';
import { compareBigint, floorQuotient, least, mulDivFloor, sum } from '../math';
import { ppmWhole } from '../units';
import type { Side } from './types';

/**
 * With whom an order would rather be paired: with somebody of its own place, with green energy, or with a named partner.
 * It decides who is listed as paired with whom after clearing; never a price, never a volume.
 */
export type PairingPreference =
  | { readonly kind: 'local' }
  | { readonly kind: 'green' }
  | { readonly kind: 'partner'; readonly participantId: string };

/** The filled part of an order, with what pairing asks about it. Energy in Wh, above zero; the limit in micro-units per kWh. */
export interface PairingFill {
  readonly orderId: string;
  readonly side: Side;
  readonly energyWh: bigint;
  readonly limitPriceMicroPerKwh: bigint;
  /** Who ordered; needed to be found by a named partner. */
  readonly participantId?: string;
  /** What `local` compares: the bus, or the street. Without it an order is local to nobody. */
  readonly placeId?: string;
  /** Whether a seller's energy counts as green. */
  readonly isGreen?: boolean;
  readonly preference?: PairingPreference;
}

/**
 * Energy that goes from one seller to one buyer. Where the fills of a zone do not balance, the rest of the longer side is paired
 * with the zone's boundary, and the other order id is undefined.
 */
export interface TradePair {
  readonly buyOrderId: string | undefined;
  readonly sellOrderId: string | undefined;
  readonly energyWh: bigint;
}

/** A fill and what of it has no partner yet. */
interface Open {
  readonly fill: PairingFill;
  restWh: bigint;
}

/** Open fills of one side in merit order, and how far they are used up: the rest of an entry only falls, so nothing is read twice. */
interface Queue {
  readonly entries: readonly Open[];
  next: number;
}

/** One round of pairing: those of `side` who wish so, and where each one looks for the other side. */
interface Round {
  readonly side: Side;
  readonly keyOf: (wishing: PairingFill) => string | undefined;
  readonly keyOfOther: (other: PairingFill) => string | undefined;
}

const greenKey = 'green';

const rounds: readonly Round[] = (['buy', 'sell'] as const).flatMap((side): readonly Round[] => [
  {
    side,
    keyOf: ({ preference }) => (preference?.kind === 'partner' ? preference.participantId : undefined),
    keyOfOther: ({ participantId }) => participantId,
  },
  {
    side,
    keyOf: ({ preference, placeId }) => (preference?.kind === 'local' ? placeId : undefined),
    keyOfOther: ({ placeId }) => placeId,
  },
  {
    side,
    keyOf: ({ preference }) => (preference?.kind === 'green' ? greenKey : undefined),
    keyOfOther: ({ isGreen, side: otherSide }) => (isGreen === true && otherSide === 'sell' ? greenKey : undefined),
  },
]);

/**
 * Pairs the fills of one zone: first the wishes (the buyers' for a partner, local, green; then the sellers'), each side in merit
 * order (buyers by falling, sellers by rising limit, then order id); then what is left in merit order, best with best; then the rest of
 * the longer side with the zone's boundary. Two orders are paired at most once, and there are fewer pairs than fills, or as many
 * where something is left for the boundary. The pairs stand by buyer, then seller, the boundary last.
 *
 * Money of pay-as-bid is made from pairs without wishes (`preferences: 'ignored'`), so that a wish never moves a price.
 *
 * @throws InvariantError when an order stands twice or a fill has no energy: a clearing never makes such
 */
export function pairTrades(fills: readonly PairingFill[], preferences: 'heeded' | 'ignored'): readonly TradePair[] {
  assert(new Set(fills.map((fill) => fill.orderId)).size === fills.length, 'An order is filled once.');
  assert(
    fills.every((fill) => fill.energyWh > 0n),
    'A fill has energy.',
  );
  const open = { buy: inMeritOrder(fills, 'buy'), sell: inMeritOrder(fills, 'sell') };
  const pairs: TradePair[] = [];
  for (const round of preferences === 'heeded' ? rounds : []) {
    pairRound(open[round.side], open[round.side === 'buy' ? 'sell' : 'buy'], round, pairs);
  }
  const everybody: Round = { side: 'buy', keyOf: () => '', keyOfOther: () => '' };
  pairRound(open.buy, open.sell, everybody, pairs);
  for (const { fill, restWh } of [...open.buy, ...open.sell]) {
    if (restWh > 0n) pairs.push(pairOf(fill, undefined, restWh));
  }
  return pairs.sort(
    (left, right) =>
      compareOptional(left.buyOrderId, right.buyOrderId) || compareOptional(left.sellOrderId, right.sellOrderId),
  );
}

/**
 * The price of a pair in pay-as-bid: low + floor(k × (high - low)) between the seller's and the buyer's effective limits, in micro-units
 * per kWh. At the zone's boundary it is the zone's clearing price.
 *
 * @param kPpm k in millionths, 0 to 1,000,000
 * @throws InvariantError when the seller asks more than the buyer pays: such two are never paired in an optimal clearing
 */
export function pairPriceMicroPerKwh(buyLimit: bigint, sellLimit: bigint, kPpm: bigint): bigint {
  assert(sellLimit <= buyLimit, 'Of two orders that are paired the buyer pays what the seller asks.');
  return sellLimit + mulDivFloor(buyLimit - sellLimit, kPpm, ppmWhole);
}

/** A trade of pay-as-bid with its price in micro-units per kWh. */
export interface PricedPair extends TradePair {
  readonly priceMicroPerKwh: bigint;
}

/**
 * The trades of pay-as-bid in one zone (rule: same fills as uniform price, each pair at its own price). The pairs are made without
 * wishes, in merit order.
 *
 * @param boundaryMicroPerKwh the zone's clearing price, for what is traded over the zone's boundary; may be undefined where nothing is
 */
export function payAsBidPairs(
  fills: readonly PairingFill[],
  kPpm: bigint,
  boundaryMicroPerKwh: bigint | undefined,
): readonly PricedPair[] {
  const limitOf = new Map(fills.map((fill) => [fill.orderId, fill.limitPriceMicroPerKwh]));
  const known = (id: string): bigint => present(limitOf.get(id), 'A pair is made of fills.');
  return pairTrades(fills, 'ignored').map((pair) => {
    const { buyOrderId, sellOrderId } = pair;
    const priceMicroPerKwh =
      buyOrderId === undefined || sellOrderId === undefined
        ? present(boundaryMicroPerKwh, 'A zone that trades over its boundary has a price.')
        : pairPriceMicroPerKwh(known(buyOrderId), known(sellOrderId), kPpm);
    return { ...pair, priceMicroPerKwh };
  });
}

/**
 * The mean price of each order over its pairs, in micro-units per kWh, rounded against the order (a buyer's up, a seller's down) by
 * less than one micro-unit, which never crosses its limit.
 */
export function meanPriceByOrder(pairs: readonly PricedPair[]): ReadonlyMap<string, bigint> {
  const means = new Map<string, bigint>();
  for (const side of ['buyOrderId', 'sellOrderId'] as const) {
    for (const [orderId, own] of groupBy(pairs, (pair) => pair[side])) {
      const energyWh = sum(own.map((pair) => pair.energyWh));
      const worth = sum(own.map((pair) => pair.energyWh * pair.priceMicroPerKwh));
      means.set(orderId, side === 'buyOrderId' ? -floorQuotient(-worth, energyWh) : floorQuotient(worth, energyWh));
    }
  }
  return means;
}

function pairRound(wishing: readonly Open[], others: readonly Open[], round: Round, pairs: TradePair[]): void {
  const queues = new Map<string, Queue>();
  for (const [key, entries] of groupBy(others, ({ fill }) => round.keyOfOther(fill))) {
    queues.set(key, { entries, next: 0 });
  }
  for (const open of wishing) {
    const key = round.keyOf(open.fill);
    const queue = key === undefined ? undefined : queues.get(key);
    if (queue !== undefined) takeFrom(queue, open, pairs);
  }
}

function takeFrom(queue: Queue, open: Open, pairs: TradePair[]): void {
  while (open.restWh > 0n) {
    const other = queue.entries[queue.next];
    if (other === undefined) return;
    const stepWh = least(open.restWh, other.restWh);
    if (stepWh > 0n) {
      pairs.push(pairOf(open.fill, other.fill, stepWh));
      open.restWh -= stepWh;
      other.restWh -= stepWh;
    }
    if (other.restWh === 0n) queue.next += 1;
  }
}

function pairOf(one: PairingFill, other: PairingFill | undefined, energyWh: bigint): TradePair {
  return one.side === 'buy'
    ? { buyOrderId: one.orderId, sellOrderId: other?.orderId, energyWh }
    : { buyOrderId: other?.orderId, sellOrderId: one.orderId, energyWh };
}

function inMeritOrder(fills: readonly PairingFill[], side: Side): readonly Open[] {
  const direction = side === 'buy' ? -1 : 1;
  return fills
    .filter((fill) => fill.side === side)
    .sort(
      (left, right) =>
        direction * compareBigint(left.limitPriceMicroPerKwh, right.limitPriceMicroPerKwh) ||
        compareText(left.orderId, right.orderId),
    )
    .map((fill) => ({ fill, restWh: fill.energyWh }));
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string | undefined): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

/** Ids by text; what is undefined comes last. */
function compareOptional(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) {
    return (left === undefined ? 1 : 0) - (right === undefined ? 1 : 0);
  }
  return compareText(left, right);
}
