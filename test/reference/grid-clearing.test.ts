import {
  deriveGridClearing,
  findGridClearingFault,
  searchBindingLimits,
  type GridIntervalClearing,
} from '@flexledger/domain';
import { domainMarket, referenceRules } from './domain-market';
import { loadHighs, solveWithHighs } from './highs-optimum';
import type { Market } from './market';
import { findOptimum } from './optimum';
import { randomMarket } from './random-market';

/*
 * The domain's clearing on a grid against two optima that share no code with it, on ten thousand random markets with and without limits.
 * A market that fails is named by its seed: randomMarket(seed, shape) makes it again.
 */

const MARKETS = 10_000;
const FIRST_SEED = 6_000_000;
/** Every so many markets HiGHS solves too; the other optimum, proven by duality, is there for each. */
const HIGHS_EVERY = 5;
const ROUNDS_MAX = 64;

/** Welfare from the fills alone, in micro-units per kWh times Wh. */
function welfareOf({ orders }: Market, { fills }: GridIntervalClearing): bigint {
  const byId = new Map(orders.map((order) => [order.id, order]));
  return fills.reduce((welfare, { energyWh, orderId }) => {
    const { price, side } = byId.get(orderId)!;
    return side === 'buy' ? welfare + BigInt(price) * energyWh : welfare - BigInt(price) * energyWh;
  }, 0n);
}

/** The first thing in which an outcome is not possible, from the fills alone: an order exceeded, energy lost, a limit exceeded. */
function impossibility(market: Market, { fills }: GridIntervalClearing): string | undefined {
  const byId = new Map(market.orders.map((order) => [order.id, order]));
  const outOf = new Map(market.buses.map((bus) => [bus, 0n]));
  for (const { energyWh, orderId } of fills) {
    const order = byId.get(orderId);
    if (order === undefined || energyWh <= 0n || energyWh > BigInt(order.energyWh))
      return `order ${orderId}: ${energyWh}`;
    outOf.set(order.bus, outOf.get(order.bus)! + (order.side === 'sell' ? energyWh : -energyWh));
  }
  if ([...outOf.values()].reduce((sum, energyWh) => sum + energyWh, 0n) !== 0n) return 'energy is made or lost';
  for (const branch of market.branches) {
    const flowWh = [...busesBehind(market, branch.id)].reduce((sum, bus) => sum + outOf.get(bus)!, 0n);
    if (branch.forwardWh !== undefined && flowWh > BigInt(branch.forwardWh)) return `${branch.id} carries ${flowWh}`;
    if (branch.backwardWh !== undefined && -flowWh > BigInt(branch.backwardWh)) return `${branch.id} carries ${flowWh}`;
  }
  return undefined;
}

/** The buses on the `from` side of a branch. */
function busesBehind({ branches, buses }: Market, id: string): ReadonlySet<string> {
  const others = branches.filter((branch) => branch.id !== id);
  const behind = new Set([branches.find((branch) => branch.id === id)!.from]);
  for (let grown = 0; grown < buses.length; grown += 1) {
    for (const { from, to } of others) {
      if (behind.has(from)) behind.add(to);
      if (behind.has(to)) behind.add(from);
    }
  }
  return behind;
}

/** The first order that the price of its bus does not support, which it does when the price is a dual solution. */
function unsupported({ orders }: Market, { fills, zones }: GridIntervalClearing): string | undefined {
  const filled = new Map(fills.map(({ energyWh, orderId }) => [orderId, energyWh]));
  const prices = new Map(zones.flatMap(({ busIds, price }) => busIds.map((bus) => [bus, price] as const)));
  const wrong = orders.find(({ bus, energyWh, id, price, side }) => {
    const zonePrice = prices.get(bus)?.clearingMicroPerKwh;
    if (zonePrice === undefined) return filled.has(id);
    const gain = side === 'buy' ? BigInt(price) - zonePrice : zonePrice - BigInt(price);
    return (gain > 0n && filled.get(id) !== BigInt(energyWh)) || (gain < 0n && filled.has(id));
  });
  return wrong && `order ${wrong.id} at ${wrong.bus}`;
}

/** Clears a market as the contract does without an oracle, and judges the outcome in every way that this file knows. */
function judged(market: Market, index: number) {
  const { grid, orders } = domainMarket(market);
  const rules = referenceRules(index);
  const hint = searchBindingLimits(orders, grid, rules, ROUNDS_MAX);
  if (hint === undefined) return { failure: 'the search did not end' };
  const derived = deriveGridClearing(orders, grid, hint, rules);
  if (derived.kind === 'refused') return { failure: `refused: ${derived.code}` };
  const { clearing } = derived;
  return {
    impossible: impossibility(market, clearing),
    unsupported: unsupported(market, clearing),
    fault: findGridClearingFault(orders, grid, clearing, rules),
    tradedWh: Number(clearing.tradedWh),
    welfare: welfareOf(market, clearing),
    stated: clearing.welfareNano,
    limits: clearing.bindingLimits.length,
    priced: clearing.bindingLimits.filter(({ shadowPriceMicroPerKwh }) => shadowPriceMicroPerKwh > 0n).length,
  };
}

describe('the clearing on a grid', () => {
  test.each([
    ['with', true],
    ['without', false],
  ])(
    'has exactly the welfare of the optimum and its largest volume, in random markets %s limits',
    async (_name, limits) => {
      const highs = await loadHighs();
      const seen = { traded: 0, held: 0, severalPrices: 0 };
      for (let index = 0; index < MARKETS / 2; index += 1) {
        const seed = FIRST_SEED + 2 * index + (limits ? 1 : 0);
        const market = randomMarket(seed, { limits });
        const { tradedWh, welfare } = findOptimum(market);
        const { limits: held, priced, ...verdict } = judged(market, index);
        const right = { impossible: undefined, unsupported: undefined, fault: undefined };
        expect({ seed, ...verdict }).toEqual({ seed, ...right, tradedWh, welfare, stated: welfare });
        if (index % HIGHS_EVERY === 0) {
          expect({ seed, highs: solveWithHighs(highs, market) }).toEqual({ seed, highs: welfare });
        }
        seen.traded += tradedWh > 0 ? 1 : 0;
        seen.held += (held ?? 0) > 0 ? 1 : 0;
        seen.severalPrices += (priced ?? 0) > 0 ? 1 : 0;
      }
      // The markets are worth the while: most trade, and with limits most are held back by one.
      expect(seen.traded).toBeGreaterThan(MARKETS / 4);
      expect(seen.held > MARKETS / 8).toBe(limits);
      expect(seen.severalPrices > MARKETS / 10).toBe(limits);
    },
    600_000,
  );
});
