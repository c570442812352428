import type { Side } from '@flexledger/domain';
import { CliError } from '../cli-errors';
import { atLeast, fieldsOf, identifierOf, integerOf, listOf, parseFile, shown } from './file-fields';

/** An order as the file has it; energy in Wh, the limit in micro-units per kWh (it may be below zero). */
export interface FileOrder {
  readonly id: string;
  readonly side: Side;
  readonly energyWh: bigint;
  readonly limitPriceMicroPerKwh: bigint;
  /** The bus; the slack where the file names none. */
  readonly at: string;
}

/** A line between two buses, with what it may carry in the interval in either direction. */
export interface FileLine {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Undefined where the line has no limit. */
  readonly limitWh: bigint | undefined;
  readonly reactanceMilliOhm: bigint | undefined;
}

/** A grid of the file: all buses are joined, and all lines end at buses. */
export interface FileGrid {
  readonly buses: readonly string[];
  readonly lines: readonly FileLine[];
  readonly slack: string;
}

/** A market of one interval, read and checked. */
export interface MarketFile {
  readonly orders: readonly FileOrder[];
  readonly mechanism: 'uniform' | 'pay-as-bid';
  readonly grid: FileGrid | undefined;
}

/** The bus of a market without a grid. */
const ONLY_BUS = 'the only bus';
const HOUR_SCALE = 1_000_000n;

/**
 * Reads the market of `flexledger rules clear`. Integers stand as JSON numbers below 2^53 or as decimal strings.
 *
 * @throws CliError with a code beginning with RULES_, which says what is wrong and where
 */
export function readMarketFile(text: string): MarketFile {
  const market = fieldsOf(parseFile(text, 'the market'), 'the market', ['orders', 'mechanism', 'grid', 'hours']);
  const mechanism = mechanismOf(market.mechanism);
  const microHours = microHoursOf(market.hours ?? 1);
  const grid = market.grid === undefined ? undefined : gridOf(market.grid, microHours);
  const orders = listOf(market.orders, 'orders').map((order, index) => orderOf(order, `orders[${index}]`, grid));
  refuseTwice(
    orders.map(({ id }) => id),
    'RULES_ORDER_TWICE',
    'order',
  );
  return { orders, mechanism, grid };
}

function mechanismOf(value: unknown): MarketFile['mechanism'] {
  if (value === 'uniform' || value === 'pay-as-bid') return value;
  throw new CliError('RULES_MECHANISM_UNKNOWN', `mechanism is ${shown(value)}; write "uniform" or "pay-as-bid"`);
}

/** A length such as 1, 0.25 or "0.5", in millionths of an hour. */
function microHoursOf(value: unknown): bigint {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  const [, whole, fraction = ''] = /^([0-9]{1,4})(?:\.([0-9]{1,6}))?$/.exec(text) ?? [];
  const microHours = whole === undefined ? 0n : BigInt(whole) * HOUR_SCALE + BigInt(fraction.padEnd(6, '0'));
  if (microHours > 0n) return microHours;
  throw new CliError('RULES_FIELD_INVALID', `hours is ${shown(value)}; write a number above 0 with at most 6 decimals`);
}

function orderOf(value: unknown, place: string, grid: FileGrid | undefined): FileOrder {
  const order = fieldsOf(value, place, ['id', 'side', 'energyWh', 'limitPriceMicroPerKwh', 'at']);
  const id = identifierOf(order.id, `${place}.id`);
  const { side } = order;
  if (side !== 'buy' && side !== 'sell') {
    throw new CliError('RULES_SIDE_UNKNOWN', `${place}.side is ${shown(side)}; write "buy" or "sell"`);
  }
  const energyWh = integerOf(order.energyWh);
  if (energyWh === undefined || energyWh <= 0n) {
    throw new CliError(
      'RULES_QUANTITY_INVALID',
      `${place}.energyWh is ${shown(order.energyWh)}; write a whole number of Wh above zero`,
    );
  }
  const limitPriceMicroPerKwh = integerOf(order.limitPriceMicroPerKwh);
  if (limitPriceMicroPerKwh === undefined) {
    throw new CliError(
      'RULES_PRICE_INVALID',
      `${place}.limitPriceMicroPerKwh is ${shown(order.limitPriceMicroPerKwh)}; write a whole number`,
    );
  }
  return { id, side, energyWh, limitPriceMicroPerKwh, at: busOfOrder(order.at, place, grid) };
}

