import {
  clearInterval,
  deriveGridClearing,
  deriveWithRows,
  meanPriceByOrder,
  payAsBidPairs,
  ptdfRows,
  searchBindingLimits,
  searchRows,
  type ClearingPrice,
  type FlowRow,
  type GridClearingRules,
  type GridIntervalClearing,
  type GridOrder,
  type MeshedLine,
} from '@flexledger/domain';
import { CliError } from '../cli-errors';
import type { FileGrid, FileLine, FileOrder, MarketFile } from './market-file';

/** What the file's orders are filled, with prices in micro-units per kWh. */
export interface ClearedFill {
  readonly id: string;
  readonly energyWh: bigint;
  readonly priceMicroPerKwh: bigint;
}

/** A line that holds the market back, and what one more kWh of it would be worth. */
export interface ClearedLimit {
  readonly id: string;
  readonly direction: string;
  readonly shadowPriceMicroPerKwh: bigint;
}

/**
 * The welfare that is reached and the least upper bound that the prices give for any welfare, both in thousandths of a micro-unit. They are
 * equal but for what rounding to whole Wh costs.
 */
export interface ClearedCertificate {
  readonly welfareNano: bigint;
  readonly upperBoundNano: bigint;
}

/** The outcome of a market. */
export interface ClearedMarket {
  readonly tradedWh: bigint;
  /** The price of everybody, on a grid that of the slack bus; undefined where nothing trades, and in pay-as-bid. */
  readonly priceMicroPerKwh: bigint | undefined;
  /** The lowest and the highest price that would do, at the slack bus; undefined where nothing trades. */
  readonly priceInterval: readonly [bigint, bigint] | undefined;
  /** Σ limit × energy of buyers less that of sellers, in micro-units, rounded down. */
  readonly welfareMicro: bigint;
  readonly fills: readonly ClearedFill[];
  /** Only with a grid. */
  readonly nodalPrices?: ReadonlyMap<string, bigint>;
  readonly bindingLimits?: readonly ClearedLimit[];
  readonly certificate?: ClearedCertificate;
}

/** Where the price lies in its interval: the middle. */
const HALF_PPM = 500_000n;
/** Most limits that are added one by one while the binding ones are looked for. */
const SEARCH_ROUNDS_MAX = 64;

/** Buses at one price, with it. */
interface PricedZone {
  readonly busIds: readonly string[];
  readonly price: ClearingPrice | undefined;
}

/**
 * Clears a market of one interval with the rules of the contract: k = 0.5, margins pro rata, on a grid within its limits.
 *
 * @throws CliError RULES_REACTANCE_MISSING for a meshed grid without reactances, RULES_NOT_CLEARED where more limits bind than are derived
 */
export function clearMarket({ orders, mechanism, grid }: MarketFile): ClearedMarket {
  const gridOrders = orders.map(({ id, side, energyWh, limitPriceMicroPerKwh, at }) => ({
    orderId: id,
    side,
    energyWh,
    limitPriceMicroPerKwh,
    busId: at,
  }));
  if (grid === undefined) {
    const { tradedWh, price, fills } = clearInterval(gridOrders, HALF_PPM);
    const busIds = [...new Set(orders.map(({ at }) => at))];
    return marketOf(orders, mechanism, { tradedWh, fills, zones: [{ busIds, price }] }, undefined);
  }
  const onGrid = isTree(grid) ? clearTree(gridOrders, grid) : clearMesh(gridOrders, grid);
  const cleared = marketOf(orders, mechanism, onGrid.clearing, grid.slack);
  const nodalPrices = nodalPricesOf(onGrid.clearing);
  return {
    ...cleared,
    ...(nodalPrices.size === 0 ? {} : { nodalPrices }),
    bindingLimits: onGrid.limits,
    certificate: { welfareNano: onGrid.clearing.welfareNano, upperBoundNano: onGrid.upperBoundNano },
  };
}

