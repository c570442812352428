import type { ClearingGrid, GridClearingRules, GridOrder } from '@flexledger/domain';
import type { Market } from './market';

/** A market of the reference in the words of the domain. */
export interface DomainMarket {
  readonly orders: readonly GridOrder[];
  readonly grid: ClearingGrid;
}

/** The rules under which random markets are cleared, by turns; floor and cap lie outside all prices of random-market.ts. */
export function referenceRules(index: number): GridClearingRules {
  return {
    kPpm: [500_000n, 0n, 1_000_000n, 333_333n][index % 4] ?? 0n,
    curtailment: (['pro-rata', 'per-kw', 'rotating'] as const)[index % 3] ?? 'pro-rata',
    priceFloorMicroPerKwh: -1_000_000n,
    priceCapMicroPerKwh: 1_000_000n,
    rotation: BigInt(index % 50),
  };
}

/** Translates a market, number by number. */
export function domainMarket({ branches, buses, orders, slack }: Market): DomainMarket {
  const limitOf = (limitWh: number | undefined): bigint | undefined =>
    limitWh === undefined ? undefined : BigInt(limitWh);
  return {
    orders: orders.map(({ bus, energyWh, id, price, side }, index) => ({
      orderId: id,
      side,
      busId: bus,
      energyWh: BigInt(energyWh),
      limitPriceMicroPerKwh: BigInt(price),
      // Sizes that have nothing to do with what is offered, and an order in seven without.
      installedW: index % 7 === 6 ? undefined : BigInt(1 + (index % 5)) * 1_000n,
    })),
    grid: {
      slackBus: slack,
      buses,
      branches: branches.map(({ backwardWh, forwardWh, from, id, to }) => ({
        id,
        fromBus: from,
        toBus: to,
        forwardLimitWh: limitOf(forwardWh),
        backwardLimitWh: limitOf(backwardWh),
      })),
    },
  };
}
