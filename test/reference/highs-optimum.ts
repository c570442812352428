import highsLoader, { type Highs } from 'highs';
import type { Market, MarketRow } from './market';

/** Loads HiGHS, an outside solver; once for a whole test. */
export async function loadHighs(): Promise<Highs> {
  return highsLoader();
}

/**
 * The welfare of the best outcome as a linear programme that HiGHS solves: a variable for each order's fill and each branch' flow, a row for
 * each bus' balance. The matrix of a network is totally unimodular and its bounds are whole, so the corner that simplex ends at is whole too; a
 * value that is not whole within HiGHS's tolerance is an error, and the welfare is computed from the whole numbers.
 */
export function solveWithHighs(highs: Highs, market: Market): bigint {
  const { fills } = solve(highs, market, []);
  return market.orders.reduce((welfare, { price, side }, column) => {
    const value = BigInt(price) * BigInt(wholeOf(fills[column] ?? NaN));
    return side === 'buy' ? welfare + value : welfare - value;
  }, 0n);
}

/** The same under rows over the net exports of the buses. The corner need not be whole then, so the welfare is what HiGHS states. */
export function solveRowsWithHighs(highs: Highs, market: Market, rows: readonly MarketRow[]): number {
  return solve(highs, market, rows).welfare;
}

/** The welfare and the fills, in the order of the orders. */
interface Solution {
  readonly welfare: number;
  readonly fills: readonly number[];
}

function solve(highs: Highs, market: Market, limitRows: readonly MarketRow[]): Solution {
  const { branches, buses, orders } = market;
  const [indices, values, starts]: [number[], number[], number[]] = [[], [], [0]];
  for (const bus of buses) {
    const term = (column: number, value: number): void => void (indices.push(column), values.push(value));
    orders.forEach((order, column) => order.bus === bus && term(column, order.side === 'sell' ? 1 : -1));
    branches.forEach(({ from, to }, index) => {
      if (from === bus) term(orders.length + index, -1);
      if (to === bus) term(orders.length + index, 1);
    });
    starts.push(indices.length);
  }
  for (const { coefficients } of limitRows) {
    orders.forEach(({ bus, side }, column) => {
      const coefficient = coefficients.get(bus) ?? 0;
      if (coefficient === 0) return;
      indices.push(column);
      values.push(side === 'sell' ? coefficient : -coefficient);
    });
    starts.push(indices.length);
  }
  const numRows = buses.length + limitRows.length;
  const balanced = buses.map(() => 0);
  const model = {
    numCols: orders.length + branches.length,
    numRows,
    sense: highs.constants.objectiveSense.maximize,
    colCost: [...orders.map(({ price, side }) => (side === 'buy' ? price : -price)), ...branches.map(() => 0)],
    colLower: [...orders.map(() => 0), ...branches.map(({ backwardWh }) => -(backwardWh ?? Infinity))],
    colUpper: [...orders.map(({ energyWh }) => energyWh), ...branches.map(({ forwardWh }) => forwardWh ?? Infinity)],
    rowLower: [...balanced, ...limitRows.map(() => -Infinity)],
    rowUpper: [...balanced, ...limitRows.map(({ bound }) => bound)],
    matrix: {
      format: 'csr' as const,
      numRows,
      numCols: orders.length + branches.length,
      starts,
      indices,
      values,
    },
  };
  return highs.withModel(model, (native) => {
    native.options.set({ output_flag: false, solver: 'simplex' });
    const { modelStatus } = native.run();
    const { empty, optimal } = highs.constants.modelStatus;
    // Without orders and branches there is nothing to choose.
    if (modelStatus === empty) return { welfare: 0, fills: [] };
    if (modelStatus !== optimal) throw new Error(`HiGHS ended with model status ${modelStatus}`);
    const fills = Array.from(native.getSolution().colValue.slice(0, orders.length));
    const welfare = orders.reduce(
      (total, { price, side }, column) => total + (side === 'buy' ? price : -price) * (fills[column] ?? NaN),
      0,
    );
    return { welfare, fills };
  });
}

function wholeOf(value: number): number {
  const whole = Math.round(value);
  if (!(Math.abs(value - whole) < 1e-4)) throw new Error(`a fill of ${value} is not whole`);
  return whole;
}
