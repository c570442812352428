import { ppmWhole } from '../units';
import type { ClearingOrder, ClearingPrice, IntervalClearing, Side } from './types';

/** What can be wrong with a clearing, in the order in which it is looked for. */
export type ClearingFault =
  | 'FILL_UNKNOWN_ORDER'
  | 'FILL_TWICE'
  | 'FILL_NOT_POSITIVE'
  | 'FILL_ABOVE_ORDER'
  | 'NOT_CONSERVED'
  | 'VOLUME_NOT_LARGEST'
  | 'PRICE_WITHOUT_TRADE'
  | 'TRADE_WITHOUT_PRICE'
  | 'PRICE_INTERVAL'
  | 'PRICE_NOT_K'
  | 'LIMIT_VIOLATED'
  | 'MERIT_ORDER'
  | 'MARGIN_NOT_SHARED'
  | 'NOT_OPTIMAL';

interface Judged {
  readonly order: ClearingOrder;
  readonly filledWh: bigint;
}

/**
 * Checks a clearing without clearing: conservation, limits (I11), merit order, the price interval and its k-price, the sharing of the
 * margin, the largest volume, and the optimality of the welfare by duality (at the price, the surplus that every order could claim
 * sums to the welfare that the fills have). It neither sorts nor matches, so that a mistake of `clearInterval` is not repeated here.
 *
 * @returns the first fault, or undefined where the clearing is right
 */
export function findClearingFault(
  orders: readonly ClearingOrder[],
  clearing: IntervalClearing,
  kPpm: bigint,
): ClearingFault | undefined {
  const filled = new Map(clearing.fills.map((fill) => [fill.orderId, fill.energyWh]));
  const judged = orders.map((order) => ({ order, filledWh: filled.get(order.orderId) ?? 0n }));
  return (
    faultOfFills(orders, clearing) ??
    faultOfVolume(judged, clearing) ??
    faultOfPrice(judged, clearing.price, kPpm) ??
    faultOfMargin(judged, 'buy') ??
    faultOfMargin(judged, 'sell')
  );
}

function faultOfFills(orders: readonly ClearingOrder[], { fills }: IntervalClearing): ClearingFault | undefined {
  const known = new Map(orders.map((order) => [order.orderId, order.energyWh]));
  const seen = new Set<string>();
  for (const { orderId, energyWh } of fills) {
    const orderedWh = known.get(orderId);
    if (orderedWh === undefined) {
      return 'FILL_UNKNOWN_ORDER';
    }
    if (seen.has(orderId)) {
      return 'FILL_TWICE';
    }
    if (energyWh <= 0n) {
      return 'FILL_NOT_POSITIVE';
    }
    if (energyWh > orderedWh) {
      return 'FILL_ABOVE_ORDER';
    }
    seen.add(orderId);
  }
  return undefined;
}

function faultOfVolume(judged: readonly Judged[], { tradedWh }: IntervalClearing): ClearingFault | undefined {
  if (filledOn(judged, 'buy') !== tradedWh || filledOn(judged, 'sell') !== tradedWh) {
    return 'NOT_CONSERVED';
  }
  const bid = highest(limitsOf(judged, 'buy', hasRest));
  const offer = lowest(limitsOf(judged, 'sell', hasRest));
  return bid !== undefined && offer !== undefined && bid >= offer ? 'VOLUME_NOT_LARGEST' : undefined;
}

function faultOfPrice(
  judged: readonly Judged[],
  price: ClearingPrice | undefined,
  kPpm: bigint,
): ClearingFault | undefined {
  const trades = judged.some(hasFill);
  if (price === undefined) {
    return trades ? 'TRADE_WITHOUT_PRICE' : undefined;
  }
  if (!trades) {
    return 'PRICE_WITHOUT_TRADE';
  }
  return (
    faultOfInterval(judged, price, kPpm) ??
    faultOfLimits(judged, price.clearingMicroPerKwh) ??
    faultOfWelfare(judged, price)
  );
}

function faultOfInterval(judged: readonly Judged[], price: ClearingPrice, kPpm: bigint): ClearingFault | undefined {
  const low = highest([...limitsOf(judged, 'sell', hasFill), ...limitsOf(judged, 'buy', hasRest)]);
  const high = lowest([...limitsOf(judged, 'buy', hasFill), ...limitsOf(judged, 'sell', hasRest)]);
  if (low === undefined || high === undefined || low > high) {
    return 'PRICE_INTERVAL';
  }
  if (price.lowMicroPerKwh !== low || price.highMicroPerKwh !== high) {
    return 'PRICE_INTERVAL';
  }
  // floor(k × width) is the only integer whose distance below k × width is less than one.
  const scaled = (price.clearingMicroPerKwh - low) * ppmWhole;
  const below = (high - low) * kPpm - scaled;
  return below >= 0n && below < ppmWhole ? undefined : 'PRICE_NOT_K';
}

