import { deriveGridClearing, searchBindingLimits } from '../grid-clearing/derive-grid';
import { findRowsClearingFault } from '../grid-clearing/fault-rows';
import { sum } from '../../math';
import type { ClearingHint, GridDerivation, GridIntervalClearing, GridOrder } from '../grid-clearing/types';
import type { IntervalMarket } from './grid-market';

/** Most steps that the contract takes inside one group of prices, and most rows that it adds, when it looks for what binds. */
const searchRoundsMax = 64;

/** An outcome that is proven, and the hint that it comes from. */
export interface FoundInterval {
  readonly hint: ClearingHint;
  readonly clearing: GridIntervalClearing;
}

/** True where a hint names a general row: the rows decide then, also where the outcome that they lead to has none at its bound. */
export function namesRow({ bindingLimits }: ClearingHint): boolean {
  return bindingLimits.some(({ direction }) => direction === 'row');
}

/**
 * Derives and proves the outcome of an interval from the limits that a hint names. Where rows decide, an outcome with which the second path
 * finds a fault is not used (MARKET_CLEARING_ROWS_UNSUPPORTED).
 */
export function deriveInterval({ grid, orders, rules }: IntervalMarket, hint: ClearingHint): GridDerivation {
  const derived = deriveGridClearing(orders, grid, hint, rules);
  if (derived.kind === 'refused' || !namesRow(hint)) {
    return derived;
  }
  return findRowsClearingFault(orders, grid, derived.clearing, rules) === undefined
    ? { ...derived, clearing: payingNobodyToTake(orders, derived.clearing) }
    : { kind: 'refused', code: 'MARKET_CLEARING_ROWS_UNSUPPORTED' };
}

/**
 * Under general rows a price can be below zero, where taking energy makes room for others. Nobody is paid for that: the price is zero then,
 * which whoever trades there accepts as well, and the difference is rent.
 */
function payingNobodyToTake(orders: readonly GridOrder[], clearing: GridIntervalClearing): GridIntervalClearing {
  const below = new Map<string, bigint>();
  const zones = clearing.zones.map((zone) => {
    const { busIds, price } = zone;
    if (price === undefined || price.clearingMicroPerKwh >= 0n) {
      return zone;
    }
    const { clearingMicroPerKwh } = price;
    busIds.forEach((busId) => below.set(busId, clearingMicroPerKwh));
    return { busIds, price: { ...price, clearingMicroPerKwh: 0n } };
  });
  const filled = new Map(clearing.fills.map(({ energyWh, orderId }) => [orderId, energyWh]));
  const givenNano = sum(
    orders.map(({ busId, orderId, side }) => {
      const amountNano = (below.get(busId) ?? 0n) * (filled.get(orderId) ?? 0n);
      return side === 'buy' ? amountNano : -amountNano;
    }),
  );
  return { ...clearing, zones, rentNano: clearing.rentNano - givenNano };
}

/** Finds and proves the outcome of an interval without an oracle; undefined where the steps do not suffice. */
export function searchInterval(market: IntervalMarket): FoundInterval | undefined {
  const { grid, orders, rules } = market;
  const hint = searchBindingLimits(orders, grid, rules, searchRoundsMax);
  const derived = hint === undefined ? undefined : deriveInterval(market, hint);
  return hint !== undefined && derived?.kind === 'cleared' ? { hint, clearing: derived.clearing } : undefined;
}