interface Outcome {
  readonly tradedWh: bigint;
  readonly fills: GridIntervalClearing['fills'];
  readonly zones: readonly PricedZone[];
}

/** Prices of each order: of its zone, or the mean of its pairs. */
function marketOf(
  orders: readonly FileOrder[],
  mechanism: MarketFile['mechanism'],
  { tradedWh, fills, zones }: Outcome,
  slack: string | undefined,
): ClearedMarket {
  const orderOf = new Map(orders.map((order) => [order.id, order]));
  const filled = fills.flatMap(({ orderId, energyWh }) => {
    const order = orderOf.get(orderId);
    return order === undefined ? [] : [{ ...order, orderId, energyWh }];
  });
  const priceOf = mechanism === 'uniform' ? zonePrices(filled, zones) : pairPrices(filled, zones);
  const reference = zones.find(({ busIds }) => slack === undefined || busIds.includes(slack))?.price;
  const welfareNano = filled.reduce(
    (total, { side, energyWh, limitPriceMicroPerKwh: limit }) => total + (side === 'buy' ? 1n : -1n) * energyWh * limit,
    0n,
  );
  return {
    tradedWh,
    priceMicroPerKwh: mechanism === 'uniform' ? reference?.clearingMicroPerKwh : undefined,
    priceInterval: reference === undefined ? undefined : [reference.lowMicroPerKwh, reference.highMicroPerKwh],
    welfareMicro: floorThousand(welfareNano),
    fills: filled.map(({ id, energyWh }) => ({ id, energyWh, priceMicroPerKwh: priceOf.get(id) ?? 0n })),
  };
}

type Filled = FileOrder & { readonly orderId: string };

function zonePrices(filled: readonly Filled[], zones: readonly PricedZone[]): ReadonlyMap<string, bigint> {
  const priceOfBus = new Map(
    zones.flatMap(({ busIds, price }) => busIds.map((busId) => [busId, price?.clearingMicroPerKwh ?? 0n] as const)),
  );
  return new Map(filled.map(({ id, at }) => [id, priceOfBus.get(at) ?? 0n]));
}

function pairPrices(filled: readonly Filled[], zones: readonly PricedZone[]): ReadonlyMap<string, bigint> {
  const pairs = zones.flatMap(({ busIds, price }) => {
    const here = new Set(busIds);
    const own = filled.filter(({ at }) => here.has(at));
    return payAsBidPairs(own, HALF_PPM, price?.clearingMicroPerKwh);
  });
  return meanPriceByOrder(pairs);
}