function faultOfLimits(judged: readonly Judged[], price: bigint): ClearingFault | undefined {
  for (const entry of judged) {
    const gain = gainAt(entry.order, price);
    if (gain < 0n && hasFill(entry)) {
      return 'LIMIT_VIOLATED';
    }
    if (gain > 0n && hasRest(entry)) {
      return 'MERIT_ORDER';
    }
  }
  return undefined;
}

/** Strong duality: the claims at the price are an upper bound of the welfare, reached exactly by an optimal clearing. */
function faultOfWelfare(judged: readonly Judged[], price: ClearingPrice): ClearingFault | undefined {
  let welfare = 0n;
  let claims = 0n;
  for (const { order, filledWh } of judged) {
    const signed = order.side === 'buy' ? order.limitPriceMicroPerKwh : -order.limitPriceMicroPerKwh;
    const gain = gainAt(order, price.clearingMicroPerKwh);
    welfare += signed * filledWh;
    claims += gain > 0n ? gain * order.energyWh : 0n;
  }
  return welfare === claims ? undefined : 'NOT_OPTIMAL';
}

/** Orders of one limit get equal shares of their energy, but for one unit that goes by largest remainder, then order id. */
function faultOfMargin(judged: readonly Judged[], side: Side): ClearingFault | undefined {
  const entries = judged.filter((entry) => entry.order.side === side);
  const filledLimits = limitsOf(entries, side, hasFill);
  const marginal = side === 'buy' ? lowest(filledLimits) : highest(filledLimits);
  const equals = entries.filter((entry) => entry.order.limitPriceMicroPerKwh === marginal);
  if (entries.some((entry) => isBetter(entry.order, marginal) && hasRest(entry))) {
    return 'MERIT_ORDER';
  }
  return sharesAreFair(equals) ? undefined : 'MARGIN_NOT_SHARED';
}

function sharesAreFair(equals: readonly Judged[]): boolean {
  const wholeWh = equals.reduce((total, { order }) => total + order.energyWh, 0n);
  const sharedWh = equals.reduce((total, { filledWh }) => total + filledWh, 0n);
  const extras: Judged[] = [];
  const plain: Judged[] = [];
  for (const entry of equals) {
    const floorWh = (sharedWh * entry.order.energyWh) / wholeWh;
    if (entry.filledWh === floorWh + 1n) {
      extras.push(entry);
    } else if (entry.filledWh === floorWh) {
      plain.push(entry);
    } else {
      return false;
    }
  }
  const remainder = ({ order }: Judged): bigint => (sharedWh * order.energyWh) % wholeWh;
  const leastExtra = lowest(extras.map(remainder));
  const mostPlain = highest(plain.map(remainder));
  if (leastExtra === undefined || mostPlain === undefined || leastExtra > mostPlain) {
    return true;
  }
  // On a tie of remainders the extra units belong to the smaller order ids.
  const tiedExtras = extras.filter((entry) => remainder(entry) === leastExtra);
  const tiedPlain = plain.filter((entry) => remainder(entry) === mostPlain);
  return (
    leastExtra === mostPlain &&
    tiedExtras.every((extra) => tiedPlain.every((other) => extra.order.orderId < other.order.orderId))
  );
}

function isBetter(order: ClearingOrder, marginal: bigint | undefined): boolean {
  if (marginal === undefined) {
    return false;
  }
  return order.side === 'buy' ? order.limitPriceMicroPerKwh > marginal : order.limitPriceMicroPerKwh < marginal;
}

/** What an order gains per kWh when it trades at the price; below zero it would lose. */
function gainAt(order: ClearingOrder, price: bigint): bigint {
  return order.side === 'buy' ? order.limitPriceMicroPerKwh - price : price - order.limitPriceMicroPerKwh;
}

function hasFill(entry: Judged): boolean {
  return entry.filledWh > 0n;
}

function hasRest(entry: Judged): boolean {
  return entry.filledWh < entry.order.energyWh;
}

function filledOn(judged: readonly Judged[], side: Side): bigint {
  return judged.reduce((total, entry) => (entry.order.side === side ? total + entry.filledWh : total), 0n);
}

function limitsOf(judged: readonly Judged[], side: Side, which: (entry: Judged) => boolean): readonly bigint[] {
  return judged
    .filter((entry) => entry.order.side === side && which(entry))
    .map((entry) => entry.order.limitPriceMicroPerKwh);
}

function highest(values: readonly bigint[]): bigint | undefined {
  return values.reduce<bigint | undefined>(
    (best, value) => (best === undefined || value > best ? value : best),
    undefined,
  );
}

function lowest(values: readonly bigint[]): bigint | undefined {
  return values.reduce<bigint | undefined>(
    (best, value) => (best === undefined || value < best ? value : best),
    undefined,
  );
}
