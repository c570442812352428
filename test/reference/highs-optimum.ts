import highsLoader, { type Highs } from 'highs';
import type { Market } from './market';

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
  const balanced = buses.map(() => 0);
  const model = {
    numCols: orders.length + branches.length,
    numRows: buses.length,
    sense: highs.constants.objectiveSense.maximize,
    colCost: [...orders.map(({ price, side }) => (side === 'buy' ? price : -price)), ...branches.map(() => 0)],
    colLower: [...orders.map(() => 0), ...branches.map(({ backwardWh }) => -(backwardWh ?? Infinity))],
    colUpper: [...orders.map(({ energyWh }) => energyWh), ...branches.map(({ forwardWh }) => forwardWh ?? Infinity)],
    rowLower: balanced,
    rowUpper: balanced,
    matrix: {
      format: 'csr' as const,
      numRows: buses.length,
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
    if (modelStatus === empty) return 0n;
    if (modelStatus !== optimal) throw new Error(`HiGHS ended with model status ${modelStatus}`);
    const { colValue } = native.getSolution();
    return orders.reduce((welfare, { price, side }, column) => {
      const value = BigInt(price) * BigInt(wholeOf(colValue[column] ?? NaN));
      return side === 'buy' ? welfare + value : welfare - value;
    }, 0n);
  });
}

function wholeOf(value: number): number {
  const whole = Math.round(value);
  if (!(Math.abs(value - whole) < 1e-4)) throw new Error(`a fill of ${value} is not whole`);
  return whole;
}
