import type { ClearingOrder, ClearingPrice, Fill } from '../types';

/**
 * An order of one interval that stands at a bus. Its limit price is the effective one, at the reference bus (see
 * `effective-prices.ts`). Energy in whole Wh of the interval.
 */
export interface GridOrder extends ClearingOrder {
  readonly busId: string;
  /** The installed power behind an offer, in W; only the curtailment per installed kW asks for it. */
  readonly installedW?: bigint | undefined;
}

/**
 * A line, a transformer or a congestion point between two buses, with what it may carry in the interval, in Wh. Forward is from
 * `fromBus` to `toBus`; an absent limit never binds. A limit is not negative, so that a grid without trade keeps all of them.
 */
export interface TreeLimit {
  readonly id: string;
  readonly fromBus: string;
  readonly toBus: string;
  readonly forwardLimitWh: bigint | undefined;
  readonly backwardLimitWh: bigint | undefined;
}

/** A general row, for example a bus voltage: Σ coefficient × net export of the bus in Wh <= bound. An absent bus counts 0. */
export interface GridLimitRow {
  readonly id: string;
  readonly coefficients: ReadonlyMap<string, bigint>;
  readonly bound: bigint;
}

/**
 * The grid of one interval. The branches form a tree over the buses; the balancing supplier stands at the slack bus. A grid with
 * more branches than a tree has its limits in rows.
 */
export interface ClearingGrid {
  readonly slackBus: string;
  readonly buses: readonly string[];
  readonly branches: readonly TreeLimit[];
  readonly rows?: readonly GridLimitRow[] | undefined;
}

/** A limit that holds the clearing back: a branch in one direction, or a row. */
export interface BindingLimit {
  readonly id: string;
  readonly direction: 'forward' | 'backward' | 'row';
}

/** What an oracle says: which limits bind and, where rows bind, which orders are at the margin. The outcome is derived from it. */
export interface ClearingHint {
  readonly bindingLimits: readonly BindingLimit[];
  readonly marginalOrderIds?: readonly string[] | undefined;
}

/** How curtailment is shared among offers at the same marginal price. */
export type Curtailment = 'pro-rata' | 'per-kw' | 'rotating';

/** What the clearing on a grid takes from the rule set, and from its session. */
export interface GridClearingRules {
  /** Where the price lies in its interval, in millionths. */
  readonly kPpm: bigint;
  readonly curtailment: Curtailment;
  /** Where a price interval is open below, it ends here, in micro-units per kWh. */
  readonly priceFloorMicroPerKwh: bigint;
  /** Where a price interval is open above, it ends here, in micro-units per kWh. */
  readonly priceCapMicroPerKwh: bigint;
  /** Whose turn it is under `rotating`: a count that goes up with interval and session; not negative. */
  readonly rotation: bigint;
}

/** Buses at one level and their price; no price where nothing is traded on the whole grid. Bus ids are in byte order. */
export interface ZonePrice {
  readonly busIds: readonly string[];
  readonly price: ClearingPrice | undefined;
}

/** A limit that binds, with what one more Wh of it would be worth, and the congestion rent that it earns. */
export interface PricedLimit extends BindingLimit {
  /**
   * The price on the receiving side less the price on the sending side, in micro-units per kWh; not negative. Of a general row, by how
   * much it moves the price of the bus that it moves most, rounded down; 0 where it only decides between equal prices.
   */
  readonly shadowPriceMicroPerKwh: bigint;
  /** Shadow price × energy at the limit, in thousandths of a micro-unit (1 Wh at 1 micro-unit per kWh). */
  readonly rentNano: bigint;
}

/** What a branch carries, in Wh; one of the two is 0. */
export interface BranchFlow {
  readonly id: string;
  readonly forwardWh: bigint;
  readonly backwardWh: bigint;
}

/**
 * The outcome of one interval on a grid. Fills are in the order of the order ids, zones in the order of their first bus, binding
 * limits and flows in the order of their ids. Welfare and rent are in thousandths of a micro-unit.
 */
export interface GridIntervalClearing {
  readonly tradedWh: bigint;
  readonly fills: readonly Fill[];
  readonly zones: readonly ZonePrice[];
  readonly bindingLimits: readonly PricedLimit[];
  readonly flows: readonly BranchFlow[];
  /** What buyers would have paid at most less what sellers would have taken at least, both effective. */
  readonly welfareNano: bigint;
  /** What buyers pay at their nodal prices less what sellers get: Σ rent of the binding limits. */
  readonly rentNano: bigint;
  /** Jain's index of (curtailed ÷ offered) among offers at a price at which a zone curtails, in millionths; 1,000,000 where none is. */
  readonly jainPpm: bigint;
}

/** Why a hint is refused, in the order in which it is looked for. */
export type GridClearingRefusal =
  | 'MARKET_CLEARING_LIMIT_TWICE'
  | 'MARKET_CLEARING_LIMIT_UNKNOWN'
  | 'MARKET_CLEARING_ROWS_UNSUPPORTED'
  | 'MARKET_CLEARING_LIMIT_NOT_REACHED'
  | 'MARKET_CLEARING_LIMIT_EXCEEDED'
  | 'MARKET_CLEARING_LIMIT_NOT_NEEDED'
  | 'MARKET_CLEARING_ROW_EXCEEDED';

/** What comes of a hint: the outcome, proven, or the reason why the hint is not the right one. */
export type GridDerivation =
  | { readonly kind: 'cleared'; readonly clearing: GridIntervalClearing }
  | { readonly kind: 'refused'; readonly code: GridClearingRefusal };