function busOfOrder(value: unknown, place: string, grid: FileGrid | undefined): string {
  if (grid === undefined) {
    if (value === undefined) return ONLY_BUS;
    throw new CliError('RULES_BUS_UNKNOWN', `${place}.at names a bus, and the market has no grid`);
  }
  return value === undefined ? grid.slack : busOf(value, `${place}.at`, grid.buses);
}

function gridOf(value: unknown, microHours: bigint): FileGrid {
  const fields = fieldsOf(value, 'grid', ['buses', 'lines', 'slack']);
  const buses = listOf(fields.buses, 'grid.buses').map((bus, index) => identifierOf(bus, `grid.buses[${index}]`));
  refuseTwice(buses, 'RULES_FIELD_INVALID', 'bus');
  const slack = busOf(fields.slack, 'grid.slack', buses);
  const lines = listOf(fields.lines, 'grid.lines').map((line, index) =>
    lineOf(line, `grid.lines[${index}]`, buses, microHours),
  );
  refuseTwice(
    lines.map(({ id }) => id),
    'RULES_FIELD_INVALID',
    'line',
  );
  const alone = unreachedBus(buses, lines, slack);
  if (alone !== undefined) {
    throw new CliError(
      'RULES_GRID_DISCONNECTED',
      `no lines lead from the slack ${shown(slack)} to bus ${shown(alone)}`,
    );
  }
  return { buses, lines, slack };
}

function lineOf(value: unknown, place: string, buses: readonly string[], microHours: bigint): FileLine {
  const line = fieldsOf(value, place, ['id', 'from', 'to', 'limitW', 'xMilliOhm']);
  const from = busOf(line.from, `${place}.from`, buses);
  const to = busOf(line.to, `${place}.to`, buses);
  if (from === to) throw new CliError('RULES_FIELD_INVALID', `${place} leads from bus ${shown(from)} to itself`);
  const limitW = line.limitW === undefined ? undefined : atLeast(line.limitW, 0n, `${place}.limitW`);
  return {
    id: identifierOf(line.id, `${place}.id`),
    from,
    to,
    limitWh: limitW === undefined ? undefined : (limitW * microHours) / HOUR_SCALE,
    reactanceMilliOhm: line.xMilliOhm === undefined ? undefined : atLeast(line.xMilliOhm, 1n, `${place}.xMilliOhm`),
  };
}

function unreachedBus(buses: readonly string[], lines: readonly FileLine[], slack: string): string | undefined {
  const neighbours = new Map<string, string[]>(buses.map((bus) => [bus, []]));
  for (const { from, to } of lines) {
    neighbours.get(from)?.push(to);
    neighbours.get(to)?.push(from);
  }
  // A set may grow while it is walked.
  const reached = new Set([slack]);
  for (const bus of reached) for (const other of neighbours.get(bus) ?? []) reached.add(other);
  return buses.find((bus) => !reached.has(bus));
}

function busOf(value: unknown, place: string, buses: readonly string[]): string {
  const bus = identifierOf(value, place);
  if (!buses.includes(bus)) {
    throw new CliError('RULES_BUS_UNKNOWN', `${place} is ${shown(value)}, which is not among grid.buses`);
  }
  return bus;
}

function refuseTwice(ids: readonly string[], code: 'RULES_ORDER_TWICE' | 'RULES_FIELD_INVALID', what: string): void {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) throw new CliError(code, `the ${what} ${shown(id)} stands twice`);
    seen.add(id);
  }
}
