import { deriveGridClearing, searchBindingLimits } from '../grid-clearing/derive-grid';
import type { ClearingHint, GridDerivation, GridIntervalClearing } from '../grid-clearing/types';
import type { IntervalMarket } from './grid-market';

/** Most steps that the contract takes inside one group of prices, and most rows that it adds, when it looks for what binds. */
const searchRoundsMax = 64;

/** An outcome that is proven, and the hint that it comes from. */
export interface FoundInterval {
  readonly hint: ClearingHint;
  readonly clearing: GridIntervalClearing;
}

/** Derives and proves the outcome of an interval from the limits that a hint names. */
export function deriveInterval({ grid, orders, rules }: IntervalMarket, hint: ClearingHint): GridDerivation {
  return deriveGridClearing(orders, grid, hint, rules);
}

/** Finds and proves the outcome of an interval without an oracle; undefined where the steps do not suffice. */
export function searchInterval(market: IntervalMarket): FoundInterval | undefined {
  const { grid, orders, rules } = market;
  const hint = searchBindingLimits(orders, grid, rules, searchRoundsMax);
  const derived = hint === undefined ? undefined : deriveInterval(market, hint);
  return hint !== undefined && derived?.kind === 'cleared' ? { hint, clearing: derived.clearing } : undefined;
}
