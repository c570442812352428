import type { StatementTotals } from '@flexledger/domain';

/**
 * The report of a day as JSON. Energy (Wh), power (W), money (micro-units of the currency) and prices (micro-units per
 * kWh) are decimal strings, as on the ledger. `trades`, `prices` and `statements` depend on the seed alone, whatever the
 * network: no transaction id, block number or signature is in them.
 */
export interface DayReport {
  readonly seed: string;
  /** Local date of delivery, `2016-05-20`. */
  readonly day: string;
  readonly network: NetworkReport;
  readonly energy: EnergyReport;
  /** What was traded again on the day; absent where it has no intraday sessions. */
  readonly intraday?: IntradayReport;
  /** What all sessions together plan to carry, hour by hour; absent where no limits of the grid act in the market. */
  readonly planned?: readonly PlannedHourReport[];
  /** What limits of connections have done; absent where the system operator limits none. */
  readonly setPoints?: SetPointsReport;
  /** What of the rent of grid limits went back to the members, in micro-units; absent on a day without such limits. */
  readonly rentSharedMicro?: string;
  readonly trades: readonly TradeReport[];
  readonly prices: readonly PriceReport[];
  readonly statements: readonly StatementReport[];
  readonly disturbances: readonly DisturbanceReport[];
  /** The call with another role's certificate. */
  readonly refusedCall: RefusedCallReport;
  readonly roles: readonly RoleReport[];
  readonly ledger: LedgerReport;
  readonly grid: GridReport;
  readonly feeder: FeederReport;
  /** Invariant number, such as `I1`, to whether it holds. */
  readonly invariants: Readonly<Record<string, boolean>>;
  /** What is wrong, in words, where an invariant does not hold. */
  readonly findings: readonly string[];
  /** Seconds from the start of the network to the report. */
  readonly durationSeconds: number;
}

/** Where the day ran. */
export interface NetworkReport {
  readonly mode: string;
  readonly description: string;
}

/** Sums over the delivery day. */
export interface EnergyReport {
  readonly consumedWh: string;
  readonly producedWh: string;
  /** Bought from and sold to each other and the supplier, as cleared. */
  readonly tradedWh: string;
  /** Out of the transformer into the grid above, and back. */
  readonly importWh: string;
  readonly exportWh: string;
}

/** All intraday sessions of the day together. */
export interface IntradayReport {
  readonly sessions: number;
  readonly intervals: number;
  readonly tradedWh: string;
}

/** What all sessions together plan to carry in the fullest quarter hour of an hour, each direction for itself. */
export interface PlannedHourReport {
  readonly start: string;
  /** Through the transformer from the grid above, and back. */
  readonly importW: string;
  readonly exportW: string;
  /** Lines, or the transformer, that would carry more than they may. */
  readonly beyondLimit: readonly string[];
}

/** Limits of connections over the whole day, and what they cost the system operator. */
export interface SetPointsReport {
  readonly spentMicro: string;
  readonly connections: readonly LimitedConnectionReport[];
}

/** What limits have done to the connections of a participant, from the lines of its statement. */
export interface LimitedConnectionReport {
  readonly participant: string;
  /** Quarter hours in which a limit held. */
  readonly quarters: number;
  readonly heldBackWh: string;
  /** The part of it that had been sold or bought: the position was corrected for it, and the operator bought or sold it instead. */
  readonly correctedWh: string;
  readonly compensationMicro: string;
  readonly takeoverMicro: string;
  /** Quarter hours in which more flowed than the limit lets, and how much. */
  readonly beyondQuarters: number;
  readonly beyondWh: string;
}

/** One side of a trade: the pool of an interval has one price, so a trade is an order's fill. */
export interface TradeReport {
  readonly interval: number;
  readonly start: string;
  readonly orderId: string;
  readonly participantId: string;
  readonly participant: string;
  readonly side: 'buy' | 'sell';
  readonly energyWh: string;
  readonly priceMicroPerKwh: string;
}