function nodalPricesOf({ zones }: GridIntervalClearing): ReadonlyMap<string, bigint> {
  const entries = zones.flatMap(({ busIds, price }) =>
    price === undefined ? [] : busIds.map((busId) => [busId, price.clearingMicroPerKwh] as const),
  );
  return new Map(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}

interface GridOutcome {
  readonly clearing: GridIntervalClearing;
  readonly limits: readonly ClearedLimit[];
  readonly upperBoundNano: bigint;
}

/** All buses are joined, so one line less than buses makes a tree. */
function isTree({ buses, lines }: FileGrid): boolean {
  return lines.length === buses.length - 1;
}

/** Where a price interval is open it ends at the lowest or highest limit of the orders. */
function rulesFor(orders: readonly GridOrder[]): GridClearingRules {
  const limits = orders.map(({ limitPriceMicroPerKwh }) => limitPriceMicroPerKwh);
  return {
    kPpm: HALF_PPM,
    curtailment: 'pro-rata',
    priceFloorMicroPerKwh: limits.reduce((low, limit) => (limit < low ? limit : low), limits[0] ?? 0n),
    priceCapMicroPerKwh: limits.reduce((high, limit) => (limit > high ? limit : high), limits[0] ?? 0n),
    rotation: 0n,
  };
}

function clearTree(orders: readonly GridOrder[], { buses, lines, slack }: FileGrid): GridOutcome {
  const branches = lines.map(({ id, from, to, limitWh }) => ({
    id,
    fromBus: from,
    toBus: to,
    forwardLimitWh: limitWh,
    backwardLimitWh: limitWh,
  }));
  const grid = { slackBus: slack, buses, branches };
  const rules = rulesFor(orders);
  const hint = searchBindingLimits(orders, grid, rules, SEARCH_ROUNDS_MAX);
  const derivation = hint === undefined ? undefined : deriveGridClearing(orders, grid, hint, rules);
  if (derivation?.kind !== 'cleared') throw notCleared(derivation?.code);
  const { clearing } = derivation;
  return {
    clearing,
    limits: clearing.bindingLimits
      .filter(({ shadowPriceMicroPerKwh }) => shadowPriceMicroPerKwh > 0n)
      .map(({ id, direction, shadowPriceMicroPerKwh }) => ({ id, direction, shadowPriceMicroPerKwh })),
    upperBoundNano: claimsOf(orders, clearing) + clearing.rentNano,
  };
}

/** What the orders could gain at most at their nodal prices; with the rent an upper bound of every welfare (duality). */
function claimsOf(orders: readonly GridOrder[], clearing: GridIntervalClearing): bigint {
  const prices = nodalPricesOf(clearing);
  return orders.reduce((total, { side, busId, energyWh, limitPriceMicroPerKwh: limit }) => {
    const price = prices.get(busId);
    const gain = price === undefined ? 0n : side === 'buy' ? limit - price : price - limit;
    return gain > 0n ? total + gain * energyWh : total;
  }, 0n);
}

function clearMesh(orders: readonly GridOrder[], grid: FileGrid): GridOutcome {
  const rows = ptdfRows(grid.slack, grid.buses, meshedLines(grid.lines)) ?? [];
  const limited = new Set(grid.lines.flatMap(({ id, limitWh }) => (limitWh === undefined ? [] : [id])));
  const acting = rows.filter(({ lineId }) => limited.has(lineId));
  const meshed = { slackBus: grid.slack, buses: grid.buses, branches: [], rows: acting };
  const hint = searchRows(orders, meshed, SEARCH_ROUNDS_MAX);
  const derivation = hint === undefined ? undefined : deriveWithRows(orders, meshed, hint, rulesFor(orders));
  if (derivation?.kind !== 'cleared') throw notCleared(derivation?.code);
  const rowOf = new Map<string, FlowRow>(acting.map((row) => [row.id, row]));
  const limits = derivation.duals.flatMap(({ id, dual }) => {
    const row = rowOf.get(id);
    if (row === undefined) return [];
    // The row counts flow × scale, so one kWh more of the line is worth dual × scale.
    const shadowPriceMicroPerKwh = (dual.numerator * row.scale) / dual.denominator;
    return [{ id: row.lineId, direction: row.direction, shadowPriceMicroPerKwh }];
  });
  const { numerator, denominator } = derivation.optimalWelfareNano;
  return { clearing: derivation.clearing, limits, upperBoundNano: numerator / denominator };
}

function meshedLines(lines: readonly FileLine[]): readonly MeshedLine[] {
  return lines.map(({ id, from, to, limitWh, reactanceMilliOhm }) => {
    if (reactanceMilliOhm === undefined) {
      throw new CliError(
        'RULES_REACTANCE_MISSING',
        `line ${JSON.stringify(id)} has no xMilliOhm, which a grid with a ring needs on every line`,
      );
    }
    return { id, fromBus: from, toBus: to, limitWh: limitWh ?? 0n, reactanceMilliOhm };
  });
}

function notCleared(code: string | undefined): CliError {
  const why = code === undefined ? '' : ` (${code})`;
  return new CliError('RULES_NOT_CLEARED', `the limits that bind were not found in ${SEARCH_ROUNDS_MAX} rounds${why}`);
}

function floorThousand(nano: bigint): bigint {
  const micro = nano / 1_000n;
  return micro * 1_000n > nano ? micro - 1n : micro;
}
