import type { Market, MarketBranch, MarketOrder, MarketRow } from './market';
import { RandomSource } from './random-source';

/** How a market is made. */
export interface MarketShape {
  /** False leaves every branch without a limit. */
  readonly limits: boolean;
}

const busesMax = 30;
const ordersMax = 40;

/**
 * A random market; the same number and shape, the same market. A few prices are drawn from for a whole market, so that there are many ties; some
 * markets have one price, no seller, or one bus. Chains, stars and random trees have branches drawn in both directions, limits from zero to
 * more than anybody needs, in one direction, both or none; every second market is an hour whose limits are four quarter hours.
 */
export function randomMarket(seed: number, shape: MarketShape): Market {
  const random = new RandomSource(seed);
  const buses = Array.from({ length: busCount(random) }, (_, index) => `bus-${String(index).padStart(2, '0')}`);
  const slack = random.pick(buses);
  const prices = drawPrices(random);
  const biggestWh = random.pick([1, 7, 100, 5_000, 250_000]);
  const branches = drawBranches(random, buses, { biggestWh, limits: shape.limits });
  const places = random.chance(30) ? buses.filter(() => random.chance(40)) : buses;
  const orders = drawOrders(random, { buses: places.length > 0 ? places : [slack], prices, biggestWh });
  return { slack, buses, branches, orders: withSupplier(random, slack, { orders, prices, biggestWh }) };
}

function busCount(random: RandomSource): number {
  return random.pick([1, 2, 3, random.between(4, 8), random.between(4, 12), random.between(9, busesMax)]);
}

function drawPrices(random: RandomSource): readonly number[] {
  const count = random.pick([1, 2, 3, 5, 20]);
  const widest = random.pick([3, 50, 400_000]);
  return Array.from({ length: count }, () => random.between(0, widest) - (random.chance(10) ? widest : 0));
}

function drawBranches(
  random: RandomSource,
  buses: readonly string[],
  { biggestWh, limits }: { readonly biggestWh: number; readonly limits: boolean },
): readonly MarketBranch[] {
  const form = random.pick(['chain', 'star', 'tree', 'tree']);
  const shareOfLimited = random.pick([10, 40, 100]);
  const hourly = random.chance(50);
  const drawLimit = (): number | undefined => {
    if (!limits || !random.chance(shareOfLimited)) return undefined;
    const limitWh = random.pick([0, random.between(0, biggestWh), random.between(0, 4 * biggestWh)]);
    return hourly ? 4 * Math.floor(limitWh / 4) : limitWh;
  };
  return buses.slice(1).map((bus, index) => {
    const parents = { chain: index, star: 0, tree: random.between(0, index) };
    const parent = buses[parents[form as keyof typeof parents]] ?? bus;
    const [from, to] = random.chance(50) ? [parent, bus] : [bus, parent];
    return { id: `line-${String(index).padStart(2, '0')}`, from, to, forwardWh: drawLimit(), backwardWh: drawLimit() };
  });
}

interface OrderRanges {
  readonly buses: readonly string[];
  readonly prices: readonly number[];
  readonly biggestWh: number;
}

function drawOrders(random: RandomSource, { buses, prices, biggestWh }: OrderRanges): readonly MarketOrder[] {
  const sellers = random.pick([0, 20, 50, 50, 50, 80]);
  const count = random.pick([random.between(0, 3), random.between(2, 12), random.between(5, ordersMax)]);
  const equalWh = random.chance(20) ? random.between(1, biggestWh) : undefined;
  return Array.from({ length: count }, (_, index) => ({
    // Ids do not rise with the draw, so that ties by id are not ties by place.
    id: `order-${String((index * 37 + 11) % 1_009).padStart(4, '0')}`,
    side: random.chance(sellers) ? 'sell' : 'buy',
    bus: random.pick(buses),
    energyWh: equalWh ?? random.between(1, biggestWh),
    price: random.pick(prices),
  }));
}

/** Two of three markets have the balancing supplier at the slack bus: it sells dear and buys cheap, more than all others together. */
function withSupplier(
  random: RandomSource,
  slack: string,
  { biggestWh, orders, prices }: { readonly orders: readonly MarketOrder[] } & Omit<OrderRanges, 'buses'>,
): readonly MarketOrder[] {
  if (random.chance(33)) return orders;
  const energyWh = (orders.length + 1) * biggestWh;
  const [retail, feedIn] = [Math.max(...prices), Math.min(...prices)];
  return [
    ...orders,
    { id: 'supplier-sells', side: 'sell', bus: slack, energyWh, price: retail },
    { id: 'supplier-buys', side: 'buy', bus: slack, energyWh, price: feedIn },
  ];
}

const rowsMax = 5;

/** Random rows over some buses of a market. No bound is below zero, so that nothing traded is always possible; some are zero. */
export function randomRows(seed: number, { buses, orders }: Market): readonly MarketRow[] {
  const random = new RandomSource(seed);
  const mostWh = Math.max(1, ...orders.map(({ energyWh }) => energyWh));
  return Array.from({ length: random.between(1, rowsMax) }, (_, index) => {
    const widest = random.pick([1, 3, 40]);
    const share = random.pick([30, 100]);
    const chosen = buses
      .filter(() => random.chance(share))
      .map((bus) => [bus, random.between(-widest, widest)] as const);
    const coefficients = new Map(chosen.filter(([, coefficient]) => coefficient !== 0));
    return { id: `row-${index}`, coefficients, bound: random.pick([0, random.between(0, widest * mostWh)]) };
  });
}