/** The clearing of one interval; the price is null where nothing was traded. */
export interface PriceReport {
  readonly interval: number;
  readonly start: string;
  /** Where limits of the grid act: the price at the grid above. */
  readonly priceMicroPerKwh: string | null;
  readonly tradedWh: string;
  /** Only where limits of the grid act. */
  readonly limits?: LimitedReport;
}

/** What limits of the grid have done to an interval. */
export interface LimitedReport {
  /** Who has named what binds: an `oracle`, the `contract`, or nobody (`fallback`). */
  readonly source: string;
  /** Ids and directions of what binds, such as `transformer backward`, and what one more kWh of it would be worth. */
  readonly binding: readonly { readonly limit: string; readonly shadowPriceMicroPerKwh: string }[];
  /** The buses at one price, and the price. */
  readonly zones: readonly { readonly buses: number; readonly priceMicroPerKwh: string | null }[];
  readonly rentMicro: string;
}

/** The totals of a statement as they stand on the ledger: amounts as decimal strings. */
export type StatementTotalsReport = {
  readonly [Field in keyof StatementTotals]: StatementTotals[Field] extends bigint | undefined ? string : number;
};

/** What a participant's day came to. */
export interface StatementReport {
  readonly participantId: string;
  readonly participant: string;
  readonly totals: StatementTotalsReport;
  /** Digest of the statement's 96 lines, which getStatement recomputes from the posting sets. */
  readonly linesDigest: string;
}

/** Something that went wrong on purpose, and what became of it. */
export interface DisturbanceReport {
  readonly what: 'silent' | 'twice' | 'damaged';
  readonly meterId: string;
  readonly hour: number;
  readonly outcome: string;
}

/** A call that must be refused. */
export interface RefusedCallReport {
  readonly role: string;
  readonly transaction: string;
  readonly code: string;
  readonly refused: boolean;
}

/** A role process at the end of the day. */
export interface RoleReport {
  readonly role: string;
  readonly organization: string;
  /** Transactions that were committed in this role's name. */
  readonly submitted: number;
  /** Transactions with facts that the event stream delivered. */
  readonly received: number;
  readonly lastBlock: number;
}

/** What the blocks say. */
export interface LedgerReport {
  readonly height: number;
  readonly transactions: number;
  /** Validation code name to number of transactions. */
  readonly validationCodes: Readonly<Record<string, number>>;
  readonly commitLatencyMs: { readonly median: number; readonly longest: number };
}

/** Loading of the grid from the readings on the ledger. */
export interface GridReport {
  readonly transformerLimitW: string;
  readonly quarters: readonly QuarterReport[];
  readonly overload: OverloadReport;
  readonly lines: readonly LineReport[];
}

/** The meter at the transformer against the sum of all others, quarter hour by quarter hour. */
export interface FeederReport {
  readonly meterId: string;
  readonly balanced: number;
  /** Quarter hours with a residual that neither losses nor the classes of the meters explain. */
  readonly flagged: number;
  /** Quarter hours in which a meter was silent. */
  readonly incomplete: number;
  /** What the balanced quarter hours leave unaccounted for: losses and the errors of meters. */
  readonly unaccountedWh: string;
  /** What went into the feeder in these quarter hours. */
  readonly intoWh: string;
}

/** The transformer in one quarter hour. */
export interface QuarterReport {
  readonly start: string;
  readonly importWh: string;
  readonly exportWh: string;
  readonly loadingPermille: number;
  readonly overloaded: boolean;
}

/** What is above the transformer's limit over the day. */
export interface OverloadReport {
  readonly quarters: number;
  readonly first: string | null;
  readonly last: string | null;
  readonly energyWh: string;
  readonly peakW: string;
}

/** The highest loading of a line over the day. */
export interface LineReport {
  readonly name: string;
  readonly limitW: string;
  readonly loadingPermille: number;
  readonly at: string;
}
