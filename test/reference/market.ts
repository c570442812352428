/*
 * A market of one interval in plain numbers, as the reference knows it. Nothing here or in optimum.ts imports the domain: what the two
 * have in common is only what a market is.
 */

/** An order at a bus; energy in Wh, price in micro-units per kWh. */
export interface MarketOrder {
  readonly id: string;
  readonly side: 'buy' | 'sell';
  readonly bus: string;
  readonly energyWh: number;
  readonly price: number;
}

/** A branch of the tree; limits in Wh of the interval, forward is `from` to `to`; undefined where there is none. */
export interface MarketBranch {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly forwardWh: number | undefined;
  readonly backwardWh: number | undefined;
}

/** A row over the net exports of buses: sum of coefficient times net export in Wh is at most the bound. */
export interface MarketRow {
  readonly id: string;
  readonly coefficients: ReadonlyMap<string, number>;
  readonly bound: number;
}

/** Buses joined to a tree by branches, and the orders that stand at them. */
export interface Market {
  readonly slack: string;
  readonly buses: readonly string[];
  readonly branches: readonly MarketBranch[];
  readonly orders: readonly MarketOrder[];
}
