import {
  deriveGridClearing,
  searchBindingLimits,
  type BindingLimit,
  type ClearingGrid,
  type GridClearingRules,
  type GridIntervalClearing,
  type GridOrder,
} from '@flexledger/domain';
import { busIdOf, quartersPerHour, type MarketYear, type YearUnit } from './year-data';

/** The prices of the year, in micro-units per kWh: PV asks less than the supplier gives, loads pay what the supplier asks. */
export const yearPrices = { pvMicroPerKwh: 60_000n, feedInMicroPerKwh: 80_000n, retailMicroPerKwh: 320_000n } as const;

/** The rules of the year. */
export const yearRules: GridClearingRules = {
  kPpm: 500_000n,
  curtailment: 'pro-rata',
  priceFloorMicroPerKwh: 0n,
  priceCapMicroPerKwh: 1_000_000n,
  rotation: 0n,
};

/** Rounds of the search for the limits that bind; the grid has 28 limits. */
const roundsMax = 64;

/** The grid with what its lines and its transformer may carry in an interval: so many times what a quarter hour allows, in whole Wh. */
export function yearGrid({ grid }: MarketYear, intervalSlots: number): ClearingGrid {
  const branchOf = (id: string, { fromBus, limitW, toBus }: (typeof grid)['transformer']) => {
    const limitWh = BigInt(intervalSlots) * (limitW / BigInt(quartersPerHour));
    const ends = { fromBus: busIdOf(fromBus), toBus: busIdOf(toBus) };
    return { id, ...ends, forwardLimitWh: limitWh, backwardLimitWh: limitWh };
  };
  return {
    slackBus: busIdOf(grid.transformer.fromBus),
    buses: grid.buses.map(({ id }) => busIdOf(id)),
    branches: [
      branchOf('transformer', grid.transformer),
      ...grid.lines.map((line) => branchOf(`line-${line.id}`, line)),
    ],
  };
}

/** The orders of an interval: each unit that has energy, and the supplier at the slack bus, who takes and gives whatever there is. */
export function yearOrders({ grid, units }: MarketYear, energyWh: (unit: YearUnit) => bigint): readonly GridOrder[] {
  const orders = units.map((unit): GridOrder => {
    const [side, limitPriceMicroPerKwh] =
      unit.kind === 'pv'
        ? (['sell', yearPrices.pvMicroPerKwh] as const)
        : (['buy', yearPrices.retailMicroPerKwh] as const);
    return {
      orderId: unit.id,
      side,
      busId: unit.busId,
      energyWh: energyWh(unit),
      limitPriceMicroPerKwh,
      installedW: unit.ratedW,
    };
  });
  const offered = orders.filter((order) => order.energyWh > 0n);
  const totalWh = offered.reduce((total, order) => total + order.energyWh, 1n);
  const supplier = { busId: busIdOf(grid.transformer.fromBus), energyWh: totalWh };
  return [
    ...offered,
    { ...supplier, orderId: 'supplier-buys', side: 'buy', limitPriceMicroPerKwh: yearPrices.feedInMicroPerKwh },
    { ...supplier, orderId: 'supplier-sells', side: 'sell', limitPriceMicroPerKwh: yearPrices.retailMicroPerKwh },
  ];
}

/** An interval that has been cleared: the limits that were named, and the outcome that the domain derived from them and proved. */
export interface ClearedInterval {
  readonly bindingLimits: readonly BindingLimit[];
  readonly clearing: GridIntervalClearing;
  readonly filledWh: ReadonlyMap<string, bigint>;
}

/** Clears an interval as the contract does where no oracle answers: search, derive, prove. */
export function clearYearInterval(orders: readonly GridOrder[], grid: ClearingGrid): ClearedInterval {
  const hint = searchBindingLimits(orders, grid, yearRules, roundsMax);
  if (hint === undefined) throw new Error('the search for binding limits did not end');
  const derived = deriveGridClearing(orders, grid, hint, yearRules);
  if (derived.kind === 'refused') throw new Error(`the derivation is refused: ${derived.code}`);
  const filledWh = new Map(derived.clearing.fills.map((fill) => [fill.orderId, fill.energyWh]));
  return { bindingLimits: hint.bindingLimits, clearing: derived.clearing, filledWh };
}
